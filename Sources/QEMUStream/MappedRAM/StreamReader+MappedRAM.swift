import ByteIO
import Migration

/// RAM in fixed places of the file (capability `mapped-ram`, QEMU 9.0 and newer): each block's
/// bitmap and pages stand behind its header in the block list.
extension StreamReader {
    /// Octets of a bitmap or a gap that are told at once.
    static let mappedPiece = 64 << 10

    /// Whether the record at hand begins the block list of a mapped-ram stream.
    mutating func isMappedList(total: UInt64) throws(MigrationError) -> Bool {
        if hasConfiguration { return capabilities.contains("mapped-ram") }
        let count = try load(8 + MappedBlockParser.limit)
        return MappedBlockParser.begins(source.window.extracting(8..<count), total: total)
    }

    mutating func mappedBlockList<V: MigrationVisitor & ~Copyable>(
        total: UInt64, into visitor: inout V
    ) throws(MigrationError) {
        var parser = MappedBlockParser(
            hasAddresses: hasConfiguration ? capabilities.contains("x-ignore-shared") : nil)
        source.consume(8)
        try visitor.ramMapped(total: total)
        blocks = []
        indexedBlocks = 0
        currentBlock = nil
        isMapped = true
        var left = total
        // What the headers' offsets count from: octets before the source's first one.
        var base: UInt64?
        while left > 0 {
            let (block, size) = try mappedBlock(parser, left: left)
            let layout = try mappedLayout(block, size: size, base: &base)
            parser.hasAddresses = block.address != nil
            source.consume(size)
            try checkRoom(block, layout)
            try visitor.ramMappedBlock(block)
            try mappedOctets(.bitmap, layout.bitmapSize, of: block, into: &visitor)
            try mappedOctets(.gap, layout.gapSize, of: block, into: &visitor)
            try mappedPages(layout.pagesSize, of: block, into: &visitor)
            blocks.append(block)
            left -= block.length
            guard blocks.count <= StreamLimit.blocks else { throw tooManyBlocks() }
        }
    }

    // MARK: The header

    /// Reads a block's head, without consuming it.
    private mutating func mappedBlock(
        _ parser: MappedBlockParser, left: UInt64
    ) throws(MigrationError) -> (RAMBlock, size: Int) {
        while true {
            let outcome = parser.parse(source.window, left: left)
            switch outcome {
            case .complete(let block, let size): return (block, size)
            case .fault(let at, let code, let expected, let found):
                throw error(
                    code, at: source.position + UInt64(at), path: "ram/block list",
                    expected: expected, found: found)
            case .needsMore:
                guard try extend() else {
                    throw truncated("the list of RAM blocks", path: "ram/block list")
                }
            }
        }
    }

    /// Checks a header against its block, its place and the blocks before.
    private mutating func mappedLayout(
        _ block: RAMBlock, size: Int, base: inout UInt64?
    ) throws(MigrationError) -> MappedRAMLayout {
        let end = source.position + UInt64(size)
        let path = "ram/\(block.name)"
        let header = end - UInt64(MappedBlockParser.headerSize)
        guard let mapped = block.mapped else {
            throw truncated("a mapped-ram header", path: path)
        }
        if let pageSize, pageSize != mapped.pageSize {
            throw error(
                .corrupt, at: header + 4, path: "\(path)/page_size",
                expected: "\(pageSize), the target's page size", found: "\(mapped.pageSize)",
                hint: pageSizeHint)
        }
        let layout: MappedRAMLayout
        do {
            layout = try MappedRAMLayout(block, mapped)
        } catch {
            let place =
                switch error.field {
                case .length: source.position + 1 + UInt64(block.name.utf8.count)
                case .pageSize: header + 4
                case .bitmapOffset: header + 12
                case .pagesOffset: header + 20
                }
            throw self.error(
                .corrupt, at: place, path: "\(path)/\(error.field.rawValue)",
                expected: error.expected, found: error.found)
        }
        pageSize = mapped.pageSize
        if mapped.hasNoPages {
            guard block.address != nil else {
                throw error(
                    .corrupt, at: header + 12, path: "\(path)/bitmap_offset",
                    expected: "a place for the bitmap, since x-ignore-shared is off", found: "0")
            }
            return layout
        }
        // The bitmap follows its header, wherever the offsets are counted from.
        let counted = base.map { end + $0 }
        guard mapped.bitmapOffset >= end, counted == nil || counted == mapped.bitmapOffset else {
            throw error(
                .corrupt, at: header + 12, path: "\(path)/bitmap_offset",
                expected: "\(hex(counted ?? end)), where the bitmap stands behind this header",
                found: hex(mapped.bitmapOffset))
        }
        base = mapped.bitmapOffset - end
        return layout
    }

    /// A file that is too short is told at once, however long the holes are before its end.
    private func checkRoom(
        _ block: RAMBlock, _ layout: MappedRAMLayout
    ) throws(MigrationError) {
        guard let size = source.size else { return }
        let have = size - min(size, source.position)
        guard have < layout.size else { return }
        let part =
            have < layout.bitmapSize
            ? "the bitmap" : have < layout.bitmapSize + layout.gapSize ? "the gap" : "the pages"
        throw truncated(
            part, of: block, until: source.position + layout.size, at: size)
    }

    private func truncated(
        _ part: String, of block: RAMBlock, until end: UInt64, at offset: UInt64
    ) -> MigrationError {
        var fault = truncated(
            "\(part) of \(block.name), up to \(hex(end))", path: "ram/\(block.name)")
        fault.offset = offset
        return fault
    }

    // MARK: Bitmap, gap and pages

    private mutating func mappedOctets<V: MigrationVisitor & ~Copyable>(
        _ part: MappedRAMPart, _ size: UInt64, of block: RAMBlock, into visitor: inout V
    ) throws(MigrationError) {
        let unit = StreamReader.mappedPiece
        var at: UInt64 = 0
        while at < size {
            let passed = try passHole(unit: unit, limit: size - at)
            at += passed
            if passed > 0 { continue }
            let count = try loadMapped(
                unit, of: size - at, part == .bitmap ? "the bitmap" : "the gap", block)
            if !source.window.extracting(first: count).isZero {
                try visitor.ramMappedOctets(part, at: at, source.window.extracting(first: count))
            }
            source.consume(count)
            at += UInt64(count)
        }
    }

    private mutating func mappedPages<V: MigrationVisitor & ~Copyable>(
        _ size: UInt64, of block: RAMBlock, into visitor: inout V
    ) throws(MigrationError) {
        let pageSize = block.mapped?.pageSize ?? 4096
        let unit = MappedPageScanner.unit(pageSize: pageSize)
        mappedScanner.begin(block: block.name, pageSize: pageSize)
        var at: UInt64 = 0
        if options.passesMappedPages {
            do { at = try source.skip(size) } catch { throw StreamReader.wrap(error) }
        }
        while at < size {
            let passed = try passHole(unit: unit, limit: size - at)
            at += passed
            if passed > 0 { continue }
            let count = try loadMapped(unit, of: size - at, "the pages", block)
            mappedScanner.scan(source.window.extracting(first: count), at: at)
            if !mappedScanner.group.entries.isEmpty {
                try visitor.ramMappedPages(
                    mappedScanner.group, source.window.extracting(first: count))
            }
            source.consume(count)
            at += UInt64(count)
        }
    }

    private mutating func passHole(unit: Int, limit: UInt64) throws(MigrationError) -> UInt64 {
        do { return try source.passHole(unit: unit, limit: limit) } catch {
            throw StreamReader.wrap(error)
        }
    }

    /// Widens the window to the next `unit` octets of a part, or to its last ones.
    private mutating func loadMapped(
        _ unit: Int, of left: UInt64, _ part: String, _ block: RAMBlock
    ) throws(MigrationError) -> Int {
        let count = Int(min(UInt64(unit), left))
        guard try load(count) >= count else {
            throw truncated(
                part, of: block, until: source.position + left,
                at: source.position + UInt64(source.available))
        }
        return count
    }
}
