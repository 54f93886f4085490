extension Parser {
    /// Type (X.680 17.1).
    func parseType() throws(ParseFailure) -> TypeSyntax {
        try nested { () throws(ParseFailure) in
            let location = here
            if kind == .leftBracket { return try parsePrefixed(location) }
            let (core, sizes) = try parseCore()
            var constraints = sizes
            while kind == .leftParenthesis { constraints.append(try parseConstraint()) }
            return TypeSyntax(tag: nil, core: core, constraints: constraints, location: location)
        }
    }

    /// TaggedType and EncodingPrefixedType (31.1).
    private func parsePrefixed(_ location: SourceLocation) throws(ParseFailure) -> TypeSyntax {
        try expect(.leftBracket, "\"[\"")
        let classes: [String: Tag.Class] = [
            "UNIVERSAL": .universal, "APPLICATION": .application, "PRIVATE": .private,
        ]
        if kind == .upper {
            if peek().text == "CONTEXT" || peek().text == "CONTEXT-SPECIFIC" {
                throw failure("expected a tag number", hint: "leave the word out")
            }
            if peek(1).kind == .colon, peek().text == "TAG" {
                position += 2
            } else if peek(1).kind != .dot {
                return try parseEncodingPrefixed(location)
            }
        }
        var tagClass = Tag.Class.contextSpecific
        if kind == .reserved, let named = classes[peek().text] {
            tagClass = named
            take()
        }
        if kind == .rightBracket || kind == .reserved { throw failure("expected a tag number") }
        let number = try parseValue()
        try expect(.rightBracket, "\"]\"")
        var mode: TagSyntax.Mode?
        if take(word: "IMPLICIT") {
            mode = .implicit
        } else if take(word: "EXPLICIT") {
            mode = .explicit
        }
        // NCBI gives an APPLICATION tag here and there, and leaves the components to its tool.
        if tagClass == .contextSpecific { hasTags = true }
        let tag = TagSyntax(tagClass: tagClass, number: number, mode: mode, location: location)
        let inner = try parseType()
        if inner.tag == nil {
            return TypeSyntax(
                tag: tag, core: inner.core, constraints: inner.constraints, location: location)
        }
        return TypeSyntax(tag: tag, core: .wrapped(inner), constraints: [], location: location)
    }

    /// An encoding instruction says nothing about the abstract value: it is skipped.
    private func parseEncodingPrefixed(_ location: SourceLocation) throws(ParseFailure)
        -> TypeSyntax
    {
        sink.warning(.encodingControlSkipped, location, "an encoding instruction is skipped")
        while !atEnd, kind != .rightBracket, kind != .assign { take() }
        try expect(.rightBracket, "\"]\"")
        return try parseType()
    }

    private func parseCore() throws(ParseFailure) -> (TypeCore, [ConstraintSyntax]) {
        let token = peek()
        switch token.kind {
        case .reserved: return try parseReservedCore(token)
        case .upper: return (try parseReferenceCore(), [])
        case .lower:
            if peek(1).kind == .less {
                let name = takeName()
                take()
                return (.selection(name, try parseType()), [])
            }
            if peek(1).kind == .dot, peek(2).kind == .upperField || peek(2).kind == .lowerField {
                let reference = ReferenceSyntax(module: nil, name: takeName(), arguments: nil)
                return (.field(reference, try parseFieldPath()), [])
            }
            throw failure(
                "expected a type", hint: "the name of a type begins with a capital letter")
        default: throw failure("expected a type")
        }
    }

    private func parseReservedCore(_ token: Token) throws(ParseFailure) -> (
        TypeCore, [ConstraintSyntax]
    ) {
        if let simple = Self.simpleTypes[token.text] {
            if ReservedWords.soft.contains(token.text), peek(1).kind == .dot {
                return (try parseReferenceCore(), [])
            }
            take()
            return (.simple(simple), [])
        }
        switch token.text {
        case "INTEGER":
            take()
            return (.integer(kind == .leftBrace ? try parseNamedNumbers() : []), [])
        case "BIT":
            take()
            try expect(word: "STRING")
            return (.bitString(kind == .leftBrace ? try parseNamedNumbers() : []), [])
        case "OCTET":
            take()
            try expect(word: "STRING")
            return (.simple(.octetString), [])
        case "OBJECT":
            take()
            try expect(word: "IDENTIFIER")
            return (.simple(.objectIdentifier), [])
        case "CHARACTER":
            take()
            try expect(word: "STRING")
            return (.simple(.unrestrictedCharacterString), [])
        case "EMBEDDED":
            take()
            try expect(word: "PDV")
            return (.simple(.embeddedPDV), [])
        case "ENUMERATED":
            take()
            return (.enumerated(try parseEnumeration()), [])
        case "SEQUENCE", "SET":
            take()
            return try parseStructured(isSet: token.text == "SET")
        case "CHOICE":
            take()
            return (.choice(try parseComponents(isChoice: true)), [])
        case "INSTANCE":
            take()
            try expect(word: "OF")
            return (.instanceOf(try parseReference()), [])
        case "ANY": break
        default:
            if ReservedWords.soft.contains(token.text) { return (try parseReferenceCore(), []) }
        }
        throw failure("expected a type")
    }

    private func parseStructured(isSet: Bool) throws(ParseFailure) -> (TypeCore, [ConstraintSyntax])
    {
        if kind == .leftBrace {
            let items = try parseComponents(isChoice: false)
            return (isSet ? .set(items) : .sequence(items), [])
        }
        var constraints: [ConstraintSyntax] = []
        if isWord("SIZE") {
            let location = here
            take()
            let size = ElementSyntax(kind: .size(try parseConstraint()), location: location)
            constraints.append(
                ConstraintSyntax(
                    root: .element(size), isExtensible: false, additions: nil, location: location))
        } else if kind == .leftParenthesis {
            let location = here
            let constraint = try parseConstraint()
            if constraint.isBareRange {
                // `SEQUENCE (1..10) OF`: the word SIZE is missing.
                sink.warning(.missingSize, location, "SIZE is missing before the range")
                let size = ElementSyntax(kind: .size(constraint), location: location)
                constraints.append(
                    ConstraintSyntax(
                        root: .element(size), isExtensible: false, additions: nil,
                        location: location))
            } else {
                constraints.append(constraint)
            }
        }
        guard take(word: "OF") else {
            if constraints.isEmpty { throw failure("expected \"{\" or OF") }
            throw failure("expected OF")
        }
        var name: NameSyntax?
        if kind == .lower, peek(1).kind != .less, peek(1).kind != .dot { name = takeName() }
        let element = try parseType()
        return (isSet ? .setOf(name, element) : .sequenceOf(name, element), constraints)
    }

    private func parseReferenceCore() throws(ParseFailure) -> TypeCore {
        if isWord("ANY"), peek(1).kind != .dot {
            // X.208's ANY; not reserved since 1994, so a module may define it.
            let location = here
            let name = takeName()
            var definedBy: NameSyntax?
            if isWord("DEFINED"), isWord("BY", 1) {
                position += 2
                definedBy = try expectName(.lower, "the name of the defining component")
                while kind == .dot, peek(1).kind == .lower { position += 2 }
            }
            sink.warning(
                .obsoleteAny, location, "\(name.text) is not in the standard since 1994",
                hint: "an open type takes its place")
            return .any(definedBy: definedBy)
        }
        let reference = try parseReference()
        if kind == .dot, peek(1).kind == .upperField || peek(1).kind == .lowerField {
            return .field(reference, try parseFieldPath())
        }
        return .reference(reference)
    }

    /// `Name`, `Module.Name`, `Name {actual parameters}`.
    func parseReference() throws(ParseFailure) -> ReferenceSyntax {
        let token = peek()
        guard
            token.kind == .upper || token.kind == .lower
                || (token.kind == .reserved && ReservedWords.soft.contains(token.text))
        else { throw failure("expected a reference") }
        var name = takeName()
        var module: NameSyntax?
        if kind == .dot, peek(1).kind == .upper || peek(1).kind == .lower, token.kind == .upper {
            take()
            module = name
            name = takeName()
        }
        let arguments =
            kind == .leftBrace && name.text.first?.isUppercase == true ? try parseArguments() : nil
        return ReferenceSyntax(module: module, name: name, arguments: arguments)
    }

    /// `.&a.&b`
    func parseFieldPath() throws(ParseFailure) -> [NameSyntax] {
        var path: [NameSyntax] = []
        while kind == .dot, peek(1).kind == .upperField || peek(1).kind == .lowerField {
            take()
            path.append(takeName())
        }
        return path
    }

    /// ActualParameterList (X.683 9.5).
    func parseArguments() throws(ParseFailure) -> [ArgumentSyntax] {
        try nested { () throws(ParseFailure) in
            try expect(.leftBrace, "\"{\"")
            var arguments: [ArgumentSyntax] = []
            repeat {
                let location = here
                switch kind {
                case .leftBrace: arguments.append(.braced(try bracedRange(), location))
                case .lower
                where peek(1).kind == .dot && peek(2).kind == .upperField || peek(1).kind == .less:
                    arguments.append(.type(try parseType()))
                case .upper, .reserved, .leftBracket:
                    let values = [
                        "TRUE", "FALSE", "PLUS-INFINITY", "MINUS-INFINITY", "NOT-A-NUMBER",
                        "CONTAINING",
                    ]
                    if kind == .reserved && values.contains(peek().text)
                        || kind == .upper && peek(1).kind == .dot && peek(2).kind == .lower
                    {
                        arguments.append(.value(try parseValue()))
                    } else {
                        let type = try parseType()
                        if take(if: .colon) {
                            arguments.append(
                                .value(ValueSyntax(.typed(type, try parseValue()), location)))
                        } else {
                            arguments.append(.type(type))
                        }
                    }
                default: arguments.append(.value(try parseValue(allowsParameters: true)))
                }
            } while take(if: .comma)
            try expect(.rightBrace, "\",\" or \"}\"")
            return arguments
        }
    }

    static let simpleTypes: [String: TypeKind.Simple] = [
        "BOOLEAN": .boolean, "NULL": .null, "REAL": .real, "EXTERNAL": .external,
        "RELATIVE-OID": .relativeOID, "OID-IRI": .objectIdentifierIRI,
        "RELATIVE-OID-IRI": .relativeOIDIRI, "TIME": .time, "DATE": .date,
        "TIME-OF-DAY": .timeOfDay, "DATE-TIME": .dateTime, "DURATION": .duration,
        "UTF8String": .utf8String, "NumericString": .numericString,
        "PrintableString": .printableString, "TeletexString": .teletexString,
        "T61String": .teletexString, "VideotexString": .videotexString, "IA5String": .ia5String,
        "GraphicString": .graphicString, "VisibleString": .visibleString,
        "ISO646String": .visibleString, "GeneralString": .generalString,
        "UniversalString": .universalString, "BMPString": .bmpString, "UTCTime": .utcTime,
        "GeneralizedTime": .generalizedTime, "ObjectDescriptor": .objectDescriptor,
    ]
}
