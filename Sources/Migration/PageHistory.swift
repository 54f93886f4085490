/// Which pages of RAM went over when: passes, pages that were sent again, pages of the downtime.
///
/// Gets a main channel's events in stream order.
public struct PageHistory: Sendable {
    /// What it comes to.
    public private(set) var totals = PageTotals()
    /// Whether what goes by now goes while the guest stands still: from the first END section on,
    /// or, in post-copy, the package that starts the guest at the other side.
    public private(set) var isDown = false
    /// Whether pages came in another order than that of passes, or by several ways.
    public private(set) var isUnordered = false
    /// Whether there are more pages than can be told apart.
    public private(set) var isIncomplete = false
    /// The target's page size in octets, 0 if no page has come.
    public private(set) var pageSize: UInt64 = 0
    private var blocks: [String: Int] = [:]
    /// The blocks' lengths in octets.
    public private(set) var lengths: [UInt64] = []
    private var sets: [PageSet] = []
    private var last: (block: Int, offset: UInt64)?
    private var pieces = 0
    private var isOver = false
    private var isPostcopy = false

    /// Passes that are told one by one.
    public static let passLimit = 64

    public init() {}

    /// The block list.
    public mutating func begin(_ list: [RAMBlock]) {
        blocks = [:]
        lengths = list.map(\.length)
        for (index, block) in list.enumerated() { blocks[block.name] = index }
        sets = list.map { _ in PageSet() }
        totals.distinctPages = 0
        last = nil
    }

    public mutating func beginSection(_ kind: SectionKind) {
        if kind == .end, !isPostcopy, !isOver { isDown = true }
    }

    public mutating func beginPackage() {
        isPostcopy = true
        isDown = !isOver
    }

    public mutating func endPackage() {
        isDown = false
        isOver = true
    }

    /// The mark that ends the items; the vmdesc behind it still counts.
    public mutating func endOfStream() { isOver = true }

    /// Behind the vmdesc nothing of the migration follows.
    public mutating func endDowntime() { isDown = false }

    /// Pages come by another channel, or by post-copy's order.
    public mutating func loseOrder() { isUnordered = true }

    /// Pages of a known size were counted elsewhere.
    public mutating func passed(pageSize: UInt64) { self.pageSize = pageSize }

    public mutating func count(_ group: borrowing RAMPageGroup) {
        guard let block = blocks[group.block], group.pageSize > 0 else { return }
        pageSize = group.pageSize
        let total = lengths[block] / pageSize + (lengths[block] % pageSize > 0 ? 1 : 0)
        var spelled = group.isNameSpelled ? UInt64(1 + group.block.utf8.count) : 0
        for entry in group.entries {
            let octets = entry.recordOctets
            pass(block, entry, octets &+ spelled)
            spelled = 0
            let first = min(entry.offset / pageSize, total)
            let end = min(first &+ min(entry.count, total), total)
            if isDown { totals.downtimePages &+= entry.count }
            guard first < end, !isIncomplete else { continue }
            guard let known = sets[block].insert(first..<end, made: &pieces) else {
                isIncomplete = true
                continue
            }
            totals.resentPages &+= known
            totals.distinctPages &+= end - first - known
            if known > 0 { totals.resentOctets &+= octets / max(entry.count, 1) &* known }
        }
    }

    private mutating func pass(_ block: Int, _ entry: RAMPageEntry, _ octets: UInt64) {
        guard !isUnordered, !isPostcopy else { return }
        let isBack = last.map { (block, entry.offset) <= ($0.block, $0.offset) } ?? true
        if isBack {
            totals.passCount &+= 1
            if totals.passes.count < Self.passLimit { totals.passes.append(.init()) }
        }
        last = (block, entry.offset &+ (entry.count &- 1) &* pageSize)
        guard totals.passCount <= Self.passLimit, let index = totals.passes.indices.last else {
            return
        }
        if entry.kind == .fill, entry.fill == 0 {
            totals.passes[index].zero &+= entry.count
        } else {
            totals.passes[index].data &+= entry.count
        }
        totals.passes[index].octets &+= octets
    }
}

/// What ``PageHistory`` comes to.
public struct PageTotals: Hashable, Sendable {
    /// One pass over the blocks. No stream marks where a pass begins: a new one does where a page
    /// stands before the one before it.
    public struct Pass: Hashable, Sendable {
        public var zero: UInt64 = 0
        /// Pages with content: full, XBZRLE, compressed.
        public var data: UInt64 = 0
        /// Octets of its records.
        public var octets: UInt64 = 0

        public init(zero: UInt64 = 0, data: UInt64 = 0, octets: UInt64 = 0) {
            self.zero = zero
            self.data = data
            self.octets = octets
        }
    }

    /// Pages that were sent at least once.
    public var distinctPages: UInt64 = 0
    /// Records of pages that had been sent before: they were dirty again.
    public var resentPages: UInt64 = 0
    /// Octets of those records.
    public var resentOctets: UInt64 = 0
    /// Pages, of whatever kind, that went while the guest stood still.
    public var downtimePages: UInt64 = 0
    public var passCount: UInt64 = 0
    /// The first passes, ``PageHistory/passLimit`` at most.
    public var passes: [Pass] = []

    public init() {}
}
