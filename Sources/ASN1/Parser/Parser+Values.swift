extension Parser {
    /// Value (X.680 17.7).
    ///
    /// - Parameter allowsParameters: whether braces after a reference are actual parameters;
    ///   inside braces `a {b}` is a named value.
    func parseValue(allowsParameters: Bool = false) throws(ParseFailure) -> ValueSyntax {
        try nested { () throws(ParseFailure) in
            let token = peek()
            let location = here
            switch token.kind {
            case .leftBrace: return ValueSyntax(.braced(try bracedRange()), location)
            case .number, .realNumber:
                take()
                return number(token, negative: false, location)
            case .minus:
                take()
                let next = peek()
                if next.kind == .number || next.kind == .realNumber {
                    take()
                    return number(next, negative: true, location)
                }
                if next.text == "INFINITY" {
                    take()
                    return ValueSyntax(.minusInfinity, location)
                }
                throw failure("expected a number")
            case .cstring:
                take()
                return ValueSyntax(.cstring(token.text), location)
            case .bstring:
                take()
                return ValueSyntax(.bstring(token.text), location)
            case .hstring:
                take()
                return ValueSyntax(.hstring(token.text), location)
            case .lower: return try parseLowerValue(location, allowsParameters)
            case .upper, .reserved, .leftBracket: return try parseUpperValue(token, location)
            case .less:
                try skipXML()
                return ValueSyntax(.skipped, location)
            default: throw failure("expected a value")
            }
        }
    }

    private func number(_ token: Token, negative: Bool, _ location: SourceLocation) -> ValueSyntax {
        let text = (negative ? "-" : "") + token.text
        if token.kind == .number, let value = BigInteger(decimal: text) {
            return ValueSyntax(.integer(value), location)
        }
        return ValueSyntax(.real(text), location)
    }

    private func parseLowerValue(_ location: SourceLocation, _ allowsParameters: Bool)
        throws(ParseFailure) -> ValueSyntax
    {
        let name = takeName()
        if kind == .colon {
            take()
            return ValueSyntax(
                .choice(name, try parseValue(allowsParameters: allowsParameters)), location)
        }
        let arguments = allowsParameters && kind == .leftBrace ? try parseArguments() : nil
        let reference = ReferenceSyntax(module: nil, name: name, arguments: arguments)
        let path = try parseFieldPath()
        return ValueSyntax(path.isEmpty ? .reference(reference) : .field(reference, path), location)
    }

    private func parseUpperValue(_ token: Token, _ location: SourceLocation) throws(ParseFailure)
        -> ValueSyntax
    {
        if token.kind == .reserved {
            let kind: ValueSyntax.Kind? =
                switch token.text {
                case "TRUE": .boolean(true)
                case "FALSE": .boolean(false)
                case "NULL" where peek(1).kind != .colon: .null
                case "PLUS-INFINITY": .plusInfinity
                case "MINUS-INFINITY": .minusInfinity
                case "NOT-A-NUMBER": .notANumber
                default: nil
                }
            if let kind {
                take()
                return ValueSyntax(kind, location)
            }
            if token.text == "CONTAINING" {
                take()
                return ValueSyntax(.containing(try parseValue()), location)
            }
        }
        if token.kind == .upper, peek(1).kind == .dot, peek(2).kind == .lower {
            let module = takeName()
            take()
            let reference = ReferenceSyntax(module: module, name: takeName(), arguments: nil)
            let path = try parseFieldPath()
            return ValueSyntax(
                path.isEmpty ? .reference(reference) : .field(reference, path), location)
        }
        let type = try parseType()
        if case .field(let reference, let path) = type.core, kind != .colon {
            return ValueSyntax(.field(reference, path), location)
        }
        guard take(if: .colon) else {
            if token.kind == .upper, type.plainReference != nil {
                // Enumeration items and values with a capital letter: the resolver reports them.
                throw failure(
                    "expected a value before this",
                    hint: "the name of a value begins with a small letter")
            }
            throw failure("expected \":\" and a value after the type")
        }
        return ValueSyntax(.typed(type, try parseValue()), location)
    }

    /// XML value notation is skipped: to the matching end tag, or to an empty element's end.
    func skipXML() throws(ParseFailure) {
        sink.warning(.xmlSkipped, here, "a value in XML notation is skipped")
        var level = 0
        while !atEnd {
            if kind == .assign
                || (kind == .reserved && peek().text == "END" && peek(-1).kind == .greater)
            {
                return
            }
            if kind == .less {
                let closing = peek(1).kind == .slash
                var empty = false
                while !atEnd, kind != .greater {
                    empty = kind == .slash
                    take()
                }
                take()
                if closing { level -= 1 } else if !empty { level += 1 }
                if level <= 0 { return }
            } else {
                take()
            }
        }
    }

    /// The elements of a value in braces: `a 1, b 2` or `1, 2`.
    func parseBracedItems() throws(ParseFailure) -> [BracedItemSyntax] {
        var items: [BracedItemSyntax] = []
        if atEnd { return items }
        repeat {
            if atEnd, !items.isEmpty {
                sink.warning(.straySeparator, here, "a list has a comma too many")
                break
            }
            if kind == .lower {
                switch peek(1).kind {
                case .comma, .end, .dot, .colon: break
                default:
                    let name = takeName()
                    items.append(BracedItemSyntax(name: name, value: try parseValue()))
                    continue
                }
            }
            items.append(BracedItemSyntax(name: nil, value: try parseValue()))
        } while take(if: .comma)
        if !atEnd { throw failure("expected \",\" or \"}\"") }
        return items
    }

    /// The arcs of an object identifier value (32.3), to the end of the range.
    func parseArcs() throws(ParseFailure) -> [ArcSyntax] {
        var arcs: [ArcSyntax] = []
        while !atEnd {
            let location = here
            switch kind {
            case .number:
                arcs.append(ArcSyntax(name: nil, number: try parseValue(), location: location))
            case .upper where peek(1).kind == .dot && peek(2).kind == .lower:
                arcs.append(ArcSyntax(name: nil, number: try parseValue(), location: location))
            case .lower:
                if peek(1).kind == .leftParenthesis {
                    let name = takeName()
                    take()
                    let number = try parseValue()
                    try expect(.rightParenthesis, "\")\"")
                    arcs.append(ArcSyntax(name: name, number: number, location: location))
                } else if peek(1).kind == .dot, peek(2).kind == .lowerField {
                    arcs.append(ArcSyntax(name: nil, number: try parseValue(), location: location))
                } else {
                    arcs.append(ArcSyntax(name: takeName(), number: nil, location: location))
                }
            case .comma where !arcs.isEmpty:
                sink.warning(.straySeparator, location, "a comma stands between two arcs")
                take()
            default: throw failure("expected an arc of an object identifier")
            }
        }
        return arcs
    }
}
