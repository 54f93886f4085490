import ByteIO
import Migration

/// Commands (MIG_CMD_…), and the package, which is a stream within the stream.
extension StreamReader {
    mutating func command<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        let start = source.position
        guard try load(5) >= 5 else { return try cutOr("a command", into: &visitor) }
        let code: UInt16 = source.window.bigEndian(at: 1)
        let length = Int(source.window.bigEndian(at: 3, as: UInt16.self))
        guard try load(5 + length) >= 5 + length else {
            return try cutOr("\(length) octets of a command", into: &visitor)
        }
        if code == StreamCommand.packaged, length == 4, bound == nil {
            return try package(at: start, into: &visitor)
        }
        if code == 3, length == 16 {
            let size: UInt64 = source.window.bigEndian(at: 13)
            if pageSize == nil, StreamReader.isPageSize(size) { pageSize = size }
        }
        // QEMU forgets the remembered block when it recovers.
        try visitor.command(code, payload: source.window.extracting(5..<5 + length))
        source.consume(5 + length)
    }

    private mutating func package<V: MigrationVisitor & ~Copyable>(
        at start: UInt64, into visitor: inout V
    ) throws(MigrationError) {
        let length: UInt32 = source.window.bigEndian(at: 5)
        guard Int(length) <= options.waitLimit else {
            throw error(
                .limit, at: start + 5, path: "PACKAGED",
                expected: "a package of at most \(options.waitLimit) octets", found: "\(length)",
                hint: "--wait-limit raises the limit")
        }
        guard try load(9 + Int(length)) >= 9 + Int(length) else {
            return try cutOr("a package of \(length) octets", into: &visitor)
        }
        source.consume(9)
        try visitor.beginPackage(length: length)
        bound = source.position + UInt64(length)
        try items(into: &visitor)
        bound = nil
        isPostcopy = true
        try visitor.endPackage()
    }

    /// The items of a package end where it does.
    func endOfPackage(_ bound: UInt64) throws(MigrationError) {
        guard source.position == bound else { throw pastPackage(bound) }
    }

    private func pastPackage(_ bound: UInt64) -> MigrationError {
        error(
            .corrupt, at: bound, path: "PACKAGED", expected: "an item that ends with its package",
            found: "one that goes on behind it",
            hint: "the package's length is wrong, or an octet before this was read wrongly")
    }

    /// At the input's end inside an item: an error, unless post-copy has begun.
    mutating func cutOr<V: MigrationVisitor & ~Copyable>(
        _ expected: String, path: String = "", into visitor: inout V
    ) throws(MigrationError) {
        // The whole package is at hand: what meets the input's end has gone past the package's.
        if let bound { throw pastPackage(bound) }
        guard isPostcopy || isColo else { throw truncated(expected, path: path) }
        warnOfCut()
        carriesRest = true
    }
}
