/// Reads the text of a ``DevicePathPattern``.
struct DevicePathPatternParser {
    private typealias Fault = DevicePathPattern.Fault

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var tokens: [DevicePathPattern.Token] = []

    static func tokens(
        _ text: String
    ) throws(DevicePathPattern.Fault) -> [DevicePathPattern.Token] {
        var parser = DevicePathPatternParser(scalars: Array(text.unicodeScalars))
        guard text.utf8.count <= DevicePathPattern.lengthLimit else {
            throw Fault(
                position: 0, expected: "at most \(DevicePathPattern.lengthLimit) octets")
        }
        try parser.parse()
        return parser.tokens
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private mutating func parse() throws(DevicePathPattern.Fault) {
        guard !scalars.isEmpty else { throw Fault(position: 0, expected: "a path") }
        while position < scalars.count {
            let scalar = scalars[position]
            position += 1
            switch scalar {
            case "*":
                if position < scalars.count, scalars[position] == "*" {
                    position += 1
                    tokens.append(.anything)
                } else {
                    tokens.append(.anyCharacters)
                }
            case "?": tokens.append(.anyCharacter)
            case ".": tokens.append(.dot)
            case "[": try index()
            case "\"": try quoted()
            case "\\": try escaped()
            default: add(scalar)
            }
        }
    }

    private mutating func add(_ scalar: Unicode.Scalar) {
        for octet in String(scalar).utf8 { tokens.append(.character(octet)) }
    }

    /// `n]`, `n..m]` or `*]`.
    private mutating func index() throws(DevicePathPattern.Fault) {
        let start = position
        if take("*") {
            tokens.append(.index(0...Int.max))
        } else {
            let first = try number()
            var last = first
            if take(".") {
                guard take(".") else { throw Fault(position: position, expected: "..") }
                last = try number()
            }
            guard first <= last else {
                throw Fault(position: start, expected: "a range that ascends")
            }
            tokens.append(.index(first...last))
        }
        guard take("]") else { throw Fault(position: position, expected: "]") }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard position < scalars.count, scalars[position] == scalar else { return false }
        position += 1
        return true
    }

    private mutating func number() throws(DevicePathPattern.Fault) -> Int {
        let start = position
        var digits = ""
        while position < scalars.count, ("0"..."9").contains(scalars[position]) {
            digits.unicodeScalars.append(scalars[position])
            position += 1
        }
        guard let number = Int(digits) else {
            throw Fault(
                position: start,
                expected: "a number, a range n..m or * (a name with a bracket stands in quotes)")
        }
        return number
    }

    private mutating func quoted() throws(DevicePathPattern.Fault) {
        let start = position - 1
        while position < scalars.count {
            let scalar = scalars[position]
            position += 1
            switch scalar {
            case "\"": return
            case "\\": try escaped()
            default: add(scalar)
            }
        }
        throw Fault(position: start, expected: "a closing quote")
    }

    /// What follows a backslash: a character as it is, or `u{1f}`.
    private mutating func escaped() throws(DevicePathPattern.Fault) {
        guard position < scalars.count else {
            throw Fault(position: position, expected: "a character behind \\")
        }
        let scalar = scalars[position]
        let start = position
        position += 1
        guard scalar == "u", take("{") else { return add(scalar) }
        var digits = ""
        while position < scalars.count, scalars[position] != "}" {
            digits.unicodeScalars.append(scalars[position])
            position += 1
        }
        guard take("}"), let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value)
        else { throw Fault(position: start, expected: "u{…} with a character's number") }
        add(scalar)
    }
}
