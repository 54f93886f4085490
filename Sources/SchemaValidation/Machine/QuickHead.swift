internal import ByteIO

/// A short head (X.690 8.1.2 and 8.1.3): a tag of up to four octets, a definite length of up to four.
struct QuickHead: BitwiseCopyable {
    var tag: TagKey
    var length: UInt64
    var tagSize: Int
    var size: Int
    var isConstructed: Bool

    /// Octets that must be in the window from the head's first on.
    static let window = 8

    /// - Returns: `nil` for what is longer, indefinite, at fault, or end-of-contents.
    @inline(__always)
    static func read(_ window: RawSpan, at: Int) -> QuickHead? {
        var word: UInt64 = window.bigEndian(at: at)
        let first = word >> 56
        word <<= 8
        var number = first & 0x1f
        var tagSize = 1
        if number == 0x1f {
            number = 0
            // Neither a zero digit in front nor a number for the short form.
            if word >> 56 == 0x80 { return nil }
            while true {
                let digit = word >> 56
                word <<= 8
                tagSize += 1
                number = number << 7 | digit & 0x7f
                if digit < 0x80 { break }
                if tagSize == 4 { return nil }
            }
            if number < 31 { return nil }
        } else if first == 0 {
            return nil
        }
        var length = word >> 56
        var size = tagSize + 1
        if length >= 0x80 {
            let count = Int(length & 0x7f)
            guard count >= 1, count <= 3 else { return nil }
            length = (word << 8) >> UInt64(64 - 8 * count)
            size += count
        }
        return QuickHead(
            tag: TagKey(bits: (first >> 6) << 62 | number), length: length, tagSize: tagSize,
            size: size, isConstructed: first & 0x20 != 0)
    }
}
