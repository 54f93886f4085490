extension Parser {
    /// AssignmentList (X.680 13.1), up to END. A fault costs one assignment.
    func parseAssignments() -> [AssignmentSyntax] {
        var assignments: [AssignmentSyntax] = []
        while !atEnd {
            if isWord("END") || isWord("ENCODING-CONTROL") && peek(1).kind == .upper { break }
            if kind == .semicolon {
                sink.warning(.straySeparator, here, "a semicolon stands between two assignments")
                take()
                continue
            }
            let before = position
            do {
                assignments.append(try parseAssignment())
            } catch {
                position = max(position, before + 1)
                depth = 0
                skipToAssignment()
            }
        }
        return assignments
    }

    /// Whether an assignment seems to begin here.
    /// Whether a reserved word stands here that may be a name after all.
    private var isReservedName: Bool {
        let token = peek()
        guard token.kind == .reserved else { return false }
        return ReservedWords.soft.contains(token.text)
            || ReservedWords.stringTypes.contains(token.text) && peek(1).kind == .assign
    }

    var isAssignmentStart: Bool {
        let token = peek()
        let isSoft = isReservedName
        guard token.kind == .upper || token.kind == .lower || isSoft else { return false }
        var index = 1
        if isWord("MACRO", index) { return true }
        if peek(index).kind == .leftBrace {
            guard let after = skipBraces(index) else { return false }
            index = after
        }
        if peek(index).kind == .assign { return true }
        if isSoft || isWord("FROM", index) { return false }
        // A governor stands between: a reference or a reserved word.
        guard
            peek(index).kind == .upper || peek(index).kind == .reserved
                || peek(index).kind == .leftBracket
        else {
            return false
        }
        if token.kind == .lower { return true }
        let limit = index + 12
        while index < limit {
            switch peek(index).kind {
            case .assign: return true
            case .leftBrace:
                guard let after = skipBraces(index) else { return false }
                index = after
            case .upper, .reserved, .dot, .upperField, .lowerField, .leftParenthesis,
                .rightParenthesis, .range,
                .number:
                index += 1
            default: return false
            }
        }
        return false
    }

    /// Whether an assignment certainly begins here: its mark follows before anything that ends
    /// a list of imports.
    var hasAssignmentMark: Bool {
        guard isAssignmentStart else { return false }
        var index = 1
        while index < 2000 {
            switch peek(index).kind {
            case .assign: return true
            case .comma, .semicolon, .end: return false
            case .reserved where isWord("FROM", index): return false
            case .leftBrace:
                guard let after = skipBraces(index) else { return false }
                index = after
            default: index += 1
            }
        }
        return false
    }

    /// The place behind the braces that open `ahead`, or `nil`.
    private func skipBraces(_ ahead: Int) -> Int? {
        var level = 0
        var index = ahead
        while index < ahead + 2000 {
            switch peek(index).kind {
            case .leftBrace: level += 1
            case .rightBrace:
                level -= 1
                if level == 0 { return index + 1 }
            case .end, .assign: return nil
            default: break
            }
            index += 1
        }
        return nil
    }

    /// Goes to the next `name … ::=` or to END.
    func skipToAssignment() {
        while !atEnd {
            if isWord("END") {
                if peek(1).kind == .end || peek(2).text == "DEFINITIONS"
                    || peek(2).kind == .leftBrace
                {
                    return
                }
            } else if kind == .assign {
                // Back over the name (and a governor on the same line).
                var start = position - 1
                let line = peek(-1).line
                while start > 0, tokens[start - 1].line == line,
                    tokens[start].kind != .lower || position - 1 - start < 1,
                    [.upper, .lower, .reserved].contains(tokens[start - 1].kind)
                {
                    start -= 1
                }
                if start >= 0, start >= recoveryFloor {
                    position = start
                    recoveryFloor = position + 1
                    return
                }
            }
            take()
        }
    }

    private func parseAssignment() throws(ParseFailure) -> AssignmentSyntax {
        let token = peek()
        switch token.kind {
        case .upper: return try parseUpperAssignment()
        case .lower: return try parseLowerAssignment()
        case .reserved where isReservedName && peek(1).kind != .end:
            sink.warning(.reservedWord, here, "\"\(token.text)\" is a reserved word")
            return try parseUpperAssignment()
        default: throw failure("expected an assignment or END")
        }
    }

    private func parseUpperAssignment() throws(ParseFailure) -> AssignmentSyntax {
        let name = takeName()
        if take(word: "MACRO") { return try skipMacro(name) }
        let parameters = kind == .leftBrace ? try parseParameters() : []
        if take(if: .assign) {
            if isWord("CLASS"), peek(1).kind == .leftBrace {
                return AssignmentSyntax(
                    name: name, parameters: parameters, kind: .objectClass(try parseClass()))
            }
            if let macro = try parseMacroType() {
                return AssignmentSyntax(name: name, parameters: parameters, kind: .type(macro))
            }
            let type = try parseType()
            try checkBoundary()
            return AssignmentSyntax(name: name, parameters: parameters, kind: .type(type))
        }
        if kind == .end || isWord("END") { throw failure("expected \"::=\" or a governor") }
        let governor = try parseType()
        try expect(.assign, "\"::=\"")
        let set = try bracedRange()
        try checkBoundary()
        return AssignmentSyntax(name: name, parameters: parameters, kind: .set(governor, set))
    }

    private func parseLowerAssignment() throws(ParseFailure) -> AssignmentSyntax {
        let name = takeName()
        let parameters = kind == .leftBrace ? try parseParameters() : []
        if kind == .assign, peek(1).kind == .less {
            take()
            try skipXML()
            return AssignmentSyntax(name: name, parameters: parameters, kind: .skippedValue)
        }
        if let kind = try parseMacroValue(name) {
            return AssignmentSyntax(name: name, parameters: parameters, kind: kind)
        }
        if kind == .assign {
            throw failure(
                "expected the governor of the value \"\(name.text)\"",
                hint: "the name of a type begins with a capital letter")
        }
        let governor = try parseType()
        try expect(.assign, "\"::=\"")
        if kind == .lower, peek().text == "localValue" || peek().text == "globalValue",
            peek(1).kind == .number || peek(1).kind == .leftBrace
        {
            // Values of the macros OPERATION and ERROR of X.219.
            let location = here
            sink.warning(.macroSkipped, location, "a value in a macro's notation is skipped")
            take()
            _ = try parseValue()
            return AssignmentSyntax(name: name, parameters: parameters, kind: .skippedValue)
        }
        let value = try parseValue(allowsParameters: true)
        try checkBoundary()
        return AssignmentSyntax(name: name, parameters: parameters, kind: .value(governor, value))
    }

    private func checkBoundary() throws(ParseFailure) {
        if atEnd || isWord("END") || isWord("ENCODING-CONTROL") || kind == .semicolon { return }
        let token = peek()
        if token.kind == .upper || token.kind == .lower { return }
        if isReservedName, isAssignmentStart { return }
        throw failure("expected an assignment or END")
    }

    /// ParameterList (X.683 8.3).
    private func parseParameters() throws(ParseFailure) -> [ParameterSyntax] {
        try expect(.leftBrace, "\"{\"")
        var parameters: [ParameterSyntax] = []
        repeat {
            if peek(1).kind == .comma || peek(1).kind == .rightBrace {
                guard kind == .upper || kind == .lower else {
                    throw failure("expected a dummy reference")
                }
                parameters.append(ParameterSyntax(governor: nil, name: takeName()))
                continue
            }
            let governor = try parseType()
            try expect(.colon, "\":\"")
            guard kind == .upper || kind == .lower else {
                throw failure("expected a dummy reference")
            }
            parameters.append(ParameterSyntax(governor: governor, name: takeName()))
        } while take(if: .comma)
        try expect(.rightBrace, "\",\" or \"}\"")
        return parameters
    }
}
