import BER
import ByteIO
import Migration

/// Reads the records of a mapped-ram stream's block list, and holds them to their order.
struct MappedRAMDecoder {
    /// Octets of blocks still to come; `nil` outside a list.
    private var left: UInt64?
    private var block: RAMBlock?
    private var layout: MappedRAMLayout?
    /// Where the next record's octets may begin, in which part: 0 the bitmap, 1 the gap, 2 the pages.
    private var part = 0
    private var floor: UInt64 = 0

    /// Octets of a bitmap or a gap that are told at once.
    private static let piece = 64 << 10

    /// - Parameter isPartial: whether parts of a list are read, so that its total says nothing.
    init(isPartial: Bool = false) { left = isPartial ? .max : nil }

    /// Reads `mapped`.
    mutating func total<V: MigrationVisitor & ~Copyable>(
        _ record: BERElement, _ input: inout ElementReader, into visitor: inout V
    ) throws(MigrationError) {
        let total = try input.unsigned(record, "mapped")
        left = total
        block = nil
        try visitor.ramMapped(total: total)
    }

    /// The end of the section: the list must be complete.
    mutating func end(at offset: UInt64, _ path: String) throws(MigrationError) {
        block = nil
        guard let left = left.take(), left > 0 else { return }
        throw MigrationError(
            .corrupt, at: offset, path: path, expected: "blocks of \(left) octets more",
            found: "the end of the section")
    }

    /// Reads the rest of a `RAMMappedBlock` that was just opened, and its end.
    mutating func block<V: MigrationVisitor & ~Copyable>(
        _ record: BERElement, _ input: inout ElementReader, _ pages: inout PageGroupDecoder,
        into visitor: inout V
    ) throws(MigrationError) {
        var block = RAMBlock(name: try input.text("name"), length: 0)
        let length = try input.next(.integer, constructed: false, "len")
        block.length = try input.unsigned(length, "len")
        var next = try input.next("address or pagesize")
        if next.tag == .context(1), !next.isConstructed {
            block.address = try input.unsigned(next, "address")
            next = try input.next("pagesize")
        }
        guard next.tag == .integer else { throw input.unexpected(next, "pagesize") }
        let pageSize = try input.unsigned(next, "pagesize")
        let bitmap = try input.next(.integer, constructed: false, "bitmapoffset")
        let bitmapOffset = try input.unsigned(bitmap, "bitmapoffset")
        let first = try input.next(.integer, constructed: false, "pagesoffset")
        let header = MappedRAMHeader(
            pageSize: pageSize, bitmapOffset: bitmapOffset,
            pagesOffset: try input.unsigned(first, "pagesoffset"))
        try input.end()
        guard let left, block.length <= left else {
            throw MigrationError(
                .corrupt, at: length.offset, path: input.pathText + ".len",
                expected: left.map { "at most \($0), what is left of the blocks' sum" }
                    ?? "the list's total before its blocks", found: "\(block.length)")
        }
        do { layout = try MappedRAMLayout(block, header) } catch {
            let element =
                switch error.field {
                case .length: length
                case .pageSize: next
                case .bitmapOffset: bitmap
                case .pagesOffset: first
                }
            throw MigrationError(
                .corrupt, at: element.offset, path: input.pathText, expected: error.expected,
                found: error.found)
        }
        self.left = left - block.length
        block.mapped = header
        self.block = block
        part = 0
        floor = 0
        pages.takeMapped(block, pagesSize: layout?.pagesSize ?? 0)
        try visitor.ramMappedBlock(block)
    }

    /// Reads the rest of a `RAMBitmap` or `RAMGap` that was just opened, and its end.
    mutating func octets<V: MigrationVisitor & ~Copyable>(
        _ which: MappedRAMPart, _ record: BERElement, _ input: inout ElementReader,
        into visitor: inout V
    ) throws(MigrationError) {
        try begin(which == .bitmap ? 0 : 1, record, try input.text("block"), input.pathText)
        let room = which == .bitmap ? layout?.bitmapSize ?? 0 : layout?.gapSize ?? 0
        let first = try input.next(.integer, constructed: false, "offset")
        var at = try input.unsigned(first, "offset")
        guard at >= floor else {
            throw MigrationError(
                .corrupt, at: first.offset, path: input.pathText + ".offset",
                expected: "at least \(floor), behind the octets before", found: "\(at)")
        }
        var held = HeldOctets(part: which, start: at)
        _ = try input.next(.sequence, constructed: true, "octets")
        while let entry = try input.next() {
            let run = try self.run(entry, &input)
            let size = run.count + UInt64(run.octets.count)
            guard at <= room, size <= room - at else {
                throw MigrationError(
                    .corrupt, at: entry.offset, path: input.pathText,
                    expected: "octets within the \(room) of the \(which)",
                    found: "\(size) from \(at) on")
            }
            try held.add(run.octets, into: &visitor)
            try held.add(run.value, count: run.count, into: &visitor)
            at += size
        }
        try held.flush(into: &visitor)
        floor = at
        try input.end()
    }

    /// Reads a `RAMStored` that was just opened, and its end.
    mutating func pages<V: MigrationVisitor & ~Copyable>(
        _ record: BERElement, _ input: inout ElementReader, _ pages: inout PageGroupDecoder,
        into visitor: inout V
    ) throws(MigrationError) {
        try begin(2, record, block?.name ?? "", input.pathText)
        pages.mappedFloor = floor
        try pages.read(record, isStored: true, &input, into: &visitor)
        floor = pages.mappedFloor
    }

    /// A record of a part begins: the parts ascend, in the block that is open.
    private mutating func begin(
        _ which: Int, _ record: BERElement, _ name: String, _ path: String
    ) throws(MigrationError) {
        guard let block, block.name == name else {
            throw MigrationError(
                .corrupt, at: record.offset, path: path,
                expected: block.map { "a part of the block \($0.name)" } ?? "a mapped block before",
                found: name.isEmpty ? "none" : "one of \(name)")
        }
        guard which >= part else {
            throw MigrationError(
                .corrupt, at: record.offset, path: path,
                expected: "the block's bitmap, its gap and its pages in this order",
                found: "another")
        }
        if which > part { floor = 0 }
        part = which
    }

    /// An entry: some octets, or a run.
    private func run(
        _ entry: BERElement, _ input: inout ElementReader
    ) throws(MigrationError) -> (octets: [UInt8], value: UInt8, count: UInt64) {
        switch entry.tag {
        case .octetString:
            return (try input.octets(entry, limit: PageGroupDecoder.heldLimit), 0, 0)
        case SchemaTag.zero where !entry.isConstructed:
            return ([], 0, try count(entry, &input))
        case SchemaTag.fill where entry.isConstructed:
            let value = try input.next(.integer, constructed: false, "value")
            let octet = try input.unsigned(value, limit: 255, "value")
            let number = try input.next(.integer, constructed: false, "count")
            let count = try count(number, &input)
            try input.end()
            return ([], UInt8(truncatingIfNeeded: octet), count)
        default: throw input.unexpected(entry, "octets, zero or fill")
        }
    }

    private func count(
        _ element: BERElement, _ input: inout ElementReader
    ) throws(MigrationError) -> UInt64 {
        let count = try input.unsigned(element, limit: UInt64(Int64.max), "count")
        guard count > 0 else {
            throw MigrationError(
                .corrupt, at: element.offset, path: input.pathText, expected: "at least 1",
                found: "0")
        }
        return count
    }

    /// Octets on their way to a visitor, told in pieces whose ends the offset alone sets.
    private struct HeldOctets {
        let part: MappedRAMPart
        private var start: UInt64
        private var octets: [UInt8] = []

        init(part: MappedRAMPart, start: UInt64) {
            self.part = part
            self.start = start
        }

        private var room: Int {
            let behind = Int(start % UInt64(MappedRAMDecoder.piece)) + octets.count
            return MappedRAMDecoder.piece - behind
        }

        mutating func add<V: MigrationVisitor & ~Copyable>(
            _ more: [UInt8], into visitor: inout V
        ) throws(MigrationError) {
            var at = 0
            while at < more.count {
                let step = min(room, more.count - at)
                octets.append(contentsOf: more[at..<at + step])
                at += step
                if room == 0 { try flush(into: &visitor) }
            }
        }

        mutating func add<V: MigrationVisitor & ~Copyable>(
            _ value: UInt8, count: UInt64, into visitor: inout V
        ) throws(MigrationError) {
            var left = count
            while left > 0 {
                if value == 0, octets.isEmpty {
                    start += left
                    return
                }
                let step = Int(min(UInt64(room), left))
                octets.append(contentsOf: repeatElement(value, count: step))
                left -= UInt64(step)
                if room == 0 { try flush(into: &visitor) }
            }
        }

        mutating func flush<V: MigrationVisitor & ~Copyable>(
            into visitor: inout V
        ) throws(MigrationError) {
            if octets.isEmpty { return }
            // An array of octets has no padding that could be read.
            if unsafe !octets.span.bytes.isZero {
                try visitor.ramMappedOctets(part, at: start, unsafe octets.span.bytes)
            }
            start += UInt64(octets.count)
            octets.removeAll(keepingCapacity: true)
        }
    }
}
