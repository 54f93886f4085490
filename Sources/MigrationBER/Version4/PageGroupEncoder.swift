import BER
import ByteIO
import Migration

/// `RAMPages` and `RAMStored` of version 4: a group of pages, written with definite lengths.
struct PageGroupEncoder {
    private let nameSize: Int
    private let isStored: Bool
    private let start: UInt64
    private let entriesSize: Int
    private let contentSize: Int
    /// Pages in one octet string.
    private let pagesInPiece: UInt64

    /// - Parameter isStored: whether the pages have places in the file, and no records.
    init(_ group: borrowing RAMPageGroup, isStored: Bool = false) {
        self.isStored = isStored
        start = group.entries.first?.offset ?? 0
        nameSize = group.block.utf8.count
        pagesInPiece = max(1, UInt64(FormatLimit.piece) / max(group.pageSize, 1))
        var size = 0
        var cursor = start
        var index = 0
        while index < group.entries.count {
            let entry = group.entries[index]
            let skip = PageGroupEncoder.skip(from: cursor, to: entry.offset, group.pageSize)
            if skip != 0 { size += 2 + BERSize.signed(skip) }
            let run = PageGroupEncoder.run(group, index)
            cursor = entry.offset &+ run.pages &* group.pageSize
            index = run.end
            switch entry.kind {
            case .full:
                var left = run.pages
                while left > 0 {
                    let count = min(left, pagesInPiece)
                    size += BERSize.element(.octetString, Int(count) * entry.contentLength)
                    left -= count
                }
            case .fill:
                size +=
                    entry.fill == 0
                    ? 2 + BERSize.unsigned(entry.count)
                    : BERSize.element(SchemaTag.fill, PageGroupEncoder.fillSize(entry))
            case .xbzrle: size += BERSize.element(SchemaTag.xbzrle, entry.contentLength)
            case .zlib: size += BERSize.element(SchemaTag.zlib, entry.contentLength)
            case .packed: size += BERSize.integer(SchemaTag.packed, entry.count)
            }
        }
        entriesSize = size
        contentSize =
            BERSize.element(.utf8String, nameSize) + (isStored ? 0 : 3)
            + BERSize.integer(.integer, group.pageSize) + BERSize.integer(.integer, start)
            + BERSize.element(.sequence, size)
    }

    /// Octets of the whole element.
    var elementSize: Int { BERSize.element(SchemaTag.ramPages, contentSize) }

    /// The pages from one entry to the next, which a skip names.
    static func skip(from cursor: UInt64, to offset: UInt64, _ pageSize: UInt64) -> Int64 {
        Int64(bitPattern: offset &- cursor) / Int64(clamping: max(pageSize, 1))
    }

    /// The full pages that adjoin from an entry on, which are one string (in pieces): wherever their
    /// contents lie, so that it does not matter which reader found them. Of other kinds the entry
    /// alone.
    /// - Returns: how many pages, and the first entry behind them.
    @inline(__always)
    private static func run(
        _ group: borrowing RAMPageGroup, _ index: Int
    ) -> (pages: UInt64, end: Int) {
        let first = group.entries[index]
        var pages = first.count
        var end = index + 1
        guard first.kind == .full else { return (pages, end) }
        while end < group.entries.count {
            let entry = group.entries[end]
            guard entry.kind == .full, entry.contentLength == first.contentLength,
                entry.offset == first.offset &+ pages &* group.pageSize
            else { break }
            pages &+= entry.count
            end += 1
        }
        return (pages, end)
    }

    private static func fillSize(_ entry: RAMPageEntry) -> Int {
        BERSize.integer(.integer, UInt64(entry.fill)) + BERSize.integer(.integer, entry.count)
    }

    /// Content below so many octets is copied; above, it is lent to the system where it is.
    private static let lendThreshold = 32 << 10

    /// Writes the group. The contents stay where they are until they are written.
    func write(
        _ group: borrowing RAMPageGroup, _ content: RawSpan, to writer: inout BERWriter
    ) throws(ByteIOError) {
        try writer.head(
            isStored ? SchemaTag.stored : SchemaTag.ramPages, constructed: true,
            length: contentSize)
        try writer.string(.utf8String, group.block)
        if !isStored { try writer.boolean(.boolean, group.isNameSpelled) }
        try writer.integer(.integer, group.pageSize)
        try writer.integer(.integer, start)
        try writer.head(.sequence, constructed: true, length: entriesSize)
        let lends = content.byteCount >= PageGroupEncoder.lendThreshold
        var cursor = start
        var index = 0
        while index < group.entries.count {
            let entry = group.entries[index]
            let skip = PageGroupEncoder.skip(from: cursor, to: entry.offset, group.pageSize)
            if skip != 0 { try writer.integer(SchemaTag.skip, skip) }
            let run = PageGroupEncoder.run(group, index)
            cursor = entry.offset &+ run.pages &* group.pageSize
            defer { index = run.end }
            switch entry.kind {
            case .full:
                var left = run.pages
                var open: UInt64 = 0
                for part in index..<run.end {
                    try full(group.entries[part], content, lends, &left, &open, &writer)
                }
            case .fill where entry.fill == 0: try writer.integer(SchemaTag.zero, entry.count)
            case .fill:
                try writer.head(
                    SchemaTag.fill, constructed: true, length: PageGroupEncoder.fillSize(entry))
                try writer.integer(.integer, UInt64(entry.fill))
                try writer.integer(.integer, entry.count)
            case .packed: try writer.integer(SchemaTag.packed, entry.count)
            case .xbzrle, .zlib:
                try writer.string(
                    entry.kind == .zlib ? SchemaTag.zlib : SchemaTag.xbzrle,
                    content.extracting(
                        entry.contentOffset..<entry.contentOffset + entry.contentLength))
            }
        }
        if lends { try writer.sink.settle() }
    }

    /// Writes an entry's part of a run of full pages.
    /// - Parameters:
    ///   - left: pages of the run for which no string was begun.
    ///   - open: pages that the string that was begun wants.
    private func full(
        _ entry: RAMPageEntry, _ content: RawSpan, _ lends: Bool, _ left: inout UInt64,
        _ open: inout UInt64, _ writer: inout BERWriter
    ) throws(ByteIOError) {
        let size = entry.contentLength
        var at = entry.contentOffset
        var pages = entry.count
        while pages > 0 {
            if open == 0 {
                open = min(left, pagesInPiece)
                left -= open
                try writer.head(.octetString, constructed: false, length: Int(open) * size)
            }
            let count = Int(min(pages, open))
            if entry.stride == size {
                // The pages adjoin in memory too.
                let piece = content.extracting(at..<at + count * size)
                if lends { try writer.sink.lend(piece) } else { try writer.sink.append(piece) }
                at += count * size
            } else {
                for _ in 0..<count {
                    let page = content.extracting(at..<at + size)
                    if lends { try writer.sink.lend(page) } else { try writer.sink.append(page) }
                    at += entry.stride
                }
            }
            open -= UInt64(count)
            pages -= UInt64(count)
        }
    }
}
