import ByteIO
public import Migration

/// A mapped block on its way out: how far its bitmap, gap and pages have been written.
struct OpenMappedBlock {
    var block: RAMBlock
    var layout: MappedRAMLayout
    /// Octets written behind the header.
    var written: UInt64 = 0
}

/// The block list of a mapped-ram stream as QEMU lays it out; zeros become holes where the output
/// has such.
extension StreamWriter {
    public mutating func ramMapped(total: UInt64) throws(MigrationError) {
        guard total & 0xff == 0 else {
            throw MigrationError(
                .corrupt, path: "ram/block list", expected: "a sum of whole pages",
                found: "\(total) octets")
        }
        mappedLeft = total
        mappedBase = nil
        try wrapping { (sink) throws(ByteIOError) in
            try sink.append(bigEndian: total | RAMFlag.memSize)
        }
    }

    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {
        try endMappedBlock()
        guard let header = block.mapped, let left = mappedLeft, block.length <= left else {
            throw MigrationError(
                .corrupt, path: "ram/\(block.name)",
                expected: "blocks that add up to the list's total", found: "more")
        }
        mappedLeft = left - block.length
        let layout: MappedRAMLayout
        do { layout = try MappedRAMLayout(block, header) } catch {
            throw MigrationError(
                .corrupt, path: "ram/\(block.name)/\(error.field.rawValue)",
                expected: error.expected, found: error.found)
        }
        try wrapping { (sink) throws(ByteIOError) in
            let name = Array(block.name.utf8)
            try sink.append(UInt8(truncatingIfNeeded: name.count))
            try sink.append(name)
            try sink.append(bigEndian: block.length)
            if let address = block.address { try sink.append(bigEndian: address) }
            try sink.append(bigEndian: MappedBlockParser.version)
            try sink.append(bigEndian: header.pageSize)
            try sink.append(bigEndian: header.bitmapOffset)
            try sink.append(bigEndian: header.pagesOffset)
        }
        if header.hasNoPages { return }
        // Offsets count from one place: the file's start, or before it.
        let end = sink.position
        guard header.bitmapOffset >= end,
            mappedBase ?? header.bitmapOffset - end
                == header.bitmapOffset - end
        else {
            throw MigrationError(
                .corrupt, path: "ram/\(block.name)/bitmap_offset",
                expected: hex(end &+ (mappedBase ?? 0)), found: hex(header.bitmapOffset))
        }
        mappedBase = header.bitmapOffset - end
        mappedBlock = OpenMappedBlock(block: block, layout: layout)
    }

    public mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError) {
        let layout = mappedBlock?.layout
        let start = part == .bitmap ? 0 : layout?.bitmapSize ?? 0
        let room = part == .bitmap ? layout?.bitmapSize : layout?.gapSize
        try moveMapped(
            to: start, offset, size: UInt64(octets.byteCount), room: room ?? 0)
        try wrapping { (sink) throws(ByteIOError) in try sink.append(octets) }
    }

    public mutating func ramMappedPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        let layout = mappedBlock?.layout
        let start = (layout?.bitmapSize ?? 0) + (layout?.gapSize ?? 0)
        for entry in group.entries {
            let (size, overflow) = entry.count.multipliedReportingOverflow(by: group.pageSize)
            try moveMapped(
                to: start, entry.offset, size: overflow ? .max : size,
                room: layout?.pagesSize ?? 0)
            try wrapping { (sink) throws(ByteIOError) in
                if entry.stride == entry.contentLength {
                    let first = entry.contentOffset
                    try sink.lend(content.extracting(first..<first + Int(size)))
                } else {
                    for number in 0..<Int(entry.count) {
                        let first = entry.contentOffset + number * entry.stride
                        try sink.lend(content.extracting(first..<first + entry.contentLength))
                    }
                }
            }
        }
        try wrapping { (sink) throws(ByteIOError) in try sink.settle() }
    }

    /// Fills up to where a piece stands.
    /// - Parameters:
    ///   - start: octets behind the header to the part.
    ///   - offset: octets from the part's start to the piece.
    ///   - room: octets of the part.
    private mutating func moveMapped(
        to start: UInt64, _ offset: UInt64, size: UInt64, room: UInt64
    ) throws(MigrationError) {
        guard let open = mappedBlock, offset <= room, size <= room - offset,
            start + offset >= open.written
        else {
            throw MigrationError(
                .corrupt, path: "ram/\(mappedBlock?.block.name ?? "")",
                expected: "a mapped block's parts in ascending order, within it",
                found: "\(size) octets at \(offset)")
        }
        let zeros = start + offset - open.written
        mappedBlock?.written = start + offset + size
        if zeros > 0 {
            try wrapping { (sink) throws(ByteIOError) in try sink.appendZeros(zeros) }
        }
    }

    /// Fills the rest of the block that is being written.
    mutating func endMappedBlock() throws(MigrationError) {
        guard let open = mappedBlock.take() else { return }
        try wrapping { (sink) throws(ByteIOError) in
            try sink.appendZeros(open.layout.size - open.written)
        }
    }

    /// Ends the list, if one has been begun.
    mutating func endMappedList() throws(MigrationError) {
        try endMappedBlock()
        guard let left = mappedLeft.take(), left > 0 else { return }
        throw MigrationError(
            .corrupt, path: "ram/block list", expected: "blocks of \(left) octets more",
            found: "the end of the list")
    }

    private mutating func wrapping(
        _ body: (inout ByteSink) throws(ByteIOError) -> Void
    ) throws(MigrationError) {
        do { try body(&sink) } catch { throw StreamReader.wrap(error) }
    }
}
