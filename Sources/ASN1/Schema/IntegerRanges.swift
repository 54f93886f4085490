/// A set of integers as ranges that neither touch nor overlap, in ascending order.
public struct IntegerRanges: Sendable, Hashable {
    /// From lower to upper, both included; `nil` is without bound.
    public struct Range: Sendable, Hashable {
        public let lower: BigInteger?
        public let upper: BigInteger?

        public init(lower: BigInteger?, upper: BigInteger?) {
            self.lower = lower
            self.upper = upper
        }
    }

    public let ranges: [Range]

    /// All integers.
    public static let all = IntegerRanges([Range(lower: nil, upper: nil)])
    /// No integer.
    public static let none = IntegerRanges([])

    /// Makes a set from ranges in any order; those with lower above upper hold nothing.
    public init(_ ranges: [Range]) {
        let sorted = ranges.filter { range in
            if let lower = range.lower, let upper = range.upper { return lower <= upper }
            return true
        }.sorted { a, b in
            guard let x = a.lower else { return b.lower != nil }
            guard let y = b.lower else { return false }
            return x < y
        }
        var merged: [Range] = []
        for range in sorted {
            guard let last = merged.last else {
                merged.append(range)
                continue
            }
            guard let lastUpper = last.upper else { break }
            if let lower = range.lower, lower > lastUpper.successor {
                merged.append(range)
                continue
            }
            let upper: BigInteger? = range.upper.map { max($0, lastUpper) }
            merged[merged.count - 1] = Range(lower: last.lower, upper: upper)
        }
        self.ranges = merged
    }

    public init(lower: BigInteger?, upper: BigInteger?) {
        self.init([Range(lower: lower, upper: upper)])
    }

    public var isEmpty: Bool { ranges.isEmpty }
    public var isAll: Bool { ranges.count == 1 && ranges[0].lower == nil && ranges[0].upper == nil }
    /// The least member, `nil` when there is none or no bound.
    public var lower: BigInteger? { ranges.first?.lower }
    /// The greatest member, `nil` when there is none or no bound.
    public var upper: BigInteger? { ranges.last?.upper }

    public func contains(_ value: BigInteger) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            let range = ranges[middle]
            if let lower = range.lower, value < lower {
                high = middle
            } else if let upper = range.upper, value > upper {
                low = middle + 1
            } else {
                return true
            }
        }
        return false
    }

    public func union(_ other: IntegerRanges) -> IntegerRanges {
        IntegerRanges(ranges + other.ranges)
    }

    public func intersection(_ other: IntegerRanges) -> IntegerRanges {
        var result: [Range] = []
        var i = 0
        var j = 0
        while i < ranges.count, j < other.ranges.count {
            let a = ranges[i]
            let b = other.ranges[j]
            let lower: BigInteger? =
                switch (a.lower, b.lower) {
                case (let x?, let y?): max(x, y)
                case (let x?, nil): x
                case (nil, let y): y
                }
            let upper: BigInteger? =
                switch (a.upper, b.upper) {
                case (let x?, let y?): min(x, y)
                case (let x?, nil): x
                case (nil, let y): y
                }
            result.append(Range(lower: lower, upper: upper))
            let aEndsFirst: Bool
            if let x = a.upper {
                if let y = b.upper { aEndsFirst = x < y } else { aEndsFirst = true }
            } else {
                aEndsFirst = false
            }
            if aEndsFirst { i += 1 } else { j += 1 }
        }
        return IntegerRanges(result)
    }

    public var complement: IntegerRanges {
        var result: [Range] = []
        var next: BigInteger?
        var isOpen = true
        for range in ranges {
            if let lower = range.lower {
                result.append(Range(lower: isOpen ? nil : next, upper: lower.predecessor))
            }
            guard let upper = range.upper else { return IntegerRanges(result) }
            next = upper.successor
            isOpen = false
        }
        result.append(Range(lower: isOpen ? nil : next, upper: nil))
        return IntegerRanges(result)
    }

    public func subtracting(_ other: IntegerRanges) -> IntegerRanges {
        intersection(other.complement)
    }

    public func isSubset(of other: IntegerRanges) -> Bool { subtracting(other).isEmpty }
}
