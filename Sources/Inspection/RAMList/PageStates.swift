/// The last state of each page of a block: two bits a page, in pieces that are made when needed. A
/// piece whose pages are all in one state takes no bits.
struct PageStates {
    enum State: UInt64 {
        case missing, zero, data
    }

    /// The pages of a piece.
    private static let piecePages: UInt64 = 1 << 16
    private static let wordPages: UInt64 = 32
    /// Octets that all blocks' pieces may take: enough for 64 Mi pages in a mixed state.
    static let roomLimit = 16 << 20
    private static let uniformCost = 64
    private static let mixedCost = Int(piecePages / 4) + uniformCost

    fileprivate struct Piece {
        var state = State.missing
        /// Empty where all pages are in ``state``.
        var words: [UInt64] = []
        var zero: UInt64 = 0
        var data: UInt64 = 0
    }

    private var pieces: [UInt64: Piece] = [:]
    let count: UInt64
    private(set) var zero: UInt64 = 0
    private(set) var data: UInt64 = 0
    var missing: UInt64 { count - zero - data }

    /// - Parameter count: pages of the block.
    init(count: UInt64) { self.count = count }

    /// Adjoining pages are in a state now.
    /// - Parameters:
    ///   - pages: what lies behind the block's end does not count.
    ///   - room: octets that pieces may still take.
    /// - Returns: how many were there before; `nil` if there is no room.
    mutating func set(_ pages: Range<UInt64>, _ state: State, room: inout Int) -> UInt64? {
        var known: UInt64 = 0
        var page = pages.lowerBound
        let end = min(pages.upperBound, count)
        while page < end {
            let number = page / Self.piecePages
            let first = number * Self.piecePages
            let behind = min(end, first + Self.piecePages)
            let size = min(Self.piecePages, count - first)
            guard let more = set(page - first..<behind - first, state, number, size, &room) else {
                return nil
            }
            known += more
            page = behind
        }
        return known
    }

    /// - Parameter size: pages of the piece.
    private mutating func set(
        _ pages: Range<UInt64>, _ state: State, _ number: UInt64, _ size: UInt64,
        _ room: inout Int
    ) -> UInt64? {
        var piece: Piece
        if let there = pieces.removeValue(forKey: number) {
            piece = there
        } else {
            guard room >= Self.uniformCost else { return nil }
            room -= Self.uniformCost
            piece = Piece()
        }
        zero -= piece.zero
        data -= piece.data
        defer {
            zero += piece.zero
            data += piece.data
            pieces[number] = piece
        }
        let whole = UInt64(pages.count) == size
        if piece.words.isEmpty {
            let known = piece.state == .missing ? 0 : UInt64(pages.count)
            if whole || piece.state == state {
                piece.become(state, size)
                return known
            }
            guard room >= Self.mixedCost else { return nil }
            room -= Self.mixedCost
            piece.words = Array(
                repeating: piece.state.rawValue &* 0x5555_5555_5555_5555,
                count: Int(Self.piecePages / Self.wordPages))
        }
        let known = piece.fill(pages, state)
        if piece.zero == size || piece.data == size {
            piece.become(state, size)
            room += Self.mixedCost
        }
        return known
    }
}

extension PageStates.Piece {
    /// All pages are in one state.
    fileprivate mutating func become(_ state: PageStates.State, _ size: UInt64) {
        self.state = state
        words = []
        zero = state == .zero ? size : 0
        data = state == .data ? size : 0
    }

    /// - Returns: how many of the pages were there before.
    fileprivate mutating func fill(_ pages: Range<UInt64>, _ state: PageStates.State) -> UInt64 {
        let low: UInt64 = 0x5555_5555_5555_5555
        var known: UInt64 = 0
        var page = pages.lowerBound
        while page < pages.upperBound {
            let bit = page % 32 * 2
            let count = min(32 - page % 32, pages.upperBound - page)
            let mask = (count == 32 ? UInt64.max : (1 << (count * 2)) - 1) << bit
            let index = Int(page / 32)
            let old = words[index] & mask
            // A zero page has the lower bit, one with data the upper.
            let oldZero = UInt64((old & low).nonzeroBitCount)
            let oldData = UInt64((old & ~low).nonzeroBitCount)
            zero -= oldZero
            data -= oldData
            known += oldZero + oldData
            words[index] = words[index] & ~mask | (state.rawValue &* low) & mask
            if state == .zero { zero += count } else if state == .data { data += count }
            page += count
        }
        return known
    }
}
