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
        for entry in group.entries {
            let skip = PageGroupEncoder.skip(from: cursor, to: entry.offset, group.pageSize)
            if skip != 0 { size += 2 + BERSize.signed(skip) }
            switch entry.kind {
            case .full:
                var left = entry.count
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
            cursor = entry.offset &+ entry.count &* group.pageSize
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
        for entry in group.entries {
            let skip = PageGroupEncoder.skip(from: cursor, to: entry.offset, group.pageSize)
            if skip != 0 { try writer.integer(SchemaTag.skip, skip) }
            switch entry.kind {
            case .full: try full(entry, content, lends, &writer)
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
            cursor = entry.offset &+ entry.count &* group.pageSize
        }
        if lends { try writer.sink.settle() }
    }

    private func full(
        _ entry: RAMPageEntry, _ content: RawSpan, _ lends: Bool, _ writer: inout BERWriter
    ) throws(ByteIOError) {
        let size = entry.contentLength
        var at = entry.contentOffset
        var left = entry.count
        while left > 0 {
            let count = Int(min(left, pagesInPiece))
            try writer.head(.octetString, constructed: false, length: count * size)
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
            left -= UInt64(count)
        }
    }
}
