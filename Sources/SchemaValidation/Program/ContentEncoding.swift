internal import ASN1

/// The content octets of values that the schema spells, in the one form that DER gives them.
enum ContentEncoding {
    /// - Returns: `nil` for values of constructed types, and reals.
    static func octets(_ value: SchemaValue) -> [UInt8]? {
        switch value {
        case .integer(let number), .enumerated(_, let number): return OctetInteger(number).octets
        case .boolean(let flag): return [flag ? 0xff : 0]
        case .null: return []
        case .octets(let octets): return octets
        case .objectIdentifier(let arcs):
            guard arcs.count >= 2, let first = arcs[0].asInt, (0...2).contains(first) else {
                return nil
            }
            guard let second = sum(arcs[1], first * 40) else { return nil }
            return base128(second) + arcs.dropFirst(2).flatMap(base128)
        case .relativeOID(let arcs): return arcs.flatMap(base128)
        default: return nil
        }
    }

    /// X.690 8.19.2: seven bits an octet, the top bit set in all but the last.
    private static func base128(_ value: BigInteger) -> [UInt8] {
        var result: [UInt8] = []
        let bits = value.magnitude.count * 32
        var started = false
        for group in stride(from: (bits + 6) / 7 - 1, through: 0, by: -1) {
            var digit: UInt8 = 0
            for bit in 0..<7 {
                let index = group * 7 + bit
                if index / 32 < value.magnitude.count,
                    value.magnitude[index / 32] >> UInt32(index % 32) & 1 != 0
                {
                    digit |= 1 << UInt8(bit)
                }
            }
            if digit != 0 || started || group == 0 {
                started = true
                result.append(group == 0 ? digit : digit | 0x80)
            }
        }
        return result.isEmpty ? [0] : result
    }

    private static func sum(_ value: BigInteger, _ addend: Int) -> BigInteger? {
        var digits = value.magnitude
        var carry = UInt64(addend.magnitude)
        var index = 0
        while carry > 0 {
            if index == digits.count { digits.append(0) }
            let total = UInt64(digits[index]) + carry
            digits[index] = UInt32(truncatingIfNeeded: total)
            carry = total >> 32
            index += 1
        }
        return value.isNegative ? nil : BigInteger(isNegative: false, magnitude: digits)
    }
}
