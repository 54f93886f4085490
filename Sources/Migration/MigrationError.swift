/// What is wrong with a stream or a file, and where.
///
/// Truncated, corrupt and unsupported are different codes: they ask for different help.
public struct MigrationError: Error, Hashable, Sendable {
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The input ends before it is complete.
        case truncated
        /// The input contradicts its format.
        case corrupt
        /// The input is well-formed, as far as can be told, but nothing Berth knows.
        case unsupported
        /// A checkpoint or an index does not agree with the octets before it.
        case checksum
        /// A named limit was reached.
        case limit
        /// The operating system could not read or write.
        case io
    }

    public var code: Code
    /// Octets from the start of the input; of the output for a failed write.
    public var offset: UInt64?
    /// The place in the stream's structure, as in `ram/pc.ram` or `top[3].part`.
    public var path: String
    public var expected: String
    public var found: String
    /// What to do about it.
    public var hint: String?

    public init(
        _ code: Code, at offset: UInt64? = nil, path: String = "", expected: String, found: String,
        hint: String? = nil
    ) {
        self.code = code
        self.offset = offset
        self.path = path
        self.expected = expected
        self.found = found
        self.hint = hint
    }
}

extension MigrationError {
    /// A name for a message that may be no name: where the framing is lost, octets of the guest's
    /// memory stand in its place, and a message is not to show more than a few of them.
    public static func excerpt(_ name: String) -> String {
        let count = name.utf8.count
        return count <= 8 ? "\"\(name)\"" : "\"\(name.prefix(8))…\" of \(count) octets"
    }
}

extension MigrationError: CustomStringConvertible {
    public var description: String {
        var parts: [String] = []
        if let offset { parts.append("offset 0x" + String(offset, radix: 16)) }
        if !path.isEmpty { parts.append(path) }
        switch code {
        case .io: parts.append(found)
        default: parts.append("\(code.rawValue): expected \(expected), found \(found)")
        }
        return parts.joined(separator: ": ")
    }
}

/// Something that a user should know of, though the work goes on.
public struct MigrationWarning: Hashable, Sendable {
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// A device whose fields don't give its octets back is kept as a blob.
        case deviceAsBlob = "device-as-blob"
        /// Devices are kept as blobs because nothing describes them.
        case noDescription = "no-description"
        /// A part of a device that its description misses is kept as a blob.
        case fieldAsBlob = "field-as-blob"
        /// What an iterator sent is no record that is known, and is kept as octets.
        case iteratorAsBlob = "iterator-as-blob"
        /// A stretch whose inner boundaries can't be proved is kept as raw octets.
        case carriedRaw = "carried-raw"
        /// The stream ends where a broken connection cut it.
        case cutConnection = "cut-connection"
        /// The file around the stream says itself that it is not complete.
        case partialContainer = "partial-container"
        /// The containers around the stream are more than a BER file keeps.
        case containerDropped = "container-dropped"
    }

    public var code: Code
    /// Octets from the start of the input.
    public var offset: UInt64
    public var path: String
    public var message: String

    public init(_ code: Code, at offset: UInt64, path: String = "", _ message: String) {
        self.code = code
        self.offset = offset
        self.path = path
        self.message = message
    }
}

extension MigrationWarning: CustomStringConvertible {
    public var description: String {
        let place = path.isEmpty ? "" : path + ": "
        return "offset 0x\(String(offset, radix: 16)): \(place)\(message)"
    }
}
