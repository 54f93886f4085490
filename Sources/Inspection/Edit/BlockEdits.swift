internal import ByteIO
internal import Migration

/// RAM blocks under other names and with other lengths.
struct BlockEdits {
    private var newNames: [String: String] = [:]
    private var newLengths: [String: UInt64] = [:]
    /// The blocks of the input.
    private(set) var names: [String] = []
    /// New names of blocks of a mapped-ram stream.
    private var mappedNames: Set<String> = []
    /// Whether records of the section under way were left out, so that the others must spell a name
    /// where it is another one.
    private var hasDropped = false
    private var lastBlock: String?

    var hasEdits: Bool { !newNames.isEmpty || !newLengths.isEmpty }
    var renames: Bool { !newNames.isEmpty }

    mutating func beginSection() {
        hasDropped = false
        lastBlock = nil
    }

    /// The block list with the operations' names and lengths.
    mutating func blocks(
        _ blocks: [RAMBlock], _ operations: [EditOperation], _ isDone: inout [Bool]
    ) throws(MigrationError) -> [RAMBlock] {
        names = blocks.map(\.name)
        var result: [RAMBlock] = []
        for block in blocks { result.append(try edited(block, operations, &isDone)) }
        guard Set(result.map(\.name)).count == result.count else {
            throw Self.sameName
        }
        let total = result.reduce((sum: UInt64(0), overflow: false)) {
            let (sum, overflow) = $0.sum.addingReportingOverflow($1.length)
            return (sum, $0.overflow || overflow)
        }
        guard !total.overflow else {
            throw MigrationError(
                .unsupported, path: "ram", expected: "blocks of less than 2^64 octets",
                found: "more")
        }
        return result
    }

    /// The next block of a mapped-ram stream, whose list comes bit by bit.
    mutating func block(
        _ block: RAMBlock, _ operations: [EditOperation], _ isDone: inout [Bool]
    ) throws(MigrationError) -> RAMBlock {
        names.append(block.name)
        let result = try edited(block, operations, &isDone)
        guard mappedNames.insert(result.name).inserted else { throw Self.sameName }
        return result
    }

    /// A block with the operations' name and length.
    private mutating func edited(
        _ block: RAMBlock, _ operations: [EditOperation], _ isDone: inout [Bool]
    ) throws(MigrationError) -> RAMBlock {
        var result = block
        for (index, operation) in operations.enumerated() {
            switch operation {
            case .resizeBlock(block.name, let length):
                guard length > 0, length % 1024 == 0 else {
                    throw MigrationError(
                        .unsupported, path: "ram/\(block.name)",
                        expected: "a length of whole pages", found: "\(length) octets")
                }
                isDone[index] = true
                newLengths[block.name] = length
                result.length = length
            case .renameBlock(block.name, let new):
                guard (1...255).contains(new.utf8.count) else {
                    throw MigrationError(
                        .unsupported, path: "ram/\(block.name)",
                        expected: "a name of 1 to 255 octets", found: "\(new.utf8.count)")
                }
                isDone[index] = true
                newNames[block.name] = new
                result.name = new
            default: break
            }
        }
        return result
    }

    private static let sameName = MigrationError(
        .unsupported, path: "ram", expected: "a name for each block",
        found: "two blocks of one name")

    /// A group under its block's new name.
    func renamed(_ group: borrowing RAMPageGroup) -> RAMPageGroup {
        RAMPageGroup(
            block: newNames[group.block] ?? group.block, isNameSpelled: group.isNameSpelled,
            pageSize: group.pageSize, entries: group.entries)
    }

    /// A group's pages with the new name, without those behind the new end.
    /// - Throws: `unsupported` if one of these is not zero.
    mutating func pages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) -> RAMPageGroup {
        var result = renamed(group)
        if let length = newLengths[group.block] {
            guard group.pageSize > 0, length % group.pageSize == 0 else {
                throw MigrationError(
                    .unsupported, path: "ram/\(group.block)",
                    expected: "a length of whole pages of \(group.pageSize) octets",
                    found: "\(length)")
            }
            result.entries = []
            for entry in group.entries {
                let left = entry.offset >= length ? 0 : (length - entry.offset) / group.pageSize
                if left < entry.count {
                    try prove(entry, from: left, group, content)
                    hasDropped = true
                }
                var kept = entry
                kept.count = min(left, entry.count)
                if kept.count > 0 { result.entries.append(kept) }
            }
        }
        if !result.entries.isEmpty {
            // QEMU's reader takes the block of the record before where none is spelled.
            if hasDropped, lastBlock != result.block { result.isNameSpelled = true }
            lastBlock = result.block
        }
        return result
    }

    /// Proves that pages of an entry are zero, so that nothing is lost with them.
    private func prove(
        _ entry: RAMPageEntry, from first: UInt64, _ group: borrowing RAMPageGroup,
        _ content: RawSpan
    ) throws(MigrationError) {
        var isZero = false
        switch entry.kind {
        case .fill: isZero = entry.fill == 0
        case .full:
            isZero = true
            for page in Int(clamping: first)..<Int(clamping: entry.count) {
                let start = entry.contentOffset + page * entry.stride
                for at in start..<start + entry.contentLength where content.octet(at: at) != 0 {
                    isZero = false
                }
            }
        case .xbzrle, .zlib, .packed: break
        }
        guard isZero else {
            let place = entry.offset &+ first &* group.pageSize
            throw MigrationError(
                .unsupported, path: "ram/\(group.block)",
                expected: "nothing but zeros behind the block's new end",
                found: "a page with content at 0x\(String(place, radix: 16))",
                hint: "a block can't be made shorter than what it holds")
        }
    }
}
