/// X.208's macros were withdrawn; SMI and ROSE modules still use them. Definitions and uses are
/// skipped, what follows their `::=` is read.
extension Parser {
    /// Behind `Name MACRO`.
    func skipMacro(_ name: NameSyntax) throws(ParseFailure) -> AssignmentSyntax {
        sink.warning(.macroSkipped, name.location, "the macro \(name.text) is skipped")
        try expect(.assign, "\"::=\"")
        if take(word: "BEGIN") {
            while !atEnd, !isWord("END") { take() }
            try expect(word: "END")
        } else {
            _ = try parseReference()
        }
        return AssignmentSyntax(name: name, parameters: [], kind: .macro)
    }

    private func isCapitals(_ token: Token) -> Bool {
        token.kind == .upper && token.text.utf8.allSatisfy { !(0x61...0x7A).contains($0) }
            && token.text.utf8.count > 1
    }

    /// Whether a word in capitals stands here whose arguments follow without braces.
    private var isMacroUse: Bool {
        guard isCapitals(peek()), peek().text != "ANY" else { return false }
        let next = peek(1)
        switch next.kind {
        case .upper, .lower: return true
        case .reserved: return next.text != "END" && next.text != "MACRO"
        case .cstring: return true
        default: return false
        }
    }

    /// `name MACRO-NAME arguments ::= value`; `nil` when there is no macro.
    func parseMacroValue(_ name: NameSyntax) throws(ParseFailure) -> AssignmentSyntax.Kind? {
        guard isMacroUse else { return nil }
        sink.warning(.macroSkipped, here, "the arguments of the macro \(peek().text) are skipped")
        let macro = peek().text
        while !atEnd, kind != .assign {
            if isWord("END"), peek(1).kind == .end { throw failure("expected \"::=\"") }
            if kind == .leftBrace { _ = try bracedRange() } else { take() }
        }
        try expect(.assign, "\"::=\"")
        if macro == "TRAP-TYPE" {
            _ = try parseValue()
            return .skippedValue
        }
        let location = here
        if kind == .lower,
            peek(1).kind == .number || peek(1).kind == .leftBrace || peek(1).kind == .colon
        {
            // localValue 3, globalValue {…}
            take()
            take(if: .colon)
            _ = try parseValue()
            return .skippedValue
        }
        let value = try parseValue()
        if case .braced = value.kind {
            let governor = TypeSyntax(
                tag: nil, core: .simple(.objectIdentifier), constraints: [], location: location)
            return .value(governor, value)
        }
        return .skippedValue
    }

    /// Whether the arguments of a macro end here: `Name ::=`, `name Type ::=`.
    private var startsAfterMacro: Bool {
        guard kind == .upper || kind == .lower else { return false }
        if peek(1).kind == .assign { return true }
        guard kind == .lower else { return false }
        if peek(1).kind == .upper || peek(1).kind == .reserved {
            return peek(2).kind == .assign
                || (peek(1).kind == .reserved && peek(2).kind == .reserved
                    && peek(3).kind == .assign)
                || isWord("OBJECT-TYPE", 1)
        }
        return false
    }

    /// `Type ::= MACRO-NAME arguments`; of a TEXTUAL-CONVENTION the type behind SYNTAX is read.
    func parseMacroType() throws(ParseFailure) -> TypeSyntax? {
        guard isMacroUse else { return nil }
        let mark = position
        take()
        let startsNext = isAssignmentStart
        position = mark
        if startsNext { return nil }
        let location = here
        let name = takeName()
        sink.warning(.macroSkipped, location, "the arguments of the macro \(name.text) are skipped")
        while !atEnd, !isWord("END"), kind != .assign {
            if name.text == "TEXTUAL-CONVENTION", take(word: "SYNTAX") { return try parseType() }
            if startsAfterMacro { break }
            if kind == .leftBrace { _ = try bracedRange() } else { take() }
        }
        return TypeSyntax(tag: nil, core: .macro(name), constraints: [], location: location)
    }
}
