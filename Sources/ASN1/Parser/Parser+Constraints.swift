extension Parser {
    /// Constraint (X.680 49.6): from `(` to `)`.
    func parseConstraint() throws(ParseFailure) -> ConstraintSyntax {
        try nested { () throws(ParseFailure) in
            let location = here
            try expect(.leftParenthesis, "\"(\"")
            if kind == .ellipsis, peek(1).kind == .comma {
                // 50.1: only an object set may begin so.
                throw failure("expected a constraint before the extension marker")
            }
            let constraint = try parseElementSetSpecs(location)
            try skipException()
            try expect(.rightParenthesis, "\")\"")
            return constraint
        }
    }

    /// ElementSetSpecs (50.1); also the inside of a value set and of an object set
    /// (X.681 12.3), where the marker may stand alone.
    func parseElementSetSpecs(_ location: SourceLocation) throws(ParseFailure) -> ConstraintSyntax {
        var root: ElementSetSyntax?
        if kind == .ellipsis {
            take()
        } else {
            root = try parseUnions()
            guard take(if: .comma) else {
                return ConstraintSyntax(
                    root: root, isExtensible: false, additions: nil, location: location)
            }
            try expect(.ellipsis, "\"...\"")
        }
        var additions: ElementSetSyntax?
        if take(if: .comma) { additions = try parseUnions() }
        return ConstraintSyntax(
            root: root, isExtensible: true, additions: additions, location: location)
    }

    private func parseUnions() throws(ParseFailure) -> ElementSetSyntax {
        try nested { () throws(ParseFailure) in
            if isWord("ALL"), isWord("EXCEPT", 1) {
                position += 2
                return .allExcept(try parseElement())
            }
            var terms = [try parseIntersections()]
            while take(if: .bar) || take(word: "UNION") { terms.append(try parseIntersections()) }
            return terms.count == 1 ? terms[0] : .union(terms)
        }
    }

    private func parseIntersections() throws(ParseFailure) -> ElementSetSyntax {
        var terms = [try parseExclusion()]
        while take(if: .caret) || take(word: "INTERSECTION") { terms.append(try parseExclusion()) }
        return terms.count == 1 ? terms[0] : .intersection(terms)
    }

    private func parseExclusion() throws(ParseFailure) -> ElementSetSyntax {
        let element = try parseElement()
        if take(word: "EXCEPT") { return .except(element, try parseElement()) }
        return element
    }

    private func parseElement() throws(ParseFailure) -> ElementSetSyntax {
        let location = here
        func element(_ kind: ElementSyntax.Kind) -> ElementSetSyntax {
            .element(ElementSyntax(kind: kind, location: location))
        }
        switch kind {
        case .leftParenthesis:
            take()
            let inner = try parseUnions()
            try expect(.rightParenthesis, "\")\"")
            return inner
        case .reserved:
            if let kind = try parseKeywordElement() { return element(kind) }
        case .leftBrace:
            if isTableStart { return element(try parseTable()) }
        default: break
        }
        return element(try parseValueOrType())
    }

    private func parseKeywordElement() throws(ParseFailure) -> ElementSyntax.Kind? {
        switch peek().text {
        case "SIZE" where peek(1).kind == .leftParenthesis || peek(1).kind == .number:
            take()
            return .size(try parseConstraint())
        case "FROM":
            take()
            return .permittedAlphabet(try parseConstraint())
        case "PATTERN":
            take()
            return .pattern(try parseValue())
        case "SETTINGS":
            take()
            return .settings(try expect(.cstring, "the settings as a character string").text)
        case "INCLUDES":
            take()
            return .type(try parseType())
        case "CONSTRAINED":
            take()
            try expect(word: "BY")
            _ = try bracedRange()
            return .userDefined
        case "CONTAINING":
            take()
            let type = try parseType()
            var encoding: ValueSyntax?
            if take(word: "ENCODED") {
                try expect(word: "BY")
                encoding = try parseValue()
            }
            return .containing(type, encodedBy: encoding)
        case "ENCODED":
            take()
            try expect(word: "BY")
            return .containing(nil, encodedBy: try parseValue())
        case "WITH":
            take()
            if take(word: "COMPONENT") { return .component(try parseConstraint()) }
            try expect(word: "COMPONENTS")
            return try parseComponentConstraints()
        default: return nil
        }
    }

    /// MultipleTypeConstraints (51.8.6).
    private func parseComponentConstraints() throws(ParseFailure) -> ElementSyntax.Kind {
        try expect(.leftBrace, "\"{\"")
        var isPartial = false
        if take(if: .ellipsis) {
            isPartial = true
            if take(if: .rightBrace) { return .components(isPartial: true, []) }
            try expect(.comma, "\",\"")
        }
        var list: [ComponentConstraintSyntax] = []
        repeat {
            if kind == .rightBrace {
                sink.warning(.straySeparator, here, "a list has a comma too many or nothing in it")
                break
            }
            let name = try expectName(.lower, "the name of a component")
            let constraint = kind == .leftParenthesis ? try parseConstraint() : nil
            var presence: PresenceConstraint?
            if take(word: "PRESENT") {
                presence = .present
            } else if take(word: "ABSENT") {
                presence = .absent
            } else if take(word: "OPTIONAL") {
                presence = .optional
            }
            list.append(
                ComponentConstraintSyntax(name: name, constraint: constraint, presence: presence))
        } while take(if: .comma)
        try expect(.rightBrace, "\",\" or \"}\"")
        return .components(isPartial: isPartial, list)
    }

    /// A value in braces never begins with a capital letter, save for an open type's `Type:value`.
    private var isTableStart: Bool {
        if peek(1).kind == .leftBrace { return false }
        return peek(1).kind == .upper && peek(2).kind != .colon
    }

    /// TableConstraint (X.682 10.3): `{Set}` or `{Set}{@a, @.b}`
    private func parseTable() throws(ParseFailure) -> ElementSyntax.Kind {
        let set = try bracedRange()
        var relations: [AtNotationSyntax] = []
        if kind == .leftBrace {
            take()
            repeat {
                try expect(.at, "\"@\"")
                var level: Int?
                if kind == .dot || kind == .range || kind == .ellipsis {
                    var dots = 0
                    while kind == .dot || kind == .range || kind == .ellipsis {
                        dots += take().text.utf8.count
                    }
                    level = dots - 1
                }
                var path = [try expectName(.lower, "the name of a component")]
                while take(if: .dot) {
                    path.append(try expectName(.lower, "the name of a component"))
                }
                relations.append(AtNotationSyntax(level: level, path: path))
            } while take(if: .comma)
            try expect(.rightBrace, "\",\" or \"}\"")
        }
        return .table(set, relations)
    }

    /// A single value, a value range, or a type whose values are included (51.2 to 51.4).
    private func parseValueOrType() throws(ParseFailure) -> ElementSyntax.Kind {
        if isWord("MIN") || isWord("MAX") {
            let isMinimum = isWord("MIN")
            take()
            return try parseRangeTail(isMinimum ? EndpointSyntax(value: nil, isOpen: false) : nil)
        }
        if isTypeElement {
            let type = try parseType()
            if case .field(let reference, let path) = type.core, type.constraints.isEmpty,
                path.last?.text.first?.isLowercase == true
            {
                return try parseAfterValue(ValueSyntax(.field(reference, path), type.location))
            }
            if kind == .colon {
                take()
                return .value(ValueSyntax(.typed(type, try parseValue()), type.location))
            }
            return .type(type)
        }
        return try parseAfterValue(try parseValue(allowsParameters: true))
    }

    private func parseAfterValue(_ value: ValueSyntax) throws(ParseFailure) -> ElementSyntax.Kind {
        if kind == .range || (kind == .less && peek(1).kind == .range) {
            return try parseRangeTail(EndpointSyntax(value: value, isOpen: false))
        }
        return .value(value)
    }

    private func parseRangeTail(_ lower: EndpointSyntax?) throws(ParseFailure) -> ElementSyntax.Kind
    {
        guard let lower else { throw failure("expected a lower endpoint, not MAX") }
        let lowerOpen = take(if: .less)
        try expect(.range, "\"..\"")
        let upperOpen = take(if: .less)
        let upper: ValueSyntax? = take(word: "MAX") ? nil : try parseValue()
        return .range(
            EndpointSyntax(value: lower.value, isOpen: lowerOpen),
            EndpointSyntax(value: upper, isOpen: upperOpen))
    }

    private var isTypeElement: Bool {
        let token = peek()
        switch token.kind {
        case .upper: return !(peek(1).kind == .dot && peek(2).kind == .lower)
        case .lower:
            return peek(1).kind == .less && peek(2).kind == .upper
                || peek(1).kind == .dot && peek(2).kind == .upperField
        case .leftBracket: return true
        case .reserved:
            return !["TRUE", "FALSE", "NULL", "PLUS-INFINITY", "MINUS-INFINITY", "NOT-A-NUMBER"]
                .contains(token.text)
        default: return false
        }
    }
}
