extension Parser {
    /// All modules of a file. Goes on behind what can't be read.
    func parseFile() -> [ModuleSyntax] {
        var modules: [ModuleSyntax] = []
        if atEnd {
            sink.error(.emptyFile, here, "the file holds no module")
            return []
        }
        while !atEnd {
            let before = position
            if let module = try? parseModule() {
                modules.append(module)
            } else {
                skipToModule(from: before)
            }
        }
        return modules
    }

    /// Goes to where the next module's header seems to begin.
    private func skipToModule(from start: Int) {
        position = max(position, start + 1)
        while !atEnd {
            if kind == .reserved, peek().text == "END", isModuleHeader(1) {
                take()
                return
            }
            take()
        }
    }

    private func isModuleHeader(_ ahead: Int) -> Bool {
        guard peek(ahead).kind == .upper || peek(ahead).kind == .lower else { return false }
        if isWord("DEFINITIONS", ahead + 1) { return true }
        guard peek(ahead + 1).kind == .leftBrace else { return false }
        var index = ahead + 2
        while index < ahead + 200, peek(index).kind != .rightBrace, peek(index).kind != .end {
            index += 1
        }
        return isWord("DEFINITIONS", index + 1) || peek(index + 1).kind == .cstring
    }

    private func parseModule() throws(ParseFailure) -> ModuleSyntax {
        let name = try parseModuleName()
        var identifier: [ArcSyntax] = []
        if kind == .leftBrace { identifier = try parseModuleIdentifier() }
        if kind == .cstring { take() }
        try expect(word: "DEFINITIONS")
        var tagging = ModuleSyntax.Tagging.explicit
        hasTags = false
        var isExtensibilityImplied = false
        if kind == .upper, isWord("INSTRUCTIONS", 1) { position += 2 }
        if isWord("TAGS", 1) {
            switch peek().text {
            case "EXPLICIT": tagging = .explicit
            case "IMPLICIT": tagging = .implicit
            case "AUTOMATIC": tagging = .automatic
            default: throw failure("expected EXPLICIT, IMPLICIT or AUTOMATIC")
            }
            hasTags = true
            position += 2
        }
        if kind == .upper, isWord("INSTRUCTIONS", 1) {
            sink.warning(
                .encodingControlSkipped, here,
                "the encoding reference stands before the tagging in X.680 13.1")
            position += 2
        }
        if take(word: "EXTENSIBILITY") {
            try expect(word: "IMPLIED")
            isExtensibilityImplied = true
        }
        try expect(.assign, "\"::=\"")
        try expect(word: "BEGIN")
        let begin = location(peek(-1))
        var exports: [NameSyntax]?
        var imports: [ImportSyntax] = []
        do {
            exports = try parseExports()
            imports = try parseImports()
        } catch {
            skipToAssignment()
        }
        let assignments = parseAssignments()
        if take(word: "ENCODING-CONTROL") {
            sink.warning(
                .encodingControlSkipped, location(peek(-1)),
                "the encoding control section is skipped")
            while !atEnd, !isWord("END") { take() }
        }
        if !take(word: "END") {
            sink.error(
                .missingEnd, here, "expected END, found \(describe(peek()))",
                hint: "the module began in line \(begin.line)")
        }
        return ModuleSyntax(
            name: name, identifier: identifier, tagging: tagging, mentionsTags: hasTags,
            isExtensibilityImplied: isExtensibilityImplied, exports: exports, imports: imports,
            assignments: assignments, file: file)
    }

    private func parseModuleName() throws(ParseFailure) -> NameSyntax {
        if isWord("DEFINITIONS") {
            sink.warning(.missingModuleName, here, "the module has no name")
            return NameSyntax(text: "", location: here)
        }
        if kind == .lower {
            sink.warning(
                .lowercaseModuleName, here,
                "the module's name \"\(peek().text)\" begins with a small letter")
            return takeName()
        }
        return try expectName(.upper, "the name of a module")
    }

    private func parseModuleIdentifier() throws(ParseFailure) -> [ArcSyntax] {
        let location = here
        let range = try bracedRange()
        if range.start == range.end {
            sink.warning(
                .emptyObjectIdentifier, location, "the module's object identifier is empty",
                hint: "leave the braces out")
            return []
        }
        return try Parser(
            file: file, tokens: tokens, range: range.start..<range.end, sink: sink, limits: limits
        ).parseArcs()
    }

    private func parseExports() throws(ParseFailure) -> [NameSyntax]? {
        guard take(word: "EXPORTS") else { return nil }
        if take(word: "ALL") {
            semicolon()
            return nil
        }
        var names: [NameSyntax] = []
        if kind != .semicolon {
            repeat { names.append(try parseSymbol()) } while take(if: .comma)
        }
        semicolon()
        return names
    }

    private func semicolon() {
        if !take(if: .semicolon) {
            sink.warning(.missingSemicolon, here, "expected \";\", found \(describe(peek()))")
        }
    }

    private func parseSymbol() throws(ParseFailure) -> NameSyntax {
        let token = peek()
        if token.kind == .reserved, !ReservedWords.soft.contains(token.text),
            Self.simpleTypes[token.text] != nil
        {
            sink.warning(
                .reservedWord, here, "\"\(token.text)\" is there without being imported or exported"
            )
            return takeName()
        }
        guard
            token.kind == .upper || token.kind == .lower
                || token.kind == .reserved && ReservedWords.soft.contains(token.text)
        else { throw failure("expected a symbol") }
        let name = takeName()
        if kind == .leftBrace, peek(1).kind == .rightBrace { position += 2 }
        if name.text != "MACRO", isWord("MACRO") { take() }
        return name
    }

    /// 13.1: symbols FROM module, one after another.
    private func parseImports() throws(ParseFailure) -> [ImportSyntax] {
        var imports: [ImportSyntax] = []
        guard take(word: "IMPORTS") else { return imports }
        while kind != .semicolon {
            if !imports.isEmpty, kind == .end || isWord("END") || hasAssignmentMark {
                break
            }
            var symbols: [NameSyntax] = []
            repeat {
                if isWord("FROM"), !symbols.isEmpty {
                    sink.warning(.straySeparator, here, "a list has a comma too many")
                    break
                }
                symbols.append(try parseSymbol())
            } while take(if: .comma)
            try expect(word: "FROM")
            let module: NameSyntax
            if kind == .lower {
                sink.warning(
                    .lowercaseModuleName, here,
                    "the module's name \"\(peek().text)\" begins with a small letter")
                module = takeName()
            } else {
                module = try expectName(.upper, "the name of a module")
            }
            var identifier: [ArcSyntax] = []
            if kind == .leftBrace {
                identifier = try parseModuleIdentifier()
            } else if kind == .lower, peek(1).kind != .comma, !isWord("FROM", 1),
                peek(1).kind != .leftBrace, !hasAssignmentMark
            {
                let location = here
                identifier = [ArcSyntax(name: takeName(), number: nil, location: location)]
            } else if kind == .upper, peek(1).kind == .dot, peek(2).kind == .lower {
                let location = here
                identifier = [ArcSyntax(name: nil, number: try parseValue(), location: location)]
            }
            if take(word: "WITH") {
                if !take(word: "SUCCESSORS"), !take(word: "DESCENDANTS") {
                    throw failure("expected SUCCESSORS or DESCENDANTS")
                }
            }
            imports.append(ImportSyntax(symbols: symbols, module: module, identifier: identifier))
            if kind == .comma {
                sink.warning(.straySeparator, here, "a comma stands between two lists of symbols")
                take()
            }
        }
        semicolon()
        return imports
    }
}
