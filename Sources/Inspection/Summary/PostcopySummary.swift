internal import Migration

/// What the commands of post-copy say. The property names are the keys of `--json`.
public struct PostcopySummary: Codable, Hashable, Sendable {
    /// What a block's POSTCOPY_RAM_DISCARD commands name.
    public struct Discard: Codable, Hashable, Sendable {
        public var block: String
        public var ranges: Int
        /// In all ranges, pages that are named twice counted twice.
        public var octets: UInt64
    }

    /// The page sizes of the memory behind all blocks, in octets.
    public var pageSizes: [UInt64] = []
    /// The target's page size in octets.
    public var pageSize: UInt64?
    public var discards: [Discard] = []

    /// Blocks that are told apart; QEMU has no stream with as many.
    private static let blockLimit = 4096

    /// Takes a command.
    /// - Returns: whether it says something of post-copy.
    mutating func take(_ payload: CommandPayload) -> Bool {
        switch payload {
        case .advise(let sizes, let size):
            pageSizes = (0..<64).map { 1 << UInt64($0) }.filter { sizes & $0 != 0 }
            pageSize = size
            return true
        case .discard(let block, let ranges):
            var octets: UInt64 = 0
            for range in ranges { octets = Self.sum(octets, range.length) }
            if let index = discards.firstIndex(where: { $0.block == block }) {
                discards[index].ranges += ranges.count
                discards[index].octets = Self.sum(discards[index].octets, octets)
            } else if discards.count < Self.blockLimit {
                discards.append(Discard(block: block, ranges: ranges.count, octets: octets))
            }
            return true
        case .ping, .receivedBitmap: return false
        }
    }

    private static func sum(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let (sum, overflows) = one.addingReportingOverflow(other)
        return overflows ? .max : sum
    }

    /// The summary as people read it, without the discards' table.
    var pageText: String? {
        guard let pageSize else { return nil }
        let sizes = pageSizes.map(StreamSummary.octets).joined(separator: ", ")
        return "advised: pages of \(StreamSummary.octets(pageSize)), memory of \(sizes)"
    }

    /// Empty if nothing is discarded.
    var rows: [[String]] {
        guard !discards.isEmpty else { return [] }
        return [["discarded of block", "ranges", "octets"]]
            + discards.map { [StreamSummary.visible($0.block), "\($0.ranges)", "\($0.octets)"] }
    }
}
