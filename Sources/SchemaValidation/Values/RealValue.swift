internal import ByteIO

/// The value of REAL's content octets (X.690 8.5), rounded.
enum RealValue {
    static func double(_ window: RawSpan, _ start: Int, _ end: Int) -> Double? {
        let count = end - start
        guard count > 0 else { return 0 }
        guard RealRules.check(window, start, count, isCanonical: false) == nil else { return nil }
        let first = window.octet(at: start)
        if first & 0x80 == 0 {
            switch first {
            case 0x40: return .infinity
            case 0x41: return -.infinity
            case 0x42: return .nan
            case 0x43: return -0.0
            default:
                var text = ""
                for index in start + 1..<end {
                    let octet = window.octet(at: index)
                    if octet == 0x20 { continue }
                    // Swift reads no "1.E5".
                    if octet == 0x45, text.hasSuffix(".") { text += "0" }
                    text.append(
                        octet == 0x2c ? "." : Character(Unicode.Scalar(octet)))
                }
                if text.hasSuffix(".") { text += "0" }
                return Double(text)
            }
        }
        var at = start + 1
        var exponentCount = Int(first & 3) + 1
        if exponentCount == 4 {
            exponentCount = Int(window.octet(at: at))
            at += 1
        }
        var exponent = 0
        for index in 0..<exponentCount {
            let octet = window.octet(at: at + index)
            if exponentCount > 4 { return first & 0x40 == 0 ? .infinity : -.infinity }
            exponent = index == 0 ? Int(Int8(bitPattern: octet)) : exponent << 8 | Int(octet)
        }
        at += exponentCount
        var mantissa = 0.0
        for index in at..<end { mantissa = mantissa * 256 + Double(window.octet(at: index)) }
        let power = [1, 3, 4, 1][Int(first >> 4 & 3)]
        let scale = Int(first >> 2 & 3)
        let value = Double(
            sign: first & 0x40 == 0 ? .plus : .minus,
            exponent: max(-100_000, min(100_000, exponent &* power &+ scale)), significand: mantissa
        )
        return value
    }
}
