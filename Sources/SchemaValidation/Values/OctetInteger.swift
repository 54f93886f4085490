internal import ASN1
internal import ByteIO

/// An integer as the content octets that INTEGER would have: two's complement, most significant
/// first, none more than needed (X.690 8.3). Values of any size are compared in that form.
struct OctetInteger: Sendable, Hashable, Comparable {
    let octets: [UInt8]

    init(_ value: BigInteger) {
        // Magnitude, most significant first.
        var magnitude: [UInt8] = []
        for digit in value.magnitude.reversed() {
            for shift in [24, 16, 8, 0] as [UInt32] {
                magnitude.append(UInt8(truncatingIfNeeded: digit >> shift))
            }
        }
        var result: [UInt8] = [0] + magnitude
        if value.isNegative {
            var carry: UInt16 = 1
            for index in result.indices.reversed() {
                let sum = UInt16(~result[index]) + carry
                result[index] = UInt8(truncatingIfNeeded: sum)
                carry = sum >> 8
            }
        }
        var start = 0
        while start + 1 < result.count {
            let isPadding =
                (result[start] == 0 && result[start + 1] & 0x80 == 0)
                || (result[start] == 0xff && result[start + 1] & 0x80 != 0)
            if !isPadding { break }
            start += 1
        }
        octets = Array(result[start...])
    }

    var isNegative: Bool { octets.first.map { $0 & 0x80 != 0 } ?? false }

    /// Compares with the integer of `count` octets at `at`, of which the window has the first at
    /// least; a longer one decides by its length.
    /// - Returns: below zero if this one is less, zero if they are equal.
    func compare(_ window: RawSpan, at: Int, count: Int) -> Int {
        let otherIsNegative = window.octet(at: at) & 0x80 != 0
        if isNegative != otherIsNegative { return isNegative ? -1 : 1 }
        if octets.count != count { return (octets.count < count) != isNegative ? -1 : 1 }
        for index in 0..<count {
            let mine = octets[index]
            let other = window.octet(at: at + index)
            if mine != other { return mine < other ? -1 : 1 }
        }
        return 0
    }

    static func < (a: OctetInteger, b: OctetInteger) -> Bool {
        a.octets.withUnsafeBytesSpan { span in b.compare(span, at: 0, count: a.octets.count) > 0 }
    }
}

/// A range of integers of any size.
struct OctetRange: Sendable {
    let lower: OctetInteger?
    let upper: OctetInteger?

    init(_ range: IntegerRanges.Range) {
        lower = range.lower.map { OctetInteger($0) }
        upper = range.upper.map { OctetInteger($0) }
    }

    func contains(_ window: RawSpan, at: Int, count: Int) -> Bool {
        if let lower, lower.compare(window, at: at, count: count) > 0 { return false }
        if let upper, upper.compare(window, at: at, count: count) < 0 { return false }
        return true
    }
}

extension Array where Element == UInt8 {
    /// Hands out the octets as a span.
    func withUnsafeBytesSpan<R>(_ body: (RawSpan) -> R) -> R {
        // An array of octets has no padding that could be read.
        body(unsafe span.bytes)
    }
}
