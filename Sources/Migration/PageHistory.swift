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
        if !isUnordered, !isPostcopy { pass(group, block) }
        let pages = PageDivision(pageSize)
        let total = pages.ceiling(lengths[block])
        for entry in group.entries {
            let first = min(pages.quotient(entry.offset), total)
            let end = min(first &+ min(entry.count, total), total)
            if isDown { totals.downtimePages &+= entry.count }
            guard first < end, !isIncomplete else { continue }
            guard let known = sets[block].insert(first..<end, made: &pieces) else {
                isIncomplete = true
                continue
            }
            totals.resentPages &+= known
            totals.distinctPages &+= end - first - known
            guard known > 0 else { continue }
            let octets = entry.recordOctets
            totals.resentOctets &+= entry.count == 1 ? octets : octets / entry.count &* known
        }
    }

    /// Counts a group in its pass; an entry that begins one ends the part that is counted.
    private mutating func pass(_ group: borrowing RAMPageGroup, _ block: Int) {
        let spelled = group.isNameSpelled ? UInt64(1 + group.block.utf8.count) : 0
        var part = PageTotals.Pass(octets: spelled)
        // The last page of this block, if nothing behind the block has come since.
        var place: UInt64?
        var isBack = true
        if let last {
            isBack = last.block > block
            place = last.block == block ? last.offset : nil
        }
        for (index, entry) in group.entries.enumerated() {
            if isBack || place.map({ entry.offset <= $0 }) ?? false {
                if index > 0 {
                    add(part)
                    part = PageTotals.Pass()
                }
                totals.passCount &+= 1
                if totals.passes.count < Self.passLimit { totals.passes.append(.init()) }
            }
            isBack = false
            place = entry.offset &+ (entry.count &- 1) &* pageSize
            if entry.kind == .fill, entry.fill == 0 {
                part.zero &+= entry.count
            } else {
                part.data &+= entry.count
            }
            part.octets &+= entry.recordOctets
        }
        add(part)
        if let place { last = (block, place) }
    }

    private mutating func add(_ part: PageTotals.Pass) {
        let index = totals.passes.count - 1
        guard totals.passCount <= Self.passLimit, index >= 0 else { return }
        totals.passes[index].zero &+= part.zero
        totals.passes[index].data &+= part.data
        totals.passes[index].octets &+= part.octets
    }
}

/// Division by a page size, which is a power of two in all streams but strange ones.
private struct PageDivision {
    private let size: UInt64
    /// `nil` for other sizes.
    private let shift: UInt64?

    init(_ size: UInt64) {
        self.size = size
        shift = size & (size &- 1) == 0 ? UInt64(size.trailingZeroBitCount) : nil
    }

    func quotient(_ octets: UInt64) -> UInt64 {
        shift.map { octets &>> $0 } ?? octets / max(size, 1)
    }

    func ceiling(_ octets: UInt64) -> UInt64 {
        let whole = quotient(octets)
        return octets &- whole &* size > 0 ? whole &+ 1 : whole
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
