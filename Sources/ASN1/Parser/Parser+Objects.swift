extension Parser {
    /// ObjectClassDefn (X.681 9.3), behind the word CLASS.
    func parseClass() throws(ParseFailure) -> ClassSyntax {
        let location = here
        try expect(word: "CLASS")
        try expect(.leftBrace, "\"{\"")
        var fields: [FieldSyntax] = []
        if kind == .rightBrace { throw failure("expected a field") }
        repeat {
            if kind == .rightBrace {
                sink.warning(.straySeparator, here, "a list has a comma too many or nothing in it")
                break
            }
            fields.append(try parseField())
        } while take(if: .comma)
        try expect(.rightBrace, "\",\" or \"}\"")
        var syntax: [ObjectSyntaxItem]?
        if isWord("WITH"), isWord("SYNTAX", 1) {
            position += 2
            try expect(.leftBrace, "\"{\"")
            if kind == .rightBrace { throw failure("expected a word or a field") }
            syntax = try parseSyntaxItems(until: .rightBrace)
            try expect(.rightBrace, "\"}\"")
        }
        return ClassSyntax(fields: fields, syntax: syntax, location: location)
    }

    private static let forbiddenLiterals: Set<String> = [
        "BIT", "BOOLEAN", "CHARACTER", "CHOICE", "EMBEDDED", "END",
        "ENUMERATED", "EXTERNAL", "FALSE", "INSTANCE", "INTEGER", "MINUS-INFINITY", "NULL",
        "OBJECT", "OCTET", "PLUS-INFINITY", "REAL", "RELATIVE-OID", "SEQUENCE", "SET", "TRUE",
    ]

    private func parseField() throws(ParseFailure) -> FieldSyntax {
        let isUpper = kind == .upperField
        guard isUpper || kind == .lowerField else {
            throw failure("expected a field", hint: "the name of a field begins with \"&\"")
        }
        let name = takeName()
        var governor = FieldSyntax.Governor.none
        let endsHere =
            kind == .comma || kind == .rightBrace || isWord("OPTIONAL") || isWord("DEFAULT")
        if kind == .upperField || kind == .lowerField {
            var path = [takeName()]
            path += try parseFieldPath()
            governor = .field(path)
        } else if !endsHere {
            governor = .type(try parseType())
        } else if !isUpper {
            throw failure("expected the type or class of the field")
        }
        let isUnique = take(word: "UNIQUE")
        let isOptional = take(word: "OPTIONAL")
        var setting: FieldSyntax.Default?
        if !isOptional, take(word: "DEFAULT") {
            if isUpper, case .none = governor {
                setting = .type(try parseType())
            } else if kind == .upper || kind == .reserved && peek().text == "NULL" && isUpper {
                setting = .type(try parseType())
            } else {
                setting = .value(try parseValue())
            }
        }
        return FieldSyntax(
            name: name, isUpper: isUpper, governor: governor, isUnique: isUnique,
            isOptional: isOptional, defaultSetting: setting)
    }

    /// TokenOrGroupSpec (10.5).
    private func parseSyntaxItems(until close: Token.Kind) throws(ParseFailure)
        -> [ObjectSyntaxItem]
    {
        try nested { () throws(ParseFailure) in
            var items: [ObjectSyntaxItem] = []
            while kind != close {
                switch kind {
                case .upperField: items.append(.field(takeName(), isUpper: true))
                case .lowerField: items.append(.field(takeName(), isUpper: false))
                case .comma:
                    take()
                    items.append(.literal(","))
                case .upper, .reserved:
                    if Self.forbiddenLiterals.contains(peek().text) {
                        // 10.6: they begin types or values.
                        throw failure("expected a word that begins neither a type nor a value")
                    }
                    items.append(.literal(take().text))
                case .leftBracket:
                    take()
                    if kind == .rightBracket { throw failure("expected a word or a field") }
                    items.append(.optional(try parseSyntaxItems(until: .rightBracket)))
                    take()
                default: throw failure("expected a word, a field or \"[\"")
                }
            }
            return items
        }
    }
}
