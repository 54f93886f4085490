/// Cuts a module text into lexical items (X.680 clause 12).
struct Lexer {
    private let bytes: [UInt8]
    private let file: Int
    private let sink: DiagnosticSink
    private let limits: CompilerLimits
    private var index = 0
    private var line = 1
    private var lineStart = 0
    /// UTF-8 continuation octets met in this line: columns count characters.
    private var continuations = 0
    private var tokens: [Token] = []

    /// Whether the hyphens around a comment all belong to it, as some compilers have it.
    private let joinsHyphens: Bool

    init(file: Int, sink: DiagnosticSink, limits: CompilerLimits, joinsHyphens: Bool = false) {
        self.joinsHyphens = joinsHyphens
        self.file = file
        self.bytes = sink.files[file].bytes
        self.sink = sink
        self.limits = limits
    }

    /// All lexical items of the file, the last of kind `end`.
    mutating func run() -> [Token] {
        guard bytes.count <= limits.fileBytes else {
            sink.error(.fileLimit, location, "the file is larger than \(limits.fileBytes) octets")
            append(.end, "", 0)
            return tokens
        }
        tokens.reserveCapacity(bytes.count / 5)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            index = 3
            lineStart = 3
        }
        while skipSpace() { scan() }
        append(.end, "", index)
        return tokens
    }

    private var location: SourceLocation {
        SourceLocation(file: file, line: line, column: index - lineStart - continuations + 1)
    }

    private func peek(_ ahead: Int = 0) -> UInt8 {
        let position = index + ahead
        return position < bytes.count ? bytes[position] : 0
    }

    private mutating func advance() {
        let byte = bytes[index]
        index += 1
        if byte == 0x0A {
            line += 1
            lineStart = index
            continuations = 0
        } else if byte & 0xC0 == 0x80 {
            continuations += 1
        }
    }

    private mutating func append(_ kind: Token.Kind, _ text: String, _ start: Int) {
        tokens.append(
            Token(
                kind: kind, text: text, offset: start, endOffset: index, line: line,
                column: start - lineStart - continuations + 1))
    }

    /// Skips white space and comments; false at the end of the text.
    private mutating func skipSpace() -> Bool {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09...0x0D, 0xA0, 0x1A: advance()
            case 0xC2 where peek(1) == 0xA0:
                advance()
                advance()
            case 0x2D where peek(1) == 0x2D: skipLineComment()
            case 0x2F where peek(1) == 0x2A: skipBlockComment()
            default: return true
            }
        }
        return false
    }

    /// 12.6.3: ends at the next pair of hyphens or at the end of the line.
    private mutating func skipLineComment() {
        advance()
        advance()
        let isLong = joinsHyphens && peek() == 0x2D
        while isLong, peek() == 0x2D { advance() }
        while index < bytes.count {
            switch bytes[index] {
            case 0x0A...0x0D: return
            case 0x2D where peek(1) == 0x2D:
                advance()
                advance()
                while isLong, peek() == 0x2D { advance() }
                return
            default: advance()
            }
        }
    }

    /// 12.6.4: comments of this kind nest.
    private mutating func skipBlockComment() {
        let start = location
        var depth = 0
        while index < bytes.count {
            if bytes[index] == 0x2F, peek(1) == 0x2A {
                depth += 1
                advance()
                advance()
            } else if bytes[index] == 0x2A, peek(1) == 0x2F {
                depth -= 1
                advance()
                advance()
                if depth == 0 { return }
            } else {
                advance()
            }
        }
        sink.error(.unterminatedComment, start, "the comment has no end", hint: "end it with */")
    }

    private mutating func scan() {
        let byte = bytes[index]
        let start = index
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x5F: scanName(start)
        case 0x30...0x39: scanNumber(start)
        case 0x22: scanCharacterString(start)
        case 0x27: scanQuoted(start)
        case 0x26: scanField(start)
        case 0x3A:
            if peek(1) == 0x3A, peek(2) == 0x3D {
                index += 3
                append(.assign, "::=", start)
            } else {
                symbol(.colon, ":")
            }
        case 0x2E:
            if peek(1) == 0x2E, peek(2) == 0x2E {
                index += 3
                append(.ellipsis, "...", start)
            } else if peek(1) == 0x2E {
                index += 2
                append(.range, "..", start)
            } else {
                symbol(.dot, ".")
            }
        case 0x7B: symbol(.leftBrace, "{")
        case 0x7D: symbol(.rightBrace, "}")
        case 0x28: symbol(.leftParenthesis, "(")
        case 0x29: symbol(.rightParenthesis, ")")
        case 0x5B: symbol(.leftBracket, "[")
        case 0x5D: symbol(.rightBracket, "]")
        case 0x2C: symbol(.comma, ",")
        case 0x3B: symbol(.semicolon, ";")
        case 0x7C: symbol(.bar, "|")
        case 0x5E: symbol(.caret, "^")
        case 0x40: symbol(.at, "@")
        case 0x21: symbol(.exclamation, "!")
        case 0x3C: symbol(.less, "<")
        case 0x3E: symbol(.greater, ">")
        case 0x2D: symbol(.minus, "-")
        case 0x2F: symbol(.slash, "/")
        case 0x3D: symbol(.equals, "=")
        case 0x2A: symbol(.asterisk, "*")
        default: scanIllegal(start)
        }
    }

    private mutating func symbol(_ kind: Token.Kind, _ text: String) {
        let start = index
        index += 1
        append(kind, text, start)
    }

    private mutating func scanIllegal(_ start: Int) {
        let place = location
        let first = bytes[index]
        advance()
        while index < bytes.count, first >= 0x80, bytes[index] & 0xC0 == 0x80 { advance() }
        let shown = String(decoding: bytes[start..<index], as: UTF8.self)
        sink.error(
            .illegalCharacter, place,
            first >= 0x20 && first != 0x7F
                ? "the character \"\(shown)\" belongs to no lexical item"
                : "the octet \(first) belongs to no lexical item")
        append(.unknown, shown, start)
    }

    private mutating func takeName() -> String {
        let start = index
        while index < bytes.count {
            switch bytes[index] {
            case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x5F: index += 1
            case 0x2D:
                // 12.2: no two hyphens in a row, none at the end.
                switch peek(1) {
                case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x5F: index += 1
                default: return String(decoding: bytes[start..<index], as: UTF8.self)
                }
            default: return String(decoding: bytes[start..<index], as: UTF8.self)
            }
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func scanName(_ start: Int) {
        let place = location
        var name = takeName()
        if name.utf8.count > limits.identifierLength {
            sink.error(
                .identifierLimit, place,
                "a name has more than \(limits.identifierLength) characters")
            name = String(name.prefix(limits.identifierLength))
        } else if name.utf8.contains(0x5F) {
            sink.warning(
                .underscore, place, "\"\(name)\" has an underscore, which no name may have",
                hint: "names are made of letters, digits and hyphens")
        }
        switch bytes[start] {
        case 0x41...0x5A:
            append(ReservedWords.all.contains(name) ? .reserved : .upper, name, start)
        default: append(.lower, name, start)
        }
    }

    private mutating func scanField(_ start: Int) {
        index += 1
        switch peek() {
        case 0x41...0x5A: append(.upperField, takeName(), start)
        case 0x61...0x7A: append(.lowerField, takeName(), start)
        default:
            index = start
            scanIllegal(start)
        }
    }

    private mutating func takeDigits() {
        while index < bytes.count, case 0x30...0x39 = bytes[index] { index += 1 }
    }

    private mutating func scanNumber(_ start: Int) {
        let place = location
        takeDigits()
        let integerEnd = index
        var isReal = false
        // "1..2" is a range, "1. ..2" and "1...2" begin with the real number "1.".
        if peek() == 0x2E, peek(1) != 0x2E || peek(2) == 0x2E {
            isReal = true
            index += 1
            takeDigits()
        }
        if peek() == 0x65 || peek() == 0x45 {
            let mark = index
            index += 1
            if peek() == 0x2D || peek() == 0x2B { index += 1 }
            if case 0x30...0x39 = peek() {
                isReal = true
                takeDigits()
            } else {
                index = mark
            }
        }
        if index - start > limits.numberDigits {
            sink.error(.numberLimit, place, "a number has more than \(limits.numberDigits) digits")
            append(.number, "0", start)
            return
        }
        if integerEnd - start > 1, bytes[start] == 0x30 {
            sink.warning(.leadingZero, place, "a number begins with a zero")
        }
        append(
            isReal ? .realNumber : .number, String(decoding: bytes[start..<index], as: UTF8.self),
            start)
    }

    /// 12.14: a quote inside is doubled; white space around the end of a line is no part of it.
    private mutating func scanCharacterString(_ start: Int) {
        let place = location
        let startLine = line
        advance()
        var contents: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x22 {
                if peek(1) == 0x22 {
                    contents.append(byte)
                    advance()
                    advance()
                    continue
                }
                advance()
                tokens.append(
                    Token(
                        kind: .cstring, text: String(decoding: contents, as: UTF8.self),
                        offset: start, endOffset: index, line: startLine, column: place.column))
                return
            }
            if byte == 0x0A || byte == 0x0D {
                while let last = contents.last, last == 0x20 || last == 0x09 {
                    contents.removeLast()
                }
                while index < bytes.count {
                    let next = bytes[index]
                    guard next == 0x20 || (next >= 0x09 && next <= 0x0D) else { break }
                    advance()
                }
                continue
            }
            contents.append(byte)
            advance()
        }
        sink.error(.unterminatedString, place, "the character string has no end")
    }

    /// 12.10 and 12.12: binary and hexadecimal strings.
    private mutating func scanQuoted(_ start: Int) {
        let place = location
        let startLine = line
        advance()
        var contents: [UInt8] = []
        while index < bytes.count, bytes[index] != 0x27 {
            let byte = bytes[index]
            if byte != 0x20, !(byte >= 0x09 && byte <= 0x0D) { contents.append(byte) }
            advance()
        }
        guard index < bytes.count else {
            sink.error(.unterminatedString, place, "the string has no end")
            return
        }
        advance()
        let text = String(decoding: contents, as: UTF8.self)
        let kind: Token.Kind
        if [0x62, 0x68].contains(peek()) {
            sink.warning(.badHexString, place, "the letter behind the quotes is B or H")
        } else if peek() == 0x48, contents.contains(where: { (0x61...0x66).contains($0) }) {
            sink.warning(.badHexString, place, "hexadecimal digits are capital letters")
        }
        switch peek() {
        case 0x42, 0x62:
            kind = .bstring
            if !contents.allSatisfy({ $0 == 0x30 || $0 == 0x31 }) {
                sink.error(
                    .badBinaryString, place, "a binary string holds something other than 0 and 1")
            }
        case 0x48, 0x68:
            kind = .hstring
            let good = contents.allSatisfy {
                switch $0 {
                case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
                default: false
                }
            }
            if !good {
                sink.error(
                    .badHexString, place, "a hexadecimal string holds something other than 0-9, A-F"
                )
            }
        default:
            sink.error(
                .unterminatedString, place, "a quoted string is followed by neither B nor H")
            tokens.append(
                Token(
                    kind: .bstring, text: "", offset: start, endOffset: index, line: startLine,
                    column: place.column))
            return
        }
        index += 1
        tokens.append(
            Token(
                kind: kind, text: text.uppercased(), offset: start, endOffset: index,
                line: startLine, column: place.column))
    }
}
