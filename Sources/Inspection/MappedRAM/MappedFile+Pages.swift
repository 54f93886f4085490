import ByteIO
import Migration

/// Single pages of a mapped-ram file, read in their places.
extension MappedFile {
    /// Whether the bitmaps come from a big-endian host: their bits behind the last page are clear.
    static func order(
        _ source: borrowing ByteSource, _ blocks: [RAMBlock]
    ) throws(ByteIOError) -> Bool {
        for block in blocks {
            guard let header = block.mapped, !header.hasNoPages, header.pageSize > 0 else {
                continue
            }
            let pages = block.length / header.pageSize
            guard pages % 64 > 0, try isHere(source, header),
                let word = try source.octets(
                    at: header.bitmapOffset + pages / 64 * 8, count: 8), word.count == 8
            else { continue }
            var bitmap = MappedBitmap(pages: pages % 64)
            // An array of octets has no padding that could be read.
            bitmap.add(unsafe word.span.bytes, at: 0)
            if let found = bitmap.isBigEndian { return found }
        }
        return false
    }

    /// Copies the present pages of a part of a block; all others are zero.
    /// - Parameters:
    ///   - part: whole pages of the block.
    ///   - place: where the part begins in the file that is made.
    static func copy(
        _ source: borrowing ByteSource, _ header: MappedRAMHeader, _ part: Range<UInt64>,
        isBigEndian: Bool, to file: borrowing OutputFile, at place: UInt64
    ) throws(ByteIOError) {
        guard header.pageSize > 0 else { return }
        var page = part.lowerBound / header.pageSize
        let end = (part.upperBound + header.pageSize - 1) / header.pageSize
        while page < end {
            // So many bits at a time: whole words.
            let first = page / 64 * 64
            let behind = min(end, first + (64 << 9))
            let bits = try source.octets(
                at: header.bitmapOffset + first / 8,
                count: Int(clamping: (behind - first + 63) / 64 * 8))
            var bitmap = MappedBitmap(pages: behind - first)
            // An array of octets has no padding that could be read.
            if let bits { bitmap.add(unsafe bits.span.bytes, at: 0) }
            while page < behind {
                defer { page += 1 }
                guard bitmap.isSet(page - first, isBigEndian: isBigEndian) else { continue }
                let start = max(page * header.pageSize, part.lowerBound)
                let stop = min((page + 1) * header.pageSize, part.upperBound)
                let octets = try source.octets(
                    at: header.pagesOffset + start, count: Int(clamping: stop - start))
                guard let octets, octets.count == Int(clamping: stop - start) else {
                    throw ByteIOError(
                        .read, offset: header.pagesOffset + start,
                        path: source.path)
                }
                try file.write(unsafe octets.span.bytes, at: place + (start - part.lowerBound))
            }
        }
    }
}
