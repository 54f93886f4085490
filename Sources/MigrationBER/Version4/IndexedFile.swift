internal import BER
public import ByteIO
public import Migration

/// A version 4 file that is read by its index: single pages, without what lies before them.
///
/// The main channel alone: pages of several channels are ordered by marks that no index tells.
public struct IndexedFile {
    /// What an entry of the index leads to.
    struct Entry {
        /// Octets from the start of the file.
        var offset: UInt64
        /// Where the next entry begins.
        var end: UInt64
        var block: String?
        /// The first octets of the first and the last page, in the block.
        var first: UInt64?
        var last: UInt64?
    }

    /// Whether entries may have been merged, so that one without a block may hold pages.
    private let isThinned: Bool
    private let range: FileRange
    private let entries: [Entry]

    /// Octets of an index that are read; 65 536 entries take some 3 MiB.
    private static let indexLimit: UInt64 = 64 << 20

    /// Reads the index.
    /// - Returns: `nil` if the source is no file that is read so: no regular file, another version,
    ///   without an index, or with channels beside the main one.
    /// - Throws: ``MigrationError`` if the index is damaged.
    public init?(_ source: borrowing ByteSource) throws(MigrationError) {
        guard let range = source.range(), let size = range.size,
            let header = try Self.header(range), header.channels ?? 0 == 0
        else { return nil }
        // here: the index begins at …; the end of top; the end of the file.
        let tail = try Self.octets(range, at: size - min(size, 14), count: 14)
        guard tail.count == 14, tail[0] == 0x04, tail[1] == 0x08,
            tail[10...].allSatisfy({ $0 == 0 })
        else { return nil }
        let here = tail[2..<10].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard here < size, size - here <= Self.indexLimit, let rest = range.suffix(from: here)
        else {
            throw MigrationError(
                .corrupt, at: size - 12, path: "QemuFile.top.index.here",
                expected: "the place of an index before", found: "0x\(String(here, radix: 16))")
        }
        var input = ElementReader(ByteSource(producer: rest, capacity: 256 << 10))
        input.path = ["QemuFile", "top"]
        let item: BERElement
        do {
            input.reader.checksum = CRC32C()
            item = try input.next(SchemaTag.index, constructed: true, "the index")
            entries = try Self.entries(item, &input, here: here)
        } catch {
            var error = error
            error.offset = error.offset.map { $0 + here }
            throw error
        }
        self.range = range
        isThinned = entries.count > FormatLimit.indexEntries / 2
    }

    private static func header(_ range: FileRange) throws(MigrationError) -> StreamHeader? {
        guard let start = range.suffix(from: 0) else { return nil }
        var input = ElementReader(ByteSource(producer: start, capacity: 64 << 10))
        guard let file = try? input.next(), file.tag == SchemaTag.qemuFile else { return nil }
        let version = try input.next(.integer, constructed: false, "version")
        guard try input.unsigned(version, "version") == 4 else { return nil }
        return try StreamInfo.read(&input)
    }

    private static func octets(
        _ range: FileRange, at offset: UInt64, count: Int
    ) throws(MigrationError) -> [UInt8] {
        do { return try range.octets(at: offset, count: count) } catch {
            throw MigrationError(.io, expected: "", found: "\(error)")
        }
    }

    private static func entries(
        _ item: BERElement, _ input: inout ElementReader, here: UInt64
    ) throws(MigrationError) -> [Entry] {
        var entries: [Entry] = []
        let head = input.reader.checksumBefore
        _ = try input.next(.sequence, constructed: true, "entries")
        while let element = try input.next() {
            guard element.tag == .sequence, entries.count < FormatLimit.indexEntries else {
                throw input.unexpected(element, "an IndexEntry")
            }
            let offset = try input.next(.integer, constructed: false, "offset")
            var entry = Entry(offset: try input.unsigned(offset, limit: here, "offset"), end: here)
            while let option = try input.next() {
                switch option.tag {
                case .utf8String: entry.block = try input.text(option, "block", range: 0...255)
                case .context(0): entry.first = try input.unsigned(option, "addr")
                case .context(1): entry.last = try input.unsigned(option, "last")
                default: throw input.unexpected(option, "block, addr or last")
                }
            }
            if let before = entries.last {
                guard before.offset < entry.offset else {
                    throw MigrationError(
                        .corrupt, at: offset.contentOffset, path: input.pathText + ".index",
                        expected: "ascending offsets", found: "\(entry.offset)")
                }
                entries[entries.count - 1].end = entry.offset
            }
            entries.append(entry)
        }
        let crc = try IndexCoding.crc(&input) { (input) throws(MigrationError) in
            try input.skipRest()
        }
        let all = input.reader.checksumBefore
        let stated = try input.octets(crc, limit: 4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard head?.value == 0, all?.value == stated else {
            throw MigrationError(
                .checksum, at: crc.offset, path: input.pathText + ".index",
                expected: "CRC-32C \(String(stated, radix: 16)) of the index",
                found: String(all?.value ?? 0, radix: 16))
        }
        return entries
    }

    // MARK: Reading

    /// Tells the block list, the configuration and the devices: all that is no page.
    public func items<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        for entry in entries where entry.block == nil {
            try items(of: entry, into: &visitor)
        }
        var walk = Walk(block: nil)
        for entry in entries where entry.first == nil && entry.block != nil {
            try self.walk(entry, &walk, into: &visitor)
        }
    }

    private func items<V: MigrationVisitor & ~Copyable>(
        of entry: Entry, into visitor: inout V
    ) throws(MigrationError) {
        guard let source = source(entry.offset, prefix: 0) else { return }
        var probe = ElementReader(source)
        guard let element = try probe.next() else { return }
        if element.tag == SchemaTag.configuration || element.tag == SchemaTag.secFull,
            !isThinned, let length = element.length, length <= UInt64(FormatLimit.held)
        {
            guard let whole = self.source(entry.offset, prefix: 0) else { return }
            var reader = Version4Reader(ElementReader(whole))
            try reader.nextItem(into: &visitor)
        } else if element.tag == SchemaTag.secStart || isThinned {
            var walk = Walk(block: nil)
            try self.walk(entry, &walk, into: &visitor)
        }
    }

    /// Tells the groups that have pages in some part of a block, in stream order; they may have
    /// others too. Of a mapped block its head and bitmap come before.
    public func pages<V: MigrationVisitor & ~Copyable>(
        of block: String, in part: Range<UInt64>, into visitor: inout V
    ) throws(MigrationError) {
        var walk = Walk(block: block)
        for entry in entries {
            if let name = entry.block {
                guard name == block else { continue }
                if let first = entry.first, let last = entry.last,
                    first >= part.upperBound || last < part.lowerBound,
                    // The last page reaches beyond its first octet.
                    first >= part.upperBound || part.lowerBound - last > FormatLimit.largestPage
                {
                    continue
                }
            } else if !isThinned {
                continue
            }
            try self.walk(entry, &walk, into: &visitor)
        }
    }

    // MARK: Walking

    /// What goes on from one stretch of the file to the next.
    private struct Walk {
        /// The block whose pages are told; none are if it is `nil`.
        var block: String?
        var decoder = PageGroupDecoder()
        var mapped = MappedRAMDecoder(isPartial: true)
    }

    /// Elements that may be open where a stretch begins.
    private static let openLimit = 16

    /// The file from `offset` on, behind so many heads of elements that are open: the ends of
    /// elements that began before are ends of these.
    private func source(_ offset: UInt64, prefix: Int) -> ByteSource? {
        guard let rest = range.suffix(from: offset) else { return nil }
        return ByteSource(
            producer: OpenedStretch(rest, opened: prefix), capacity: 256 << 10)
    }

    private func walk<V: MigrationVisitor & ~Copyable>(
        _ entry: Entry, _ walk: inout Walk, into visitor: inout V
    ) throws(MigrationError) {
        let shift = UInt64(2 * Self.openLimit)
        guard let source = source(entry.offset, prefix: Self.openLimit) else { return }
        var input = ElementReader(source)
        do {
            for _ in 0..<Self.openLimit { _ = try input.next() }
            while input.reader.position - shift < entry.end - entry.offset {
                // The end of an element, or one that is in it.
                guard let element = try input.next() else { continue }
                try record(element, &input, &walk, into: &visitor)
            }
        } catch {
            var error = error
            error.offset = error.offset.map { $0 &- shift &+ entry.offset }
            throw error
        }
    }

    private func record<V: MigrationVisitor & ~Copyable>(
        _ element: BERElement, _ input: inout ElementReader, _ walk: inout Walk,
        into visitor: inout V
    ) throws(MigrationError) {
        switch element.tag {
        case SchemaTag.ramBlockList where element.isConstructed && walk.block == nil:
            try visitor.ramBlocks(try BlockListCoding.read(&input))
        case SchemaTag.mapped where walk.block == nil:
            try walk.mapped.total(element, &input, into: &visitor)
        case SchemaTag.mappedBlock where element.isConstructed:
            try walk.mapped.block(element, &input, &walk.decoder, into: &visitor)
        case SchemaTag.bitmap where element.isConstructed && walk.block != nil:
            try walk.mapped.octets(.bitmap, element, &input, into: &visitor)
        case SchemaTag.stored where element.isConstructed && walk.block != nil:
            try walk.mapped.pages(element, &input, &walk.decoder, into: &visitor)
        case SchemaTag.ramPages where element.isConstructed && walk.block != nil:
            try walk.decoder.read(element, &input, into: &visitor)
        case SchemaTag.bitmap, SchemaTag.gap, SchemaTag.stored, SchemaTag.ramPages,
            SchemaTag.secFull, SchemaTag.description, SchemaTag.configuration,
            SchemaTag.deviceState:
            if element.isConstructed { try input.skipRest() }
        default: break
        }
    }
}

/// Heads of constructed elements of indefinite length, and behind them a part of a file.
private final class OpenedStretch: ByteProducer {
    private let rest: FileRange
    private var left: Int

    init(_ rest: FileRange, opened: Int) {
        self.rest = rest
        left = opened
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteIOError) -> Int {
        guard left > 0 else { return try unsafe rest.read(into: buffer) }
        let count = min(left, buffer.count / 2)
        for index in 0..<count {
            // SEQUENCE, of indefinite length; 2 * count octets fit.
            unsafe buffer[2 * index] = 0x30
            unsafe buffer[2 * index + 1] = 0x80
        }
        left -= count
        return 2 * count
    }
}
