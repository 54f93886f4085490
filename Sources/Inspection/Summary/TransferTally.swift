internal import Migration

/// Counts passes over RAM, pages that are sent again, and the downtime's part.
struct TransferTally {
    private(set) var summary = TransferSummary()
    private var blocks: [String: Int] = [:]
    private var lengths: [UInt64] = []
    private var sets: [PageSet] = []
    private var pageSize: UInt64 = 0
    private var last: (block: Int, offset: UInt64)?
    private var pieces = 0
    /// Whether pages come in another order than that of passes, or by several ways.
    private(set) var isUnordered = false
    private var isIncomplete = false
    /// Whether what goes by now goes while the guest stands still.
    private var isDown = false
    private var isOver = false
    private var isPostcopy = false

    /// Passes that are told one by one.
    private static let passLimit = 64

    mutating func begin(_ list: [(name: String, length: UInt64)]) {
        blocks = [:]
        lengths = list.map(\.length)
        for (index, block) in list.enumerated() { blocks[block.name] = index }
        sets = list.map { _ in PageSet() }
        summary.distinctPages = 0
        last = nil
    }

    /// A section begins. Its head's octets are counted by ``add(_:_:)``.
    mutating func beginSection(_ kind: SectionKind) {
        if kind == .end, !isPostcopy, !isOver { isDown = true }
    }

    mutating func beginPackage() {
        isPostcopy = true
        isDown = !isOver
    }

    mutating func endPackage() {
        isDown = false
        isOver = true
    }

    /// The mark that ends the items; the vmdesc behind it still counts.
    mutating func endOfStream() {
        isOver = true
    }

    /// Pages come by another channel, or by post-copy's order.
    mutating func loseOrder() { isUnordered = true }

    /// Octets of the binary stream.
    mutating func add(_ what: String, _ octets: UInt64) {
        summary.sizes[what, default: 0] &+= octets
        guard isDown else { return }
        summary.downtime.octets &+= octets
        switch what {
        case "ram", "iterators": summary.downtime.iterators &+= octets
        case "devices": summary.downtime.devices &+= octets
        default: summary.downtime.other &+= octets
        }
    }

    /// A section's octets turned out to be fewer.
    mutating func remove(_ what: String, _ octets: UInt64) {
        summary.sizes[what, default: 0] &-= octets
        if isDown {
            summary.downtime.octets &-= octets
            summary.downtime.iterators &-= octets
        }
    }

    /// Behind the vmdesc nothing of the migration follows.
    mutating func endDowntime() { isDown = false }

    mutating func count(_ group: borrowing RAMPageGroup) {
        guard let block = blocks[group.block], group.pageSize > 0 else { return }
        pageSize = group.pageSize
        let total = lengths[block] / pageSize + (lengths[block] % pageSize > 0 ? 1 : 0)
        for (index, entry) in group.entries.enumerated() {
            let octets = Self.octets(entry)
            let spelled =
                index == 0 && group.isNameSpelled ? UInt64(1 + group.block.utf8.count) : 0
            pass(block, entry, octets &+ spelled)
            let first = min(entry.offset / pageSize, total)
            let end = min(first &+ min(entry.count, total), total)
            if isDown { summary.downtime.pages &+= entry.count }
            guard first < end, !isIncomplete else { continue }
            guard let known = sets[block].insert(first..<end, made: &pieces) else {
                isIncomplete = true
                continue
            }
            summary.resentPages &+= known
            summary.distinctPages &+= end - first - known
            if known > 0 { summary.resentOctets &+= octets / max(entry.count, 1) &* known }
        }
    }

    private mutating func pass(_ block: Int, _ entry: RAMPageEntry, _ octets: UInt64) {
        guard !isUnordered, !isPostcopy else { return }
        let isBack = last.map { (block, entry.offset) <= ($0.block, $0.offset) } ?? true
        if isBack {
            summary.passCount += 1
            if summary.passes.count < Self.passLimit { summary.passes.append(.init()) }
        }
        last = (block, entry.offset &+ (entry.count &- 1) &* pageSize)
        guard summary.passCount <= Self.passLimit, let index = summary.passes.indices.last else {
            return
        }
        if entry.kind == .fill, entry.fill == 0 {
            summary.passes[index].zero &+= entry.count
        } else {
            summary.passes[index].data &+= entry.count
        }
        summary.passes[index].octets &+= octets
    }

    /// Octets of an entry's records.
    static func octets(_ entry: RAMPageEntry) -> UInt64 {
        let content = UInt64(clamping: entry.contentLength)
        return switch entry.kind {
        case .full: entry.count &* (8 &+ content)
        case .fill: entry.count &* 9
        case .xbzrle: 11 &+ content
        case .zlib: 12 &+ content
        case .packed: 0
        }
    }

    /// The summary, when all has been read.
    func finished(isWhole: Bool) -> TransferSummary? {
        guard !summary.sizes.isEmpty else { return nil }
        var result = summary
        if isIncomplete {
            result.distinctPages = 0
            result.resentPages = 0
            result.resentOctets = 0
        } else if isWhole, pageSize > 0 {
            let total = lengths.reduce(UInt64(0)) {
                $0 &+ $1 / pageSize &+ ($1 % pageSize > 0 ? 1 : 0)
            }
            result.missingPages = total &- min(total, result.distinctPages)
        }
        if isUnordered {
            result.passes = []
            result.passCount = 0
        }
        return result
    }
}
