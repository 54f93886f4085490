import Migration

/// Collects the index of a version 4 file, in bounded memory.
///
/// An entry of page groups covers one or more in a row of the same block. When there are too many
/// entries, neighbours are merged, by twos; what is left depends on the file alone.
struct IndexBuilder {
    struct Entry: Hashable {
        var offset: UInt64
        /// The block's number, or -1 for an item that has no pages.
        var block: Int32
        var first: UInt64
        var last: UInt64
        /// Whether it leads to a mapped block's head, which has no pages itself.
        var isHead = false
    }

    private(set) var entries: [Entry] = []
    private(set) var blocks: [String] = []
    private var numbers: [String: Int32] = [:]
    /// Whether the next group may go into the last entry.
    private var isOpen = false

    /// An item begins.
    /// - Parameter isFrequent: whether it is one of a kind that a stream may have in any number,
    ///   which gets an entry only some distance behind the one before.
    mutating func item(at offset: UInt64, isFrequent: Bool = false) {
        if isFrequent, let last = entries.last,
            offset - last.offset < FormatLimit.indexDistance
        {
            return
        }
        isOpen = false
        entries.append(Entry(offset: offset, block: -1, first: 0, last: 0))
        thin()
    }

    /// The head of a mapped block begins; its bitmap follows.
    mutating func mappedBlock(_ name: String, at offset: UInt64) {
        isOpen = false
        entries.append(
            Entry(offset: offset, block: number(of: name), first: 0, last: 0, isHead: true))
        thin()
    }

    private mutating func number(of block: String) -> Int32 {
        if let known = numbers[block] { return known }
        let number = Int32(clamping: blocks.count)
        blocks.append(block)
        numbers[block] = number
        return number
    }

    /// A group of pages begins, which has pages from `first` to `last` of its block.
    mutating func group(block: String, first: UInt64, last: UInt64, at offset: UInt64) {
        let number = number(of: block)
        let end = entries.count - 1
        if isOpen, entries[end].block == number,
            offset - entries[end].offset < FormatLimit.indexDistance
        {
            entries[end].first = min(entries[end].first, first)
            entries[end].last = max(entries[end].last, last)
            return
        }
        entries.append(Entry(offset: offset, block: number, first: first, last: last))
        isOpen = true
        thin()
    }

    /// Something that is no group stands between: the next group begins an entry.
    mutating func close() { isOpen = false }

    private mutating func thin() {
        guard entries.count > FormatLimit.indexEntries else { return }
        var kept: [Entry] = []
        kept.reserveCapacity(entries.count / 2 + 1)
        var index = 0
        while index < entries.count {
            var entry = entries[index]
            if index + 1 < entries.count {
                let other = entries[index + 1]
                if entry.block == other.block, !entry.isHead, !other.isHead {
                    entry.first = min(entry.first, other.first)
                    entry.last = max(entry.last, other.last)
                } else {
                    // Neither block alone: the entry says just that something begins here.
                    entry = Entry(offset: entry.offset, block: -1, first: 0, last: 0)
                }
            }
            kept.append(entry)
            index += 2
        }
        entries = kept
        isOpen = false
    }
}
