import BER
import ByteIO
import Migration

/// The records of a mapped-ram stream's block list, to be written.
enum MappedRAMCoding {
    static func tag(_ part: MappedRAMPart) -> Tag {
        part == .bitmap ? SchemaTag.bitmap : SchemaTag.gap
    }

    /// Writes `RAMMappedBlock`.
    static func write(_ block: RAMBlock, to writer: inout BERWriter) throws(ByteIOError) {
        let header = block.mapped ?? MappedRAMHeader(pageSize: 0, bitmapOffset: 0, pagesOffset: 0)
        let numbers = [header.pageSize, header.bitmapOffset, header.pagesOffset]
        var size = BERSize.element(.utf8String, block.name.utf8.count)
        size += BERSize.integer(.integer, block.length)
        if let address = block.address { size += BERSize.integer(.context(1), address) }
        for number in numbers { size += BERSize.integer(.integer, number) }
        try writer.head(SchemaTag.mappedBlock, constructed: true, length: size)
        try writer.string(.utf8String, block.name)
        try writer.integer(.integer, block.length)
        if let address = block.address { try writer.integer(.context(1), address) }
        for number in numbers { try writer.integer(.integer, number) }
    }

    /// Writes `RAMBitmap` or `RAMGap`, unless the octets are all 0.
    static func write(
        _ part: MappedRAMPart, of block: String, at offset: UInt64, _ octets: RawSpan,
        to writer: inout BERWriter
    ) throws(ByteIOError) {
        let runs = OctetRuns(octets)
        guard let first = runs.entries.first else { return }
        let start = offset + UInt64(first.start)
        try writer.head(
            tag(part), constructed: true,
            length: BERSize.element(.utf8String, block.utf8.count)
                + BERSize.integer(.integer, start) + BERSize.element(.sequence, runs.size))
        try writer.string(.utf8String, block)
        try writer.integer(.integer, start)
        try writer.head(.sequence, constructed: true, length: runs.size)
        try runs.write(octets, to: &writer)
    }
}

/// Octets as runs of equal ones and others between, without the zeros before and behind.
struct OctetRuns {
    struct Entry {
        var start: Int
        var count: Int
        /// The octet of a run; `nil` for octets that differ.
        var value: UInt8?
    }

    /// Equal octets that make a run.
    static let runLength = 16

    private(set) var entries: [Entry] = []
    /// Octets of the entries in BER.
    private(set) var size = 0

    init(_ octets: RawSpan) {
        guard let first = octets.firstNonZero else { return }
        var end = octets.byteCount
        while octets.octet(at: end - 1) == 0 { end -= 1 }
        var literal = first
        var at = first
        while at < end {
            let value = octets.octet(at: at)
            var behind = at + 1
            while behind < end, octets.octet(at: behind) == value { behind += 1 }
            if behind - at >= OctetRuns.runLength {
                add(Entry(start: literal, count: at - literal))
                add(Entry(start: at, count: behind - at, value: value))
                literal = behind
            }
            at = behind
        }
        add(Entry(start: literal, count: end - literal))
    }

    private mutating func add(_ entry: Entry) {
        if entry.count == 0 { return }
        entries.append(entry)
        switch entry.value {
        case nil: size += BERSize.element(.octetString, entry.count)
        case 0?: size += BERSize.integer(SchemaTag.zero, UInt64(entry.count))
        case let value?: size += BERSize.element(SchemaTag.fill, OctetRuns.fillSize(entry, value))
        }
    }

    private static func fillSize(_ entry: Entry, _ value: UInt8) -> Int {
        BERSize.integer(.integer, UInt64(value)) + BERSize.integer(.integer, UInt64(entry.count))
    }

    /// - Parameter octets: those that the runs were made from.
    func write(_ octets: RawSpan, to writer: inout BERWriter) throws(ByteIOError) {
        for entry in entries {
            switch entry.value {
            case nil:
                try writer.string(
                    .octetString, octets.extracting(entry.start..<entry.start + entry.count))
            case 0?: try writer.integer(SchemaTag.zero, UInt64(entry.count))
            case let value?:
                try writer.head(
                    SchemaTag.fill, constructed: true, length: OctetRuns.fillSize(entry, value))
                try writer.integer(.integer, UInt64(value))
                try writer.integer(.integer, UInt64(entry.count))
            }
        }
    }
}
