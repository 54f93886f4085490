/// How numbers are told in decimal.
public enum DecimalDigits {
    /// Digits that a number has at most.
    public static let limit = 20

    /// How many digits a number has.
    @inlinable @inline(__always)
    public static func count(_ value: UInt64) -> Int {
        var digits = 1
        var rest = value
        while rest >= 10_000 {
            rest /= 10_000
            digits += 4
        }
        if rest >= 1000 { return digits + 3 }
        if rest >= 100 { return digits + 2 }
        return rest >= 10 ? digits + 1 : digits
    }

    /// All numbers of two digits, as text.
    @usableFromInline
    static let pairs: StaticString = """
        0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546\
        4748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293\
        949596979899
        """

    /// Writes the digits of a number, the last of them before `end`.
    ///
    /// The memory's `count(value)` octets before `end` are the caller's.
    @inlinable @inline(__always)
    public static func write(
        _ value: UInt64, before end: Int, in memory: UnsafeMutableRawBufferPointer
    ) {
        var rest = value
        var at = end
        let pairs = unsafe DecimalDigits.pairs.utf8Start
        while rest >= 100 {
            let pair = Int(rest % 100)
            rest /= 100
            at -= 2
            // `pair` is below 100, of which the table has all; the place is the caller's.
            unsafe memory[at] = pairs[2 * pair]
            unsafe memory[at + 1] = pairs[2 * pair + 1]
        }
        if rest >= 10 {
            unsafe memory[at - 2] = pairs[2 * Int(rest)]
            unsafe memory[at - 1] = pairs[2 * Int(rest) + 1]
        } else {
            unsafe memory[at - 1] = 0x30 + UInt8(truncatingIfNeeded: rest)
        }
    }
}
