import Migration

/// Collects a version 4 file's `RAMTotals`, in bounded memory.
struct TotalsBuilder {
    /// Groups of pages in a row, with no more than checkpoints between them.
    struct Stretch {
        /// Octets from the start of the file: where the first group begins, and where something
        /// else does behind the last one.
        var offset: UInt64
        var end: UInt64
        var pageSize: UInt64
        /// Its rows in ``TotalsBuilder/rows``.
        var rows: Range<Int>
    }

    /// Pages of one block in one stretch.
    struct Row {
        /// The block's number in ``TotalsBuilder/blocks``.
        var block: Int
        var pages: PageCounts
    }

    private(set) var stretches: [Stretch] = []
    private(set) var rows: [Row] = []
    private(set) var blocks: [String] = []
    private var numbers: [String: Int] = [:]
    var history = PageHistory()
    /// There were more stretches than are kept.
    private var isOver = false

    /// Whether there is something to tell, and all of it is known.
    var isKnown: Bool {
        !isOver && !stretches.isEmpty && !history.isUnordered && !history.isIncomplete
    }

    /// A group was written at `offset`, up to `end`.
    mutating func count(_ group: borrowing RAMPageGroup, from offset: UInt64, to end: UInt64) {
        guard !isOver else { return }
        history.count(group)
        let number = number(of: group.block)
        let last = stretches.count - 1
        let goesOn =
            last >= 0 && stretches[last].end == offset && stretches[last].pageSize == group.pageSize
        if !goesOn {
            stretches.append(
                Stretch(
                    offset: offset, end: end, pageSize: group.pageSize,
                    rows: rows.count..<rows.count))
        }
        let stretch = stretches.count - 1
        stretches[stretch].end = end
        if let row = stretches[stretch].rows.first(where: { rows[$0].block == number }) {
            rows[row].pages.add(group)
        } else {
            rows.append(Row(block: number, pages: PageCounts(group)))
            stretches[stretch].rows = stretches[stretch].rows.lowerBound..<rows.count
        }
        if rows.count > FormatLimit.totalsRows { giveUp() }
    }

    /// A checkpoint was written at `offset`, up to `end`.
    mutating func checkpoint(from offset: UInt64, to end: UInt64) {
        let last = stretches.count - 1
        if last >= 0, stretches[last].end == offset { stretches[last].end = end }
    }

    private mutating func giveUp() {
        isOver = true
        stretches = []
        rows = []
    }

    private mutating func number(of block: String) -> Int {
        if let known = numbers[block] { return known }
        numbers[block] = blocks.count
        blocks.append(block)
        return blocks.count - 1
    }
}
