public import ByteIO
import Migration

/// Looks into a mapped-ram file for what its bitmaps don't tell: how much of the pages' places the
/// file holds, and which pages it holds though their bits are clear.
public enum MappedFile {
    /// Octets that are read to find pages left behind; a file system without holes would have the
    /// whole file read.
    static let readLimit: UInt64 = 256 << 20

    /// Completes the summary of a file whose pages were passed over.
    public static func look(
        into source: borrowing ByteSource, _ summary: inout StreamSummary
    ) throws(ByteIOError) {
        var left = readLimit
        let isBigEndian = try order(source, summary)
        for index in summary.blocks.indices {
            guard var mapped = summary.blocks[index].mapped, mapped.pagesOffset > 0 else {
                continue
            }
            guard try isHere(source, mapped) else {
                summary.blocks[index].mapped?.stale = nil
                continue
            }
            let pageSize = summary.blocks[index].length / max(mapped.pages, 1)
            let end = mapped.pagesOffset + summary.blocks[index].length
            var at = mapped.pagesOffset
            var stale: UInt64? = 0
            var held: UInt64 = 0
            while at < end, let data = try source.data(from: at, to: end) {
                held += UInt64(data.count)
                stale = try count(
                    source, data, mapped, pageSize, isBigEndian, &left, upTo: stale)
                at = data.upperBound
            }
            mapped.held = held
            mapped.stale = stale
            summary.blocks[index].mapped = mapped
        }
    }

    /// Whether the header's offsets are the file's own: they stand before the bitmap.
    private static func isHere(
        _ source: borrowing ByteSource, _ mapped: StreamSummary.Mapped
    ) throws(ByteIOError) -> Bool {
        let header = MappedRAMHeader(
            pageSize: 0, bitmapOffset: mapped.bitmapOffset, pagesOffset: mapped.pagesOffset)
        return try isHere(source, header)
    }

    static func isHere(
        _ source: borrowing ByteSource, _ mapped: MappedRAMHeader
    ) throws(ByteIOError) -> Bool {
        guard mapped.bitmapOffset >= 28,
            let header = try source.octets(at: mapped.bitmapOffset - 16, count: 16),
            header.count == 16
        else { return false }
        let span = unsafe header.span.bytes
        return span.bigEndian(at: 0, as: UInt64.self) == mapped.bitmapOffset
            && span.bigEndian(at: 8, as: UInt64.self) == mapped.pagesOffset
    }

    /// Whether the bitmaps come from a big-endian host: their bits behind the last page are clear.
    private static func order(
        _ source: borrowing ByteSource, _ summary: StreamSummary
    ) throws(ByteIOError) -> Bool {
        for block in summary.blocks {
            guard let mapped = block.mapped, mapped.pages % 64 > 0, mapped.present > 0,
                let word = try source.octets(
                    at: mapped.bitmapOffset + mapped.pages / 64 * 8, count: 8), word.count == 8
            else { continue }
            var bitmap = MappedBitmap(pages: mapped.pages % 64)
            bitmap.add(unsafe word.span.bytes, at: 0)
            if let found = bitmap.isBigEndian { return found }
        }
        return false
    }

    /// Pages in a stretch of data whose bits are clear and which are not zero.
    private static func count(
        _ source: borrowing ByteSource, _ data: Range<UInt64>, _ mapped: StreamSummary.Mapped,
        _ pageSize: UInt64, _ isBigEndian: Bool, _ left: inout UInt64, upTo before: UInt64?
    ) throws(ByteIOError) -> UInt64? {
        guard var stale = before, pageSize > 0 else { return nil }
        var page = (data.lowerBound - mapped.pagesOffset) / pageSize
        let end = (data.upperBound - mapped.pagesOffset + pageSize - 1) / pageSize
        while page < end {
            // So many bits at a time: whole words.
            let first = page / 64 * 64
            let behind = min(end, first + (64 << 13))
            guard
                let bits = try source.octets(
                    at: mapped.bitmapOffset + first / 8,
                    count: Int(clamping: (behind - first + 63) / 64 * 8))
            else { return nil }
            var bitmap = MappedBitmap(pages: behind - first)
            bitmap.add(unsafe bits.span.bytes, at: 0)
            while page < behind {
                defer { page += 1 }
                if bitmap.isSet(page - first, isBigEndian: isBigEndian) { continue }
                guard left >= pageSize else { return nil }
                left -= pageSize
                let octets = try source.octets(
                    at: mapped.pagesOffset + page * pageSize, count: Int(clamping: pageSize))
                guard let octets else { return nil }
                if unsafe !octets.span.bytes.isZero { stale += 1 }
            }
        }
        return stale
    }
}
