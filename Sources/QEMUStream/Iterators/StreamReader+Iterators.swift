import ByteIO
import Migration

/// Iterators whose records are known: a payload goes by record by record, its data in pieces.
extension StreamReader {
    /// Octets of a record that is looked at whole where the input may end within it.
    private static let wholeRecordLimit: UInt64 = 16 << 20

    /// Reads a section of START, PART or END.
    /// - Returns: whether its first record is one that the layout knows; if not, nothing is
    ///   consumed.
    mutating func iterator<V: MigrationVisitor & ~Copyable>(
        _ layout: IteratorLayout, _ header: SectionHeader, headSize: Int, at offset: UInt64,
        into visitor: inout V
    ) throws(MigrationError) -> Bool {
        switch try firstRecord(layout, at: headSize) {
        case .none:
            options.warn(
                MigrationWarning(
                    .iteratorAsBlob, at: offset + UInt64(headSize), path: header.name,
                    "carried as a blob, since it begins with no record of \(layout.title)"))
            return false
        case .cut:
            source.consume(headSize)
            try cutOr("a record of \(layout.title)", path: header.name, into: &visitor)
            let count = source.available
            try visitor.beginSection(header, contents: .opaque(length: UInt64(count)), at: offset)
            if count > 0 { try visitor.opaque(source.window) }
            source.consume(count)
            try visitor.endSection(footer: false)
            return true
        case .whole: break
        }
        source.consume(headSize)
        try visitor.beginSection(header, contents: .iterator(layout), at: offset)
        var scanner = IteratorScanner(layout)
        if try records(&scanner, header, into: &visitor) {
            try footer(header, into: &visitor)
        } else {
            try visitor.endSection(footer: false)
        }
        return true
    }

    private enum FirstRecord { case none, cut, whole }

    /// Looks at a payload's first record, or its end, without consuming anything.
    private mutating func firstRecord(
        _ layout: IteratorLayout, at start: Int
    ) throws(MigrationError) -> FirstRecord {
        var scanner = IteratorScanner(layout)
        var at = start
        while true {
            switch try iteratorStep(&scanner, behind: at) {
            case .implied(let size): at += size
            case .record(let size):
                if isPostcopy || isColo, try !isRecordWhole(at + size, scanner.record) {
                    return .cut
                }
                return .whole
            // The fault is told where the records are read.
            case .end, .fault, .data: return .whole
            case .needsMore: return .cut
            case .unknown: return .none
            }
        }
    }

    /// Widens the window until the scanner knows what stands in it `behind` so many octets.
    private mutating func iteratorStep(
        _ scanner: inout IteratorScanner, behind: Int = 0, left: Int? = nil
    ) throws(MigrationError) -> IteratorScanner.Step {
        while true {
            _ = try load(behind + 1)
            let count = source.available
            let step = scanner.step(
                source.window.extracting(min(behind, count)..<count), left: left)
            guard case .needsMore = step else { return step }
            guard try extend() else { return step }
        }
    }

    /// Tells a payload's records.
    /// - Returns: whether it is whole; `false` if the input ends in it, after a broken connection.
    private mutating func records<V: MigrationVisitor & ~Copyable>(
        _ scanner: inout IteratorScanner, _ header: SectionHeader, into visitor: inout V
    ) throws(MigrationError) -> Bool {
        while true {
            switch try iteratorStep(&scanner) {
            case .implied(let size): source.consume(size)
            case .end(let size):
                source.consume(size)
                return true
            case .record(let size):
                if isPostcopy || isColo, try !isRecordWhole(size, scanner.record) {
                    try cut(scanner, header, into: &visitor)
                    return false
                }
                try visitor.iteratorRecord(scanner.record)
                source.consume(size)
            case .data(let size):
                try visitor.iteratorData(source.window.extracting(first: size))
                source.consume(size)
            case .needsMore:
                try cut(scanner, header, into: &visitor)
                return false
            case .unknown:
                try rest(scanner.layout, header, into: &visitor)
                return true
            case .fault(let at, let part, let expected, let found):
                throw error(
                    .corrupt, at: source.position + UInt64(at), path: "\(header.name).\(part)",
                    expected: expected, found: found)
            }
        }
    }

    private mutating func isRecordWhole(
        _ size: Int, _ record: borrowing IteratorRecord
    ) throws(MigrationError) -> Bool {
        guard record.dataLength <= StreamReader.wholeRecordLimit else { return true }
        let whole = size + Int(record.dataLength)
        return try load(whole) >= whole
    }

    /// The input ends inside the section: an error, unless post-copy has begun.
    private mutating func cut<V: MigrationVisitor & ~Copyable>(
        _ scanner: IteratorScanner, _ header: SectionHeader, into visitor: inout V
    ) throws(MigrationError) {
        guard scanner.dataLeft == 0 || isPostcopy || isColo else {
            let record = scanner.layout.records[scanner.record.kind]
            throw truncated(
                "\(scanner.dataLeft) octets more of data", path: "\(header.name).\(record.name)")
        }
        try cutOr("a record of \(scanner.layout.title)", path: header.name, into: &visitor)
        let count = source.available
        try visitor.iteratorRest(source.window)
        source.consume(count)
    }

    /// Carries what is no record, if the section's footer tells where that ends.
    private mutating func rest<V: MigrationVisitor & ~Copyable>(
        _ layout: IteratorLayout, _ header: SectionHeader, into visitor: inout V
    ) throws(MigrationError) {
        guard let count = try findFooter(header, from: 0) else {
            throw error(
                .corrupt, at: source.position, path: header.name,
                expected: "a record of \(layout.title)",
                found: source.window.extracting(first: min(8, source.available)).octets
                    .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " "),
                hint: "a newer QEMU wrote this, or the stream is damaged; "
                    + "no footer tells where the section ends")
        }
        options.warn(
            MigrationWarning(
                .iteratorAsBlob, at: source.position, path: header.name,
                "\(count) octets up to the section's footer are carried as a blob, "
                    + "since they begin with no record of \(layout.title)"))
        try visitor.iteratorRest(source.window.extracting(first: count))
        source.consume(count)
    }

    // MARK: FULL sections

    /// Reads a FULL section of an iterator, which lies in the window, if all its `length` octets
    /// are records.
    /// - Returns: whether they are; if not, nothing is consumed.
    mutating func fullIterator<V: MigrationVisitor & ~Copyable>(
        _ header: SectionHeader, headSize: Int, length: Int, at offset: UInt64,
        into visitor: inout V
    ) throws(MigrationError) -> Bool {
        guard let layout = IteratorRegistry.layout(for: header) else { return false }
        var scanner = IteratorScanner(layout)
        let payload = headSize..<headSize + length
        guard scanner.isWhole(source.window.extracting(payload)) else { return false }
        try visitor.beginSection(header, contents: .iterator(layout), at: offset)
        try scanner.tell(source.window.extracting(payload), into: &visitor)
        source.consume(headSize + length)
        try footer(header, into: &visitor)
        return true
    }
}
