/// An integer of any size, for the bounds and values that module text spells.
///
/// It can be compared, negated and stepped by one: what ranges need, and no more.
public struct BigInteger: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// True below zero.
    public let isNegative: Bool
    /// The magnitude in base 2^32, least significant first, without leading zeros; empty is zero.
    public let magnitude: [UInt32]

    /// Makes an integer from its parts.
    public init(isNegative: Bool, magnitude: [UInt32]) {
        var digits = magnitude
        while digits.last == 0 { digits.removeLast() }
        self.magnitude = digits
        self.isNegative = isNegative && !digits.isEmpty
    }

    /// Makes an integer from a machine integer.
    public init(_ value: Int) {
        let m = value.magnitude
        self.init(
            isNegative: value < 0,
            magnitude: [UInt32(truncatingIfNeeded: m), UInt32(truncatingIfNeeded: m >> 32)])
    }

    /// Reads decimal digits with an optional minus sign; `nil` when there is anything else.
    public init?(decimal text: String) {
        var digits: [UInt32] = []
        var negative = false
        var any = false
        for byte in text.utf8 {
            if byte == 0x2D, !any, !negative {
                negative = true
                continue
            }
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            any = true
            var carry = UInt64(byte - 0x30)
            for i in digits.indices {
                let v = UInt64(digits[i]) * 10 + carry
                digits[i] = UInt32(truncatingIfNeeded: v)
                carry = v >> 32
            }
            if carry != 0 { digits.append(UInt32(truncatingIfNeeded: carry)) }
        }
        guard any else { return nil }
        self.init(isNegative: negative, magnitude: digits)
    }

    public static let zero = BigInteger(0)

    /// The same magnitude with the other sign.
    public var negated: BigInteger { BigInteger(isNegative: !isNegative, magnitude: magnitude) }

    /// The next integer above.
    public var successor: BigInteger {
        isNegative
            ? BigInteger(isNegative: true, magnitude: Self.decrement(magnitude))
            : BigInteger(isNegative: false, magnitude: Self.increment(magnitude))
    }

    /// The next integer below.
    public var predecessor: BigInteger { negated.successor.negated }

    /// The value as a machine integer, if it fits.
    public var asInt: Int? {
        guard magnitude.count <= 2 else { return nil }
        var m: UInt64 = 0
        for digit in magnitude.reversed() { m = m << 32 | UInt64(digit) }
        if isNegative {
            return m <= UInt64(Int.max) + 1 ? Int(truncatingIfNeeded: 0 &- m) : nil
        }
        return m <= UInt64(Int.max) ? Int(truncatingIfNeeded: m) : nil
    }

    /// The value as a floating-point number, rounded, or infinite.
    public var asDouble: Double {
        var result = 0.0
        for digit in magnitude.reversed() { result = result * 4_294_967_296 + Double(digit) }
        return isNegative ? -result : result
    }

    private static func increment(_ digits: [UInt32]) -> [UInt32] {
        var result = digits
        for i in result.indices {
            let (sum, overflow) = result[i].addingReportingOverflow(1)
            result[i] = sum
            if !overflow { return result }
        }
        result.append(1)
        return result
    }

    private static func decrement(_ digits: [UInt32]) -> [UInt32] {
        var result = digits
        for i in result.indices {
            let (difference, overflow) = result[i].subtractingReportingOverflow(1)
            result[i] = difference
            if !overflow { break }
        }
        return result
    }

    public static func < (a: BigInteger, b: BigInteger) -> Bool {
        if a.isNegative != b.isNegative { return a.isNegative }
        if a.magnitude.count != b.magnitude.count {
            return (a.magnitude.count < b.magnitude.count) != a.isNegative
        }
        for (x, y) in zip(a.magnitude.reversed(), b.magnitude.reversed()) where x != y {
            return (x < y) != a.isNegative
        }
        return false
    }

    public var description: String {
        if magnitude.isEmpty { return "0" }
        var digits = magnitude
        var groups: [String] = []
        while !digits.isEmpty {
            var remainder: UInt64 = 0
            for i in digits.indices.reversed() {
                let v = remainder << 32 | UInt64(digits[i])
                digits[i] = UInt32(truncatingIfNeeded: v / 1_000_000_000)
                remainder = v % 1_000_000_000
            }
            while digits.last == 0 { digits.removeLast() }
            let group = String(remainder)
            groups.append(
                digits.isEmpty ? group : String(repeating: "0", count: 9 - group.count) + group)
        }
        return (isNegative ? "-" : "") + groups.reversed().joined()
    }
}
