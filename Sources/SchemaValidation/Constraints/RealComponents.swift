internal import ASN1
internal import ByteIO

/// A REAL as mantissa, base and exponent: the associated type of X.680 21.5, which WITH COMPONENTS
/// speaks of. Numbers of more than 63 bits are none.
struct RealComponents {
    private let mantissa: Int64
    private let base: Int64
    private let exponent: Int64

    /// - Returns: `nil` for special values, and numbers that are too large.
    init?(_ window: RawSpan, _ start: Int, _ end: Int) {
        let count = end - start
        guard count > 0 else {
            (mantissa, base, exponent) = (0, 2, 0)
            return
        }
        guard RealRules.check(window, start, count, isCanonical: false) == nil else { return nil }
        let first = window.octet(at: start)
        if first & 0x80 != 0 {
            guard let parts = RealComponents.binary(window, start, end) else { return nil }
            (mantissa, base, exponent) = (parts.0, 2, parts.1)
        } else {
            guard first & 0x40 == 0,
                let parts = RealComponents.decimal(window, start + 1, end)
            else { return nil }
            (mantissa, base, exponent) = (parts.0, 10, parts.1)
        }
    }

    private static func binary(_ window: RawSpan, _ start: Int, _ end: Int) -> (Int64, Int64)? {
        let first = window.octet(at: start)
        var at = start + 1
        var octets = Int(first & 3) + 1
        if octets == 4 {
            octets = Int(window.octet(at: at))
            at += 1
        }
        guard octets <= 6 else { return nil }
        var exponent: Int64 = 0
        for index in 0..<octets {
            let octet = window.octet(at: at + index)
            exponent = index == 0 ? Int64(Int8(bitPattern: octet)) : exponent << 8 | Int64(octet)
        }
        at += octets
        var mantissa: Int64 = 0
        for index in at..<end {
            guard mantissa >> 54 == 0 else { return nil }
            mantissa = mantissa << 8 | Int64(window.octet(at: index))
        }
        let power: Int64 = [1, 3, 4, 1][Int(first >> 4 & 3)]
        exponent = exponent * power + Int64(first >> 2 & 3)
        while mantissa != 0, mantissa & 1 == 0 {
            mantissa >>= 1
            exponent += 1
        }
        return (first & 0x40 == 0 ? mantissa : -mantissa, exponent)
    }

    private static func decimal(_ window: RawSpan, _ start: Int, _ end: Int) -> (Int64, Int64)? {
        var mantissa: Int64 = 0
        var exponent: Int64 = 0
        var written: Int64 = 0
        var isNegative = false
        var isBelow = false
        var part = 0
        for index in start..<end {
            let octet = window.octet(at: index)
            switch octet {
            case 0x30...0x39 where part == 0:
                guard mantissa < 1 << 55 else { return nil }
                mantissa = mantissa * 10 + Int64(octet - 0x30)
                if isBelow { exponent -= 1 }
            case 0x30...0x39:
                guard written < 1 << 40 else { return nil }
                written = written * 10 + Int64(octet - 0x30)
            case 0x2d where part == 0: isNegative = true
            case 0x2d: part = -1
            case 0x2e, 0x2c: isBelow = true
            case 0x45, 0x65: part = 1
            default: break
            }
        }
        exponent += part < 0 ? -written : written
        while mantissa != 0, mantissa % 10 == 0 {
            mantissa /= 10
            exponent += 1
        }
        return (isNegative ? -mantissa : mantissa, exponent)
    }

    /// Whether some way to write the number has components that the constraint allows.
    func have(_ isPartial: Bool, _ list: [ComponentConstraint], _ schema: Schema) -> Bool {
        var mantissa = mantissa
        var exponent = exponent
        // Zero has any base and exponent.
        if mantissa == 0 {
            return allows("mantissa", 0, list, schema)
        }
        guard allows("base", base, list, schema) else { return false }
        while true {
            if allows("mantissa", mantissa, list, schema),
                allows("exponent", exponent, list, schema)
            {
                return true
            }
            let (next, overflow) = mantissa.multipliedReportingOverflow(by: base)
            if overflow { return false }
            mantissa = next
            exponent -= 1
        }
    }

    private func allows(
        _ name: String, _ value: Int64, _ list: [ComponentConstraint], _ schema: Schema
    ) -> Bool {
        list.allSatisfy { item in
            guard item.name == name, let constraint = item.constraint, !constraint.isExtensible,
                let ranges = SetAlgebra.integers(constraint.expression, schema, 0)
            else { return true }
            return ranges.contains(BigInteger(Int(value)))
        }
    }
}
