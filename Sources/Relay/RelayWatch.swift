public import Inspection
public import Migration
internal import Synchronization

/// What has passed so far.
public struct RelayCounts: Hashable, Sendable {
    /// Octets towards the destination, and back.
    public var sent: UInt64 = 0
    public var received: UInt64 = 0
    /// Pages of the main channel and of multifd channels, by what they are.
    public var zeroPages: UInt64 = 0
    public var fullPages: UInt64 = 0
    public var otherPages: UInt64 = 0
    /// How often the main channel's pages began again with an earlier one.
    public var rounds = 0
    /// Octets of RAM in all, and how far the round is.
    public var total: UInt64 = 0
    public var reached: UInt64 = 0
    /// Whether the destination runs already.
    public var isPostcopy = false
    /// Whether some octets went on without being looked at: pages are no longer counted.
    public var isBlind = false

    public init() {}

    public var pages: UInt64 { zeroPages &+ fullPages &+ otherPages }
}

/// Counts what goes by, from any thread.
public final class RelayWatch: StreamWatch, Sendable {
    private struct State {
        var counts = RelayCounts()
        var starts: [String: UInt64] = [:]
        var hasEnded = false
        /// Where the last page was, all blocks one behind the other.
        var place: UInt64 = 0
    }

    private let state = Mutex(State())

    public var counts: RelayCounts { state.withLock { $0.counts } }

    /// Whether the main channel's end mark went by.
    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    public func ended() { state.withLock { $0.hasEnded = true } }

    /// Who looks could not keep up.
    func loseSight() { state.withLock { $0.counts.isBlind = true } }

    func sent(_ count: Int) { state.withLock { $0.counts.sent &+= UInt64(count) } }
    func received(_ count: Int) { state.withLock { $0.counts.received &+= UInt64(count) } }

    public func blocks(_ blocks: [RAMBlock]) {
        state.withLock { state in
            var start: UInt64 = 0
            for block in blocks {
                state.starts[block.name] = start
                start &+= block.length
            }
            state.counts.total = start
            state.counts.rounds = 1
        }
    }

    public func command(_ code: UInt16) {
        // MIG_CMD_POSTCOPY_RUN
        if code == 5 { state.withLock { $0.counts.isPostcopy = true } }
    }

    public func pages(_ group: borrowing RAMPageGroup) {
        var zero: UInt64 = 0
        var full: UInt64 = 0
        var other: UInt64 = 0
        for entry in group.entries {
            switch entry.kind {
            case .fill where entry.fill == 0: zero &+= entry.count
            case .full, .packed: full &+= entry.count
            default: other &+= entry.count
            }
        }
        let first = group.entries.first?.offset ?? 0
        let last = group.entries.last?.offset ?? 0
        let block = group.block
        state.withLock { state in
            state.counts.zeroPages &+= zero
            state.counts.fullPages &+= full
            state.counts.otherPages &+= other
            let start = state.starts[block] ?? 0
            // Pages that are asked for come in any order.
            if start &+ first < state.place, !state.counts.isPostcopy {
                state.counts.rounds += 1
                state.counts.reached = 0
            }
            state.place = start &+ last
            state.counts.reached = max(state.counts.reached, state.place)
        }
    }
}
