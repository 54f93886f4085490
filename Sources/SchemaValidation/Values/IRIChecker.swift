/// OID-IRI and RELATIVE-OID-IRI, character by character (X.680 34 and 35, X.660 7.5 and 7.6).
struct IRIChecker: BitwiseCopyable {
    /// Characters so far, up to `Int32.max`, and those of the arc.
    private var count: Int32 = 0
    private var arcCount: Int32 = 0
    private var isNumber = true
    private var beginsWithZero = false
    private var previous: UInt32 = 0
    private var hasThirdHyphen = false

    /// Takes a character.
    /// - Returns: what is wrong with it, or `nil`.
    mutating func take(_ character: UInt32, isRelative: Bool) -> String? {
        let isFirst = count == 0
        if count < .max { count += 1 }
        if character == 0x2f {
            if isFirst { return isRelative ? "a relative identifier begins with an arc" : nil }
            let message = endArc()
            (arcCount, isNumber, beginsWithZero, hasThirdHyphen) = (0, true, false, false)
            previous = 0
            return message
        }
        if isFirst, !isRelative { return "/ is expected" }
        guard IRIChecker.allows(character) else { return "this character has no place in an arc" }
        if arcCount == 0, character == 0x2d { return "an arc doesn't begin with a hyphen" }
        if arcCount == 2 { hasThirdHyphen = character == 0x2d }
        if arcCount == 3, hasThirdHyphen, character == 0x2d {
            return "an arc has no hyphens in the third and fourth place"
        }
        let isDigit = (0x30...0x39).contains(character)
        if arcCount == 0 { beginsWithZero = character == 0x30 }
        isNumber = isNumber && isDigit
        previous = character
        if arcCount < .max { arcCount += 1 }
        return nil
    }

    /// The end of the value.
    mutating func finish(isRelative: Bool) -> String? {
        if count == 0 { return "an identifier has at least one arc" }
        return endArc()
    }

    private func endArc() -> String? {
        if arcCount == 0 { return "an arc is expected" }
        if previous == 0x2d { return "an arc doesn't end with a hyphen" }
        if isNumber, beginsWithZero, arcCount > 1 { return "a number begins with 0" }
        return nil
    }

    private static func allows(_ character: UInt32) -> Bool {
        switch character {
        case 0x2d, 0x2e, 0x5f, 0x7e, 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case 0xa0...0xdffe, 0xf900...0xfdcf, 0xfdf0...0xffef: true
        case 0x10000...0xdfffd: character & 0xffff < 0xfffe
        case 0xe1000...0xefffd: true
        default: false
        }
    }
}
