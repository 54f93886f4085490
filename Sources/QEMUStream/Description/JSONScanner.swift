/// Reads JSON in order, a token at a time, keeping members that occur twice.
///
/// The vmdesc needs that: a list's elements are told by repeating keys in one object, which a
/// reader that makes dictionaries loses. Strings are taken as QEMU writes them: up to 5.2 it
/// escapes nothing, so octets above 7f that are no UTF-8 are replaced, not refused.
struct JSONScanner: ~Copyable {
    enum Token: Equatable {
        case beginObject, endObject, beginArray, endArray, colon, comma
        case string(String)
        /// A number that is whole and fits; others are told as `other`.
        case integer(Int64)
        /// true, false, null, or a number of another kind.
        case other
        case end
    }

    struct Fault: Error {
        var offset: Int
        var expected: String
    }

    /// Objects and arrays inside each other.
    static let depthLimit = 512

    private let text: [UInt8]
    private(set) var offset = 0

    init(_ text: [UInt8]) {
        self.text = text
    }

    /// What was read since `start`.
    func text(from start: Int) -> ArraySlice<UInt8> { text[start..<offset] }

    mutating func next() throws(Fault) -> Token {
        while offset < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[offset]) { offset += 1 }
        guard offset < text.count else { return .end }
        let octet = text[offset]
        switch octet {
        case UInt8(ascii: "{"): return single(.beginObject)
        case UInt8(ascii: "}"): return single(.endObject)
        case UInt8(ascii: "["): return single(.beginArray)
        case UInt8(ascii: "]"): return single(.endArray)
        case UInt8(ascii: ":"): return single(.colon)
        case UInt8(ascii: ","): return single(.comma)
        case UInt8(ascii: "\""): return .string(try string())
        default: return try word()
        }
    }

    private mutating func single(_ token: Token) -> Token {
        offset += 1
        return token
    }

    private mutating func word() throws(Fault) -> Token {
        let start = offset
        while offset < text.count {
            let octet = text[offset]
            let isPart =
                (0x30...0x39).contains(octet) || (0x61...0x7a).contains(octet)
                || (0x41...0x5a).contains(octet) || [0x2b, 0x2d, 0x2e].contains(octet)
            if !isPart { break }
            offset += 1
        }
        guard offset > start else { throw Fault(offset: start, expected: "a JSON value") }
        let word = String(decoding: text[start..<offset], as: UTF8.self)
        if let number = Int64(word) { return .integer(number) }
        // Numbers above 2^63 are unsigned in QEMU and printed as negative; fractions are not used.
        guard ["true", "false", "null"].contains(word) || Double(word) != nil else {
            throw Fault(offset: start, expected: "a JSON value")
        }
        return .other
    }

    private mutating func string() throws(Fault) -> String {
        offset += 1
        let start = offset
        var unescaped: [UInt8]?
        while offset < text.count {
            let octet = text[offset]
            if octet == UInt8(ascii: "\"") {
                let result = unescaped ?? Array(text[start..<offset])
                offset += 1
                return String(decoding: result, as: UTF8.self)
            }
            if octet == UInt8(ascii: "\\") {
                var octets = unescaped ?? Array(text[start..<offset])
                octets.append(contentsOf: try escape())
                unescaped = octets
            } else {
                unescaped?.append(octet)
                offset += 1
            }
        }
        throw Fault(offset: text.count, expected: "the string's closing quote")
    }

    private mutating func escape() throws(Fault) -> [UInt8] {
        let start = offset
        guard offset + 1 < text.count else {
            throw Fault(offset: text.count, expected: "an escape")
        }
        let kind = text[offset + 1]
        offset += 2
        switch kind {
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [kind]
        case UInt8(ascii: "u"):
            var unit = try hexDigits(start)
            if (0xd800..<0xdc00).contains(unit), offset + 6 <= text.count,
                text[offset] == UInt8(ascii: "\\"), text[offset + 1] == UInt8(ascii: "u")
            {
                let before = offset
                offset += 2
                let low = try hexDigits(start)
                if (0xdc00..<0xe000).contains(low) {
                    unit = 0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)
                } else {
                    offset = before
                }
            }
            let scalar = Unicode.Scalar(unit) ?? "\u{fffd}"
            return Array(String(Character(scalar)).utf8)
        default: throw Fault(offset: start, expected: "an escape of JSON")
        }
    }

    private mutating func hexDigits(_ start: Int) throws(Fault) -> UInt32 {
        guard offset + 4 <= text.count,
            let unit = UInt32(
                String(decoding: text[offset..<offset + 4], as: UTF8.self), radix: 16)
        else { throw Fault(offset: start, expected: "four hexadecimal digits") }
        offset += 4
        return unit
    }
}
