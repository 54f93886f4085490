internal import ByteIO

/// Integers as text, for messages and listings.
enum IntegerText {
    /// Octets above which a message gives no digits.
    static let decimalLimit = 128
    /// Octets above which a listing gives no digits: their number grows time by its square.
    static let listingLimit = 4096

    /// The integer of `count` octets at `at`.
    static func decimal(
        _ window: RawSpan, at: Int, count: Int, limit: Int = decimalLimit
    ) -> String {
        let count = min(count, window.byteCount - at)
        guard count > 0 else { return "" }
        if count <= 8 {
            var value = Int64(Int8(bitPattern: window.octet(at: at)))
            for index in 1..<max(count, 1) {
                value = value << 8 | Int64(window.octet(at: at + index))
            }
            return String(value)
        }
        guard count <= limit else { return "an integer of \(count) octets" }
        return decimal((0..<count).map { window.octet(at: at + $0) })
    }

    /// A two's complement number.
    static func decimal(_ octets: [UInt8]) -> String {
        let isNegative = (octets.first ?? 0) & 0x80 != 0
        guard isNegative else { return magnitude(octets) }
        var negated = octets
        var carry: UInt16 = 1
        for index in negated.indices.reversed() {
            let sum = UInt16(~negated[index]) + carry
            negated[index] = UInt8(truncatingIfNeeded: sum)
            carry = sum >> 8
        }
        return "-" + magnitude(negated)
    }

    /// An unsigned number. Takes time by the square of its length: the caller has a limit.
    static func magnitude(_ octets: [UInt8]) -> String {
        // Words of 32 bits, the highest first, divided by 10^9 until nothing is left.
        var words: [UInt32] = []
        words.reserveCapacity(octets.count / 4 + 1)
        var word: UInt32 = 0
        for (index, octet) in octets.enumerated() {
            word = word << 8 | UInt32(octet)
            if (octets.count - index) & 3 == 1 {
                words.append(word)
                word = 0
            }
        }
        var digits: [UInt8] = []
        var start = 0
        while start < words.count {
            var remainder: UInt64 = 0
            for index in start..<words.count {
                let value = remainder << 32 | UInt64(words[index])
                words[index] = UInt32(truncatingIfNeeded: value / 1_000_000_000)
                remainder = value % 1_000_000_000
            }
            for _ in 0..<9 {
                digits.append(0x30 + UInt8(truncatingIfNeeded: remainder % 10))
                remainder /= 10
            }
            while start < words.count, words[start] == 0 { start += 1 }
        }
        while digits.count > 1, digits.last == 0x30 { digits.removeLast() }
        if digits.isEmpty { digits = [0x30] }
        return String(decoding: digits.reversed(), as: UTF8.self)
    }

    /// The number that groups of seven bits make, as an arc of an OBJECT IDENTIFIER has them (X.690
    /// 8.19.2), less `offset`.
    static func arc(_ septets: [UInt8], less offset: UInt8) -> String {
        var octets: [UInt8] = []
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for septet in septets.reversed() {
            bits |= UInt32(septet & 0x7f) << count
            count += 7
            if count >= 8 {
                octets.append(UInt8(truncatingIfNeeded: bits))
                bits >>= 8
                count -= 8
            }
        }
        octets.append(UInt8(truncatingIfNeeded: bits))
        var borrow = offset
        for index in octets.indices where borrow > 0 {
            let (rest, isShort) = octets[index].subtractingReportingOverflow(borrow)
            octets[index] = rest
            borrow = isShort ? 1 : 0
        }
        return magnitude(octets.reversed())
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
