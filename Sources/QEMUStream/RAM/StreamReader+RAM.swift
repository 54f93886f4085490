import ByteIO
import Migration

/// The `ram` section (QEMU's `migration/ram.c`).
extension StreamReader {
    mutating func ram<V: MigrationVisitor & ~Copyable>(
        _ header: SectionHeader, into visitor: inout V
    ) throws(MigrationError) {
        while true {
            guard try load(8) >= 8 else { return try ramCut(header, into: &visitor) }
            let word: UInt64 = source.window.bigEndian(at: 0)
            guard let record = RAMRecord(word, pageSize: pageSize) else {
                throw error(
                    .corrupt, at: source.position, path: header.name, expected: "a RAM record",
                    found: "the word \(hex(word))",
                    hint: pageSizeHint)
            }
            if isMapped, record.kind != .endOfSection {
                throw error(
                    .corrupt, at: source.position, path: header.name,
                    expected: "the section's end: a mapped-ram stream has no page records",
                    found: "the word \(hex(word))")
            }
            switch record.kind {
            case .endOfSection:
                source.consume(8)
                return
            case .hook:
                source.consume(8)
                try visitor.ramHook()
            case .flush:
                source.consume(8)
                try visitor.ramFlush()
            case .memSize where try isMappedList(total: record.offset):
                try mappedBlockList(total: record.offset, into: &visitor)
            case .memSize:
                try blockList(total: record.offset, header, into: &visitor)
            case .page, .fill, .xbzrle, .zlib:
                guard try pages(record, header, into: &visitor) else {
                    return try ramCut(header, into: &visitor)
                }
            }
        }
    }

    var pageSizeHint: String? {
        guard options.pageSize == nil, let pageSize else { return nil }
        return "the page size was taken to be \(pageSize); --page-size sets another"
    }

    /// The input ends inside the section.
    private mutating func ramCut<V: MigrationVisitor & ~Copyable>(
        _ header: SectionHeader, into visitor: inout V
    ) throws(MigrationError) {
        try cutOr("a RAM record", path: header.name, into: &visitor)
        let rest = source.available
        try visitor.ramCut(source.window.extracting(first: rest))
        source.consume(rest)
    }

    // MARK: Block list

    private mutating func blockList<V: MigrationVisitor & ~Copyable>(
        total: UInt64, _ header: SectionHeader, into visitor: inout V
    ) throws(MigrationError) {
        let parser = BlockListParser(
            hasAddresses: capabilities.contains("x-ignore-shared"), total: total)
        var isWhole = false
        while true {
            let outcome = parser.parse(
                source.window.extracting(8..<source.available), isWhole: isWhole)
            switch outcome {
            case .complete(let list, let size):
                guard size <= BlockListParser.limit else { throw tooLongList() }
                blocks = list
                indexedBlocks = 0
                currentBlock = nil
                try visitor.ramBlocks(list)
                source.consume(8 + size)
                return
            case .tooMany: throw tooManyBlocks()
            case .fault(let at, let expected, let found):
                throw error(
                    .corrupt, at: source.position + 8 + UInt64(at), path: "ram/block list",
                    expected: expected, found: found)
            case .needsMore:
                // The record's word, and a word behind the list that tells its end.
                guard source.available < BlockListParser.limit + 16 else { throw tooLongList() }
                let isMore = try extend()
                if !isMore && isWhole {
                    throw truncated("the list of RAM blocks", path: "ram/block list")
                }
                isWhole = !isMore
            }
        }
    }

    private func tooLongList() -> MigrationError {
        error(
            .limit, at: source.position, path: "ram/block list",
            expected: "a list of at most \(BlockListParser.limit) octets", found: "a longer one")
    }

    func tooManyBlocks() -> MigrationError {
        error(
            .limit, at: source.position, path: "ram/block list",
            expected: "at most \(StreamLimit.blocks) RAM blocks", found: "more")
    }

    // MARK: Pages

    /// Reads a group of pages.
    /// - Returns: whether there is one: the input may end inside its first record.
    mutating func pages<V: MigrationVisitor & ~Copyable>(
        _ record: RAMRecord, _ header: SectionHeader, into visitor: inout V
    ) throws(MigrationError) -> Bool {
        if !record.isContinued {
            guard try nameBlock(header) else { return false }
        }
        guard let index = currentBlock else {
            throw error(
                .corrupt, at: source.position, path: header.name,
                expected: "the name of a RAM block", found: "a record that goes on in none")
        }
        if pageSize == nil {
            let count = min(try load(1 << 20), 1 << 20)
            // So many octets wherever they come from, that all sources give the same.
            pageSize =
                PageSizeFinder.find(
                    source.window.extracting(first: count), blocks: blocks,
                    isWhole: count < 1 << 20) ?? 4096
        }
        scanner.begin(
            block: blocks[index], isNameSpelled: !record.isContinued, pageSize: pageSize ?? 4096)
        scan: while true {
            let outcome = scanner.scan(source.window)
            switch outcome {
            case .complete: break scan
            case .needsMore:
                if try extend() { continue }
                if scanner.scanned > 0 { break scan }
                return false
            case .fault(let at, let expected, let found):
                throw error(
                    .corrupt, at: source.position + UInt64(at),
                    path: "ram/\(blocks[index].name)", expected: expected, found: found,
                    hint: pageSizeHint)
            }
        }
        scanner.group.position = source.position
        try visitor.ramPages(scanner.group, source.window.extracting(first: scanner.scanned))
        source.consume(scanner.scanned)
        return true
    }

    /// Where the block of this name stands in the list: found as fast in a long list.
    mutating func blockIndex(_ name: String) -> Int? {
        if indexedBlocks == 0 { blockIndices.removeAll() }
        while indexedBlocks < blocks.count {
            let index = indexedBlocks
            if blockIndices[blocks[index].name] == nil { blockIndices[blocks[index].name] = index }
            indexedBlocks += 1
        }
        return blockIndices[name]
    }

    /// Makes the block current whose name the record spells.
    /// - Returns: whether the input holds the whole name.
    private mutating func nameBlock(_ header: SectionHeader) throws(MigrationError) -> Bool {
        guard try load(9) >= 9 else { return false }
        let length = Int(source.window.octet(at: 8))
        guard try load(9 + length) >= 9 + length else { return false }
        // Names change rarely but for post-copy, so a text is made for each.
        let name = source.window.text(at: 9, count: length)
        let index = name.flatMap { blockIndex($0) }
        if index == nil, learnsBlocks, let name, length > 0 {
            guard blocks.count < StreamLimit.blocks else { throw tooManyBlocks() }
            currentBlock = blocks.count
            blocks.append(RAMBlock(name: name, length: StreamReader.unknownLength))
            return true
        }
        guard let index else {
            throw error(
                .corrupt, at: source.position + 8, path: header.name,
                expected: "the name of a RAM block in the list",
                found: name.map(MigrationError.excerpt) ?? "octets that are no UTF-8",
                hint: pageSizeHint)
        }
        currentBlock = index
        return true
    }
}
