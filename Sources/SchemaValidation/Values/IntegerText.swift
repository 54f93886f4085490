internal import ByteIO

/// Integers as text, for messages and listings.
enum IntegerText {
    /// Octets above which a number is told in hexadecimal.
    static let decimalLimit = 128

    /// The integer of `count` octets at `at`.
    static func decimal(_ window: RawSpan, at: Int, count: Int) -> String {
        let count = min(count, window.byteCount - at)
        guard count > 0 else { return "" }
        if count <= 8 {
            var value = Int64(Int8(bitPattern: window.octet(at: at)))
            for index in 1..<max(count, 1) {
                value = value << 8 | Int64(window.octet(at: at + index))
            }
            return String(value)
        }
        guard count <= decimalLimit else { return "an integer of \(count) octets" }
        return decimal((0..<count).map { window.octet(at: at + $0) })
    }

    static func decimal(_ octets: [UInt8]) -> String {
        let isNegative = (octets.first ?? 0) & 0x80 != 0
        var magnitude = octets
        if isNegative {
            var carry: UInt16 = 1
            for index in magnitude.indices.reversed() {
                let sum = UInt16(~magnitude[index]) + carry
                magnitude[index] = UInt8(truncatingIfNeeded: sum)
                carry = sum >> 8
            }
        }
        // Nine decimal digits at a time, out of words of 32 bits.
        var words: [UInt32] = []
        let padding = (4 - magnitude.count % 4) % 4
        for index in stride(from: -padding, to: magnitude.count, by: 4) {
            words.append(
                (index..<index + 4).reduce(0) { $0 << 8 | ($1 < 0 ? 0 : UInt32(magnitude[$1])) })
        }
        var groups: [String] = []
        var start = 0
        while start < words.count {
            var remainder: UInt64 = 0
            for index in start..<words.count {
                let value = remainder << 32 | UInt64(words[index])
                words[index] = UInt32(truncatingIfNeeded: value / 1_000_000_000)
                remainder = value % 1_000_000_000
            }
            while start < words.count, words[start] == 0 { start += 1 }
            let text = String(remainder)
            groups.append(
                start < words.count
                    ? String(repeating: "0", count: 9 - text.count) + text : text)
        }
        return (isNegative ? "-" : "") + (groups.isEmpty ? "0" : groups.reversed().joined())
    }
}

/// Octets as hexadecimal text.
enum Hex {
    static func octet(_ octet: UInt8) -> String {
        let text = String(octet, radix: 16)
        return octet < 16 ? "0" + text : text
    }

    static func offset(_ offset: UInt64) -> String {
        let text = String(offset, radix: 16)
        return "0x" + String(repeating: "0", count: max(0, 8 - text.count)) + text
    }
}
