/// Reads a regular expression of X.680 annex A.
struct PatternParser {
    private let text: [UInt32]
    private var place = 0
    private var depth = 0

    /// Groups inside each other.
    static let depthLimit = 64
    /// The largest number of repetitions.
    static let countLimit = 10_000

    init(_ text: [UInt32]) { self.text = text }

    /// - Returns: `nil` if it is no expression, or has parts that need more than its text.
    mutating func parse() -> PatternTree? {
        guard let tree = either(), place == text.count else { return nil }
        return tree
    }

    private func ascii(_ character: Character) -> UInt32 {
        character.asciiValue.map { UInt32($0) } ?? 0
    }

    private var next: UInt32? { place < text.count ? text[place] : nil }

    private mutating func takes(_ character: Character) -> Bool {
        guard next == ascii(character) else { return false }
        place += 1
        return true
    }

    private mutating func either() -> PatternTree? {
        var parts: [PatternTree] = []
        repeat {
            guard let part = sequence() else { return nil }
            parts.append(part)
        } while takes("|")
        return parts.count == 1 ? parts[0] : .either(parts)
    }

    private mutating func sequence() -> PatternTree? {
        var parts: [PatternTree] = []
        while let character = next, character != ascii("|"), character != ascii(")") {
            guard var part = atom() else { return nil }
            while let repeated = repetition(of: part) { part = repeated }
            if isBroken { return nil }
            parts.append(part)
        }
        return .sequence(parts)
    }

    /// Set where a repetition begins but is none.
    private var isBroken = false

    private mutating func repetition(of part: PatternTree) -> PatternTree? {
        if takes("*") { return .repeated(part, least: 0, most: nil) }
        if takes("+") { return .repeated(part, least: 1, most: nil) }
        if takes("?") { return .repeated(part, least: 0, most: 1) }
        guard takes("#") else { return nil }
        isBroken = true
        if takes("(") {
            let least = number()
            var most = least
            if takes(",") { most = number() } else if least == nil { return nil }
            guard takes(")"), most ?? .max >= least ?? 0 else { return nil }
            isBroken = false
            return .repeated(part, least: least ?? 0, most: most)
        }
        // Without parentheses the number is one digit.
        guard let digit = next, (0x30...0x39).contains(digit) else { return nil }
        place += 1
        isBroken = false
        return .repeated(part, least: Int(digit - 0x30), most: Int(digit - 0x30))
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let digit = next, (0x30...0x39).contains(digit) {
            value = min((value ?? 0) * 10 + Int(digit - 0x30), PatternParser.countLimit)
            place += 1
        }
        return value
    }

    private mutating func atom() -> PatternTree? {
        guard let character = next else { return nil }
        if takes("(") {
            depth += 1
            guard depth <= PatternParser.depthLimit, let inner = either(), takes(")") else {
                return nil
            }
            depth -= 1
            return inner
        }
        if takes("[") { return bracket().map { .set($0) } }
        if takes(".") { return .set(.any) }
        if takes("\\") {
            if takes("b") { return .wordBoundary }
            return escape().map { .set($0) }
        }
        if character == ascii("{") {
            return quadruple().map { .set(PatternSet(ranges: [$0...$0])) }
        }
        place += 1
        return .set(PatternSet(ranges: [character...character]))
    }

    /// What follows a backslash.
    private mutating func escape() -> PatternSet? {
        guard let character = next else { return nil }
        // Named sets are defined in modules, of which nothing is known here.
        if character == ascii("N") || character == ascii("p") { return nil }
        place += 1
        switch character {
        case ascii("t"): return PatternSet(ranges: [9...9])
        case ascii("n"): return .newline
        case ascii("r"): return PatternSet(ranges: [13...13])
        case ascii("s"): return .space
        case ascii("d"): return .digit
        case ascii("w"): return .word
        default: return PatternSet(ranges: [character...character])
        }
    }

    private mutating func bracket() -> PatternSet? {
        var set = PatternSet(ranges: [], isComplement: takes("^"))
        var isFirst = true
        while let character = next {
            if character == ascii("]"), !isFirst {
                place += 1
                return set
            }
            isFirst = false
            var first: UInt32
            if takes("\\") {
                guard let escaped = escape() else { return nil }
                guard escaped.ranges.count == 1, escaped.ranges[0].count == 1 else {
                    set.ranges += escaped.ranges
                    continue
                }
                first = escaped.ranges[0].lowerBound
            } else if character == ascii("{") {
                guard let named = quadruple() else { return nil }
                first = named
            } else {
                place += 1
                first = character
            }
            var last = first
            if next == ascii("-"), place + 1 < text.count, text[place + 1] != ascii("]") {
                place += 1
                guard let end = next else { return nil }
                if end == ascii("{") {
                    guard let named = quadruple() else { return nil }
                    last = named
                } else {
                    if takes("\\") { guard next != nil else { return nil } }
                    last = text[place]
                    place += 1
                }
            }
            guard first <= last else { return nil }
            set.ranges.append(first...last)
        }
        return nil
    }

    /// `{group,plane,row,cell}`: one character. A name in braces is another value's text.
    private mutating func quadruple() -> UInt32? {
        guard takes("{") else { return nil }
        var value: UInt32 = 0
        for index in 0..<4 {
            while takes(" ") {}
            guard let part = number(), part <= 255 else { return nil }
            value = value << 8 | UInt32(part)
            while takes(" ") {}
            guard index == 3 || takes(",") else { return nil }
        }
        return takes("}") ? value : nil
    }
}
