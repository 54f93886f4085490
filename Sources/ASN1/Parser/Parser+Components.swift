extension Parser {
    /// NamedNumberList and NamedBitList (X.680 19.1 and 22.1).
    func parseNamedNumbers() throws(ParseFailure) -> [NamedNumberSyntax] {
        try expect(.leftBrace, "\"{\"")
        if kind == .rightBrace { throw failure("expected an identifier") }
        var numbers: [NamedNumberSyntax] = []
        repeat {
            if kind == .rightBrace, strayComma() { break }
            let name = try expectName(.lower, "an identifier")
            try expect(.leftParenthesis, "\"(\"")
            numbers.append(NamedNumberSyntax(name: name, value: try parseValue()))
            try expect(.rightParenthesis, "\")\"")
        } while take(if: .comma)
        try expect(.rightBrace, "\",\" or \"}\"")
        return numbers
    }

    /// A list may be followed by a comma in practice.
    private func strayComma() -> Bool {
        sink.warning(.straySeparator, here, "a list has a comma too many")
        return true
    }

    /// Enumerations (20.1).
    func parseEnumeration() throws(ParseFailure) -> [EnumerationItemSyntax] {
        try expect(.leftBrace, "\"{\"")
        var items: [EnumerationItemSyntax] = []
        repeat {
            if kind == .rightBrace, strayComma() { break }
            if kind == .ellipsis {
                items.append(.marker(here))
                take()
                try skipException()
                continue
            }
            let name = try expectName(.lower, "an identifier")
            var value: ValueSyntax?
            if take(if: .leftParenthesis) {
                value = try parseValue()
                try expect(.rightParenthesis, "\")\"")
            }
            items.append(.item(name, value))
        } while take(if: .comma)
        try expect(.rightBrace, "\",\" or \"}\"")
        return items
    }

    /// ExceptionSpec (53.4).
    func skipException() throws(ParseFailure) {
        guard take(if: .exclamation) else { return }
        switch kind {
        case .number, .minus, .lower: _ = try parseValue()
        case .upper where peek(1).kind == .dot && peek(2).kind == .lower: _ = try parseValue()
        default:
            _ = try parseType()
            try expect(.colon, "\":\"")
            _ = try parseValue()
        }
    }

    /// The braces of SEQUENCE, SET and CHOICE (25.1, 27.1, 29.1).
    func parseComponents(isChoice: Bool) throws(ParseFailure) -> [ComponentItemSyntax] {
        try expect(.leftBrace, "\"{\"")
        var items: [ComponentItemSyntax] = []
        var markers = 0
        if !isChoice, take(if: .rightBrace) { return items }
        if kind == .rightBrace { throw failure("expected an alternative") }
        repeat {
            if kind == .rightBrace, strayComma() { break }
            if kind == .ellipsis {
                markers += 1
                if markers > 2 {
                    throw failure("expected a component after the second extension marker")
                }
                items.append(.marker(here))
                take()
                try skipException()
                continue
            }
            if isGroupStart {
                if markers != 1 {
                    throw failure(
                        markers == 0
                            ? "expected a component before the extension marker"
                            : "expected a component after the second extension marker")
                }
                items.append(try parseGroup(isChoice: isChoice))
                continue
            }
            items.append(try parseComponentItem(isChoice: isChoice))
        } while take(if: .comma)
        if kind != .rightBrace { throw failure("expected \",\" or \"}\"") }
        take()
        if isChoice, case .marker(let location)? = items.first {
            sink.warning(
                .emptyChoice, location, "no alternative stands before the extension marker")
        }
        checkVersions(items)
        return items
    }

    /// 25.14: version numbers begin at 2, ascend, and every bracket has one or none has.
    private func checkVersions(_ items: [ComponentItemSyntax]) {
        var last = BigInteger(1)
        var hasNumber: Bool?
        for case .group(let location, let version, _) in items {
            if let hasNumber, hasNumber != (version != nil) {
                sink.warning(
                    .versionNumber, location, "some version brackets have a number, some have none")
            }
            hasNumber = version != nil
            guard let version, case .integer(let number) = version.kind else { continue }
            if number <= BigInteger(1) {
                sink.warning(
                    .versionNumber, version.location, "the first additions are version 2")
            } else if number <= last {
                sink.error(
                    .versionNumber, version.location, "the version \(number) follows \(last)")
            }
            last = max(last, number)
        }
    }

    private var isGroupStart: Bool {
        kind == .leftBracket && peek(1).kind == .leftBracket && peek().endOffset == peek(1).offset
    }

    /// ExtensionAdditionGroup (25.1): `[[2: a A, b B ]]`
    private func parseGroup(isChoice: Bool) throws(ParseFailure) -> ComponentItemSyntax {
        let location = here
        position += 2
        var version: ValueSyntax?
        if kind == .number, peek(1).kind == .colon {
            version = try parseValue()
            take()
        }
        var items: [ComponentItemSyntax] = []
        if kind == .rightBracket { throw failure("expected a component") }
        repeat {
            if kind == .rightBracket, strayComma() { break }
            items.append(try parseComponentItem(isChoice: isChoice))
        } while take(if: .comma)
        try expect(.rightBracket, "\",\" or \"]]\"")
        try expect(.rightBracket, "\"]]\"")
        return .group(location, version: version, items)
    }

    private func parseComponentItem(isChoice: Bool) throws(ParseFailure) -> ComponentItemSyntax {
        let location = here
        if isWord("COMPONENTS"), isWord("OF", 1), !isChoice {
            position += 2
            return .componentsOf(try parseType(), location)
        }
        var name: NameSyntax?
        if kind == .lower, peek(1).kind != .less, peek(1).kind != .dot {
            name = takeName()
            if take(if: .colon) {
                // Some old texts put a colon there; nothing else can be meant.
                sink.warning(.straySeparator, location, "a colon follows a component's name")
            }
        } else {
            let followsType =
                kind == .upper && (peek(1).kind == .reserved || peek(1).kind == .upper)
                && !["OPTIONAL", "DEFAULT", "DEFINED"].contains(peek(1).text)
            if followsType {
                name = takeName()
                sink.warning(
                    .badIdentifier, location,
                    "the component \"\(name?.text ?? "")\" begins with a capital letter")
            } else if kind == .upper || kind == .reserved || kind == .leftBracket || kind == .lower
            {
                sink.warning(.unnamedComponent, location, "the component has no name")
            } else {
                throw failure("expected a component")
            }
        }
        let type = try parseType()
        var isOptional = false
        var defaultValue: ValueSyntax?
        if !isChoice {
            if take(word: "OPTIONAL") {
                isOptional = true
            } else if take(word: "DEFAULT") {
                defaultValue = try parseValue(allowsParameters: true)
            }
        }
        return .component(
            ComponentSyntax(
                name: name, type: type, isOptional: isOptional, defaultValue: defaultValue,
                location: location))
    }
}
