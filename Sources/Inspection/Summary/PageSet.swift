/// Pages that have been seen: a bit each, in pieces that are made when needed.
struct PageSet {
    /// Words of a piece: 65 536 pages.
    private static let words = 1024
    /// Pieces that may be made: 16 MiB, for 512 GiB in pages of 4 KiB.
    static let limit = 2048

    private var pieces: [UInt64: [UInt64]] = [:]
    /// Pages that are in the set.
    private(set) var count: UInt64 = 0

    /// Adds adjoining pages.
    /// - Parameter made: how many pieces have been made by all sets.
    /// - Returns: how many of the pages were there already; `nil` if there are too many pieces.
    mutating func insert(_ pages: Range<UInt64>, made: inout Int) -> UInt64? {
        var known: UInt64 = 0
        var page = pages.lowerBound
        while page < pages.upperBound {
            let number = page >> 16
            if pieces[number] == nil {
                guard made < Self.limit else { return nil }
                made += 1
            }
            let end = min(pages.upperBound, (number + 1) << 16)
            known += Self.fill(
                &pieces[number, default: Array(repeating: 0, count: Self.words)],
                Int(page & 0xffff), Int(end - page))
            page = end
        }
        count += pages.upperBound - pages.lowerBound - known
        return known
    }

    /// Sets bits of a piece.
    /// - Returns: how many were set before.
    private static func fill(_ piece: inout [UInt64], _ first: Int, _ count: Int) -> UInt64 {
        var known: UInt64 = 0
        var bit = first
        let end = first + count
        while bit < end {
            let size = min(64 - bit % 64, end - bit)
            let mask = (size == 64 ? UInt64.max : (1 << UInt64(size)) - 1) << UInt64(bit % 64)
            known += UInt64((piece[bit / 64] & mask).nonzeroBitCount)
            piece[bit / 64] |= mask
            bit += size
        }
        return known
    }
}
