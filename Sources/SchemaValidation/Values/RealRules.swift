internal import ByteIO

/// The content octets of REAL (X.690 8.5 and 11.3).
enum RealRules {
    struct Problem {
        /// Octets from the content's start.
        var at: Int
        var message: String
    }

    /// - Returns: what is wrong, or `nil`.
    static func check(
        _ window: RawSpan, _ start: Int, _ count: Int, isCanonical: Bool
    ) -> Problem? {
        guard count > 0 else { return nil }
        let first = window.octet(at: start)
        if first & 0x80 != 0 { return binary(window, start, count, isCanonical) }
        if first & 0x40 != 0 {
            if count > 1 { return Problem(at: 1, message: "a special value has one octet") }
            guard (0x40...0x43).contains(first) else {
                return Problem(at: 0, message: "\(Hex.octet(first)) is no special value")
            }
            return nil
        }
        return decimal(window, start, count, isCanonical)
    }

    private static func binary(
        _ window: RawSpan, _ start: Int, _ count: Int, _ isCanonical: Bool
    ) -> Problem? {
        let first = window.octet(at: start)
        let base = first >> 4 & 3
        if base == 3 { return Problem(at: 0, message: "base 3 (bits 6 and 5) is reserved") }
        if isCanonical, base != 0 {
            return Problem(at: 0, message: "the base must be 2 (X.690 11.3.1)")
        }
        if isCanonical, first & 0x0c != 0 {
            return Problem(at: 0, message: "the scale factor must be 0 (X.690 11.3.1)")
        }
        var exponentAt = 1
        var exponentCount = Int(first & 3) + 1
        if exponentCount == 4 {
            guard count > 1 else { return Problem(at: 1, message: "the exponent is missing") }
            exponentCount = Int(window.octet(at: start + 1))
            exponentAt = 2
            if exponentCount == 0 {
                return Problem(at: 1, message: "the exponent has no octets")
            }
        }
        guard exponentAt + exponentCount <= count else {
            return Problem(at: count, message: "the exponent is cut off")
        }
        if isCanonical, exponentAt == 2, exponentCount < 4 {
            return Problem(
                at: 0,
                message: "an exponent of up to three octets has the short form (X.690 11.3.1)")
        }
        if exponentCount > 1, exponentAt == 2 || isCanonical {
            let a = window.octet(at: start + exponentAt)
            let b = window.octet(at: start + exponentAt + 1)
            if a == 0 && b & 0x80 == 0 || a == 0xff && b & 0x80 != 0 {
                return Problem(
                    at: exponentAt, message: "the exponent has an octet more than needed")
            }
        }
        let mantissaAt = exponentAt + exponentCount
        guard mantissaAt < count else {
            return Problem(at: count, message: "the mantissa is missing")
        }
        if (mantissaAt..<count).allSatisfy({ window.octet(at: start + $0) == 0 }) {
            return zero(mantissaAt, isNegative: first & 0x40 != 0)
        }
        if isCanonical {
            if window.octet(at: start + mantissaAt) == 0 {
                return Problem(
                    at: mantissaAt, message: "the mantissa has an octet more than needed")
            }
            if window.octet(at: start + count - 1) & 1 == 0 {
                return Problem(at: count - 1, message: "the mantissa must be odd (X.690 11.3.1)")
            }
        }
        return nil
    }

    /// ISO 6093, forms NR1 to NR3.
    private static func decimal(
        _ window: RawSpan, _ start: Int, _ count: Int, _ isCanonical: Bool
    ) -> Problem? {
        let form = window.octet(at: start) & 0x3f
        guard (1...3).contains(form) else {
            return Problem(at: 0, message: "decimal form \(form) is none of NR1 to NR3")
        }
        if isCanonical, form != 3 {
            return Problem(at: 0, message: "a decimal real must be of form NR3 (X.690 11.3.2)")
        }
        var at = 1
        func octet(_ index: Int) -> UInt8 {
            index < count ? window.octet(at: start + index) : 0
        }
        func digits() -> Int {
            let from = at
            while (0x30...0x39).contains(octet(at)) { at += 1 }
            return at - from
        }
        if isCanonical { return canonicalDecimal(window, start, count) }
        while octet(at) == 0x20 { at += 1 }
        if octet(at) == 0x2b || octet(at) == 0x2d { at += 1 }
        var mantissa = digits()
        if form > 1 {
            guard octet(at) == 0x2e || octet(at) == 0x2c else {
                return Problem(at: at, message: "a decimal mark is expected")
            }
            at += 1
            mantissa += digits()
        }
        guard mantissa > 0 else { return Problem(at: at, message: "digits are expected") }
        let mantissaEnd = at
        let isZero = (1..<at).allSatisfy { !(0x31...0x39).contains(octet($0)) }
        if form == 3 {
            guard octet(at) == 0x45 || octet(at) == 0x65 else {
                return Problem(at: at, message: "an exponent is expected")
            }
            at += 1
            if octet(at) == 0x2b || octet(at) == 0x2d { at += 1 }
            guard digits() > 0 else { return Problem(at: at, message: "digits are expected") }
        }
        guard at == count else { return Problem(at: at, message: "the number ends here") }
        guard isZero else { return nil }
        return zero(1, isNegative: (1..<count).contains { octet($0) == 0x2d && $0 < mantissaEnd })
    }

    /// Plus zero has no content octets, minus zero is a special value (X.690 8.5.2, 8.5.3).
    private static func zero(_ at: Int, isNegative: Bool) -> Problem {
        Problem(
            at: at,
            message: isNegative
                ? "minus zero is the special value 43 (X.690 8.5.9)"
                : "zero has no content octets (X.690 8.5.2)")
    }

    /// `-15.E-1`: an integer that neither begins nor ends in 0, the mark, the exponent (X.690 11.3.2).
    private static func canonicalDecimal(
        _ window: RawSpan, _ start: Int, _ count: Int
    ) -> Problem? {
        var at = 1
        func octet(_ index: Int) -> UInt8 {
            index < count ? window.octet(at: start + index) : 0
        }
        if octet(at) == 0x2d { at += 1 }
        guard (0x31...0x39).contains(octet(at)) else {
            return Problem(at: at, message: "a digit that is not 0 is expected (X.690 11.3.2.4)")
        }
        while (0x30...0x39).contains(octet(at)) { at += 1 }
        if octet(at - 1) == 0x30 {
            return Problem(at: at - 1, message: "the mantissa doesn't end in 0 (X.690 11.3.2.4)")
        }
        guard octet(at) == 0x2e else {
            return Problem(at: at, message: "a full stop is expected (X.690 11.3.2.5)")
        }
        at += 1
        guard octet(at) == 0x45 else {
            return Problem(at: at, message: "E is expected (X.690 11.3.2.5)")
        }
        at += 1
        if octet(at) == 0x2b {
            guard octet(at + 1) == 0x30, at + 2 == count else {
                return Problem(at: at, message: "only an exponent of 0 has a + (X.690 11.3.2.6)")
            }
            return nil
        }
        if octet(at) == 0x2d { at += 1 }
        guard (0x31...0x39).contains(octet(at)) else {
            return Problem(at: at, message: "a digit that is not 0 is expected (X.690 11.3.2.6)")
        }
        while (0x30...0x39).contains(octet(at)) { at += 1 }
        return at == count ? nil : Problem(at: at, message: "the number ends here")
    }
}
