/// Pages that have been seen: a bit each, in pieces that are made when needed.
struct PageSet {
    /// Words of a piece: 65 536 pages.
    private static let words = 1024
    /// Pieces that may be made: 16 MiB, for 512 GiB in pages of 4 KiB.
    static let limit = 2048

    /// All pieces, one behind the other, and where in them each begins.
    private var bits: [UInt64] = []
    private var places: [UInt64: Int] = [:]
    /// The piece that was needed last: the next page mostly lies in it, too.
    private var last: (number: UInt64, place: Int)?

    /// Adds adjoining pages.
    /// - Parameter made: how many pieces have been made by all sets.
    /// - Returns: how many of the pages were there already; `nil` if there are too many pieces.
    mutating func insert(_ pages: Range<UInt64>, made: inout Int) -> UInt64? {
        var known: UInt64 = 0
        var page = pages.lowerBound
        while page < pages.upperBound {
            let number = page >> 16
            guard let place = place(of: number, made: &made) else { return nil }
            let end = min(pages.upperBound, (number + 1) << 16)
            known += fill(place, Int(page & 0xffff), Int(end - page))
            page = end
        }
        return known
    }

    private mutating func place(of number: UInt64, made: inout Int) -> Int? {
        if let last, last.number == number { return last.place }
        var place = places[number]
        if place == nil {
            guard made < Self.limit else { return nil }
            made += 1
            place = bits.count
            places[number] = place
            bits.append(contentsOf: repeatElement(0, count: Self.words))
        }
        last = place.map { (number, $0) }
        return place
    }

    /// Sets bits of the piece that begins at `place`.
    /// - Returns: how many were set before.
    private mutating func fill(_ place: Int, _ first: Int, _ count: Int) -> UInt64 {
        var known: UInt64 = 0
        var bit = first
        let end = first + count
        while bit < end {
            let size = min(64 - bit % 64, end - bit)
            let mask = (size == 64 ? UInt64.max : (1 << UInt64(size)) - 1) << UInt64(bit % 64)
            let word = place + bit / 64
            known += UInt64((bits[word] & mask).nonzeroBitCount)
            bits[word] |= mask
            bit += size
        }
        return known
    }
}
