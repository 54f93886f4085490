/// Thrown when a production fails; the diagnostic has been recorded.
struct ParseFailure: Error {}

/// Reads tokens by recursive descent.
///
/// One parser reads a file's modules; others are made later over the tokens of one pair of
/// braces, when it is known what governs them.
final class Parser {
    let file: Int
    let tokens: [Token]
    let end: Int
    let sink: DiagnosticSink
    let limits: CompilerLimits
    var position: Int
    /// Where recovery may not go back behind.
    var recoveryFloor = 0
    var depth = 0
    /// Whether the module at hand says anything about tags.
    var hasTags = false

    init(
        file: Int, tokens: [Token], range: Range<Int>, sink: DiagnosticSink, limits: CompilerLimits
    ) {
        self.file = file
        self.tokens = tokens
        self.position = range.lowerBound
        self.end = min(range.upperBound, tokens.count - 1)
        self.sink = sink
        self.limits = limits
    }

    // MARK: Looking

    /// The token that many places ahead; past the end of the range, an end token.
    func peek(_ ahead: Int = 0) -> Token {
        let index = position + ahead
        if index >= 0, index < end { return tokens[index] }
        let last = tokens[min(end, tokens.count - 1)]
        return Token(
            kind: .end, text: last.text, offset: last.offset, endOffset: last.offset,
            line: last.line, column: last.column)
    }

    var kind: Token.Kind { peek().kind }
    var atEnd: Bool { position >= end }

    func location(_ token: Token) -> SourceLocation {
        SourceLocation(file: file, line: token.line, column: token.column)
    }

    var here: SourceLocation { location(peek()) }

    func isWord(_ word: String, _ ahead: Int = 0) -> Bool {
        let token = peek(ahead)
        return (token.kind == .reserved || token.kind == .upper) && token.text == word
    }

    // MARK: Taking

    @discardableResult func take() -> Token {
        let token = peek()
        if position < end { position += 1 }
        return token
    }

    @discardableResult func take(if kind: Token.Kind) -> Bool {
        guard peek().kind == kind else { return false }
        position += 1
        return true
    }

    func take(word: String) -> Bool {
        guard isWord(word) else { return false }
        position += 1
        return true
    }

    @discardableResult func expect(_ kind: Token.Kind, _ what: String) throws(ParseFailure) -> Token
    {
        guard peek().kind == kind else { throw failure("expected \(what)") }
        return take()
    }

    func expect(word: String) throws(ParseFailure) {
        guard take(word: word) else { throw failure("expected \(word)") }
    }

    func takeName() -> NameSyntax {
        let token = take()
        return NameSyntax(text: token.text, location: location(token))
    }

    func expectName(_ kind: Token.Kind, _ what: String) throws(ParseFailure) -> NameSyntax {
        guard peek().kind == kind else { throw failure("expected \(what)") }
        return takeName()
    }

    // MARK: Failing

    func failure(_ message: String, code: DiagnosticCode = .syntax, hint: String? = nil)
        -> ParseFailure
    {
        sink.error(code, here, "\(message), found \(describe(peek()))", hint: hint)
        return ParseFailure()
    }

    func describe(_ token: Token) -> String {
        switch token.kind {
        case .end: position >= tokens.count - 1 ? "the end of the file" : "the end of the braces"
        case .cstring: "a character string"
        case .bstring, .hstring: "a binary or hexadecimal string"
        case .upperField, .lowerField: "\"&\(token.text)\""
        default: "\"\(token.text.prefix(60))\""
        }
    }

    /// Runs a production one level deeper.
    func nested<T>(_ body: () throws(ParseFailure) -> T) throws(ParseFailure) -> T {
        depth += 1
        defer { depth -= 1 }
        if depth > limits.nesting {
            throw failure("more than \(limits.nesting) levels nested", code: .nestingLimit)
        }
        return try body()
    }

    /// Steps over a pair of braces and gives the tokens between them.
    func bracedRange() throws(ParseFailure) -> TokenRange {
        let open = peek()
        try expect(.leftBrace, "\"{\"")
        let start = position
        var level = 1
        while !atEnd {
            switch kind {
            case .leftBrace: level += 1
            case .rightBrace:
                level -= 1
                if level == 0 {
                    let range = TokenRange(file: file, start: start, end: position)
                    position += 1
                    return range
                }
            case .assign, .unknown:
                throw failure(
                    "expected \"}\"", hint: "the braces of line \(open.line) are still open")
            case .reserved where peek().text == "END":
                if peek(1).kind == .end || peek(2).text == "DEFINITIONS" {
                    throw failure(
                        "expected \"}\"", hint: "the braces of line \(open.line) are still open")
                }
            default: break
            }
            if level > limits.nesting {
                throw failure("more than \(limits.nesting) levels nested", code: .nestingLimit)
            }
            position += 1
        }
        throw failure("expected \"}\"", hint: "the braces of line \(open.line) are still open")
    }

    /// Tries a production; on failure nothing is recorded and the position is as before.
    func attempt<T>(_ body: () throws(ParseFailure) -> T) -> T? {
        let mark = position
        let level = depth
        sink.suppressed += 1
        defer { sink.suppressed -= 1 }
        do {
            return try body()
        } catch {
            position = mark
            depth = level
            return nil
        }
    }
}
