import ByteIO
import Migration

/// Counts the pages of mapped blocks as they go by.
struct MappedCounter {
    private var bitmap: MappedBitmap?
    private var pageSize: UInt64 = 4096
    /// Pages with content whose bit is clear, by either order of the bitmap's octets.
    private var stale = (little: UInt64(0), big: UInt64(0))
    /// By block, since the order may show only later.
    private var counts: [(little: UInt64, big: UInt64)?] = []
    /// What the blocks' bitmaps say of the saving host.
    private var isBigEndian: Bool?

    mutating func begin(_ block: RAMBlock) -> StreamSummary.Mapped? {
        guard let header = block.mapped, header.pageSize > 0 else { return nil }
        pageSize = header.pageSize
        bitmap = MappedBitmap(pages: block.length / header.pageSize)
        stale = (0, 0)
        var mapped = StreamSummary.Mapped()
        mapped.pages = block.length / header.pageSize
        mapped.bitmapOffset = header.bitmapOffset
        mapped.pagesOffset = header.pagesOffset
        return mapped
    }

    mutating func add(_ octets: RawSpan, at offset: UInt64) {
        bitmap?.add(octets, at: offset)
    }

    mutating func add(_ group: borrowing RAMPageGroup) {
        guard let bitmap, pageSize > 0 else { return }
        for entry in group.entries {
            let first = entry.offset / pageSize
            let (end, overflow) = first.addingReportingOverflow(entry.count)
            guard !overflow else { continue }
            for page in first..<end {
                if !bitmap.isSet(page, isBigEndian: false) { stale.little += 1 }
                if !bitmap.isSet(page, isBigEndian: true) { stale.big += 1 }
            }
        }
    }

    /// Ends the block.
    /// - Returns: how many of its pages are present.
    mutating func end() -> UInt64? {
        guard let bitmap else { return nil }
        isBigEndian = isBigEndian ?? bitmap.isBigEndian
        counts.append(bitmap.isIncomplete ? nil : stale)
        self.bitmap = nil
        return bitmap.present
    }

    /// Pages that were left behind, by block; `nil` where it was not counted.
    var stalePages: [UInt64?] {
        counts.map { count in count.map { isBigEndian == true ? $0.big : $0.little } }
    }
}
