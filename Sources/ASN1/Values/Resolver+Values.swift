extension Resolver {
    /// Evaluates a value of a type; what doesn't fit is reported.
    ///
    /// - Returns: `nil` after an error, `.unknown` for what is legal but not evaluated.
    func value(_ syntax: ValueSyntax, _ governor: Int, _ scope: Scope) -> SchemaValue? {
        valueDepth += 1
        defer { valueDepth -= 1 }
        if valueDepth > limits.referenceDepth {
            sink.error(.referenceLimit, syntax.location, "values refer to one another too deeply")
            return nil
        }
        guard let node = root(governor), case .core(let core) = node.form else { return nil }
        if case .unknown = core { return .unknown }
        switch syntax.kind {
        case .skipped: return .unknown
        case .reference(let reference):
            if reference.module == nil, let named = named(reference.name.text, core, node.id) {
                return named
            }
            return referencedValue(reference, governor, core, scope)
        case .field(let reference, let path): return fieldValue(reference, path, governor, scope)
        case .typed(let type, let inner):
            if case .openType = core {
                let target = self.type(type, scope)
                guard let value = value(inner, target, scope) else { return nil }
                return .open(type: target, value)
            }
            if case .unknown = core { return .unknown }
            return mismatch(syntax, core)
        default: break
        }
        switch core {
        case .unknown: return .unknown
        case .openType:
            // 1988's ANY takes any notation.
            return .unknown
        case .simple(let simple): return simpleValue(syntax, simple, core, scope)
        case .integer:
            if case .integer(let number) = syntax.kind { return .integer(number) }
        case .enumerated:
            if case .integer(let number) = syntax.kind,
                let item = enumeration(node.id).items.first(where: { $0.value == number })
            {
                sink.warning(
                    .valueNotation, syntax.location,
                    "a number stands for an item of an enumeration",
                    hint: "write \(item.name)")
                return .enumerated(name: item.name, value: number)
            }
        case .bitString: return bitStringValue(syntax, node, scope)
        case .sequenceOf(let use), .setOf(let use):
            if case .braced(let range) = syntax.kind { return listValue(range, use, scope) }
        case .structure(let structure):
            if structure.flavour == .choice { return choiceValue(syntax, structure, core, scope) }
            if case .braced(let range) = syntax.kind {
                return structureValue(range, structure, scope, syntax.location)
            }
        case .instanceOf:
            if case .braced(let range) = syntax.kind {
                guard associatedValue(range, core, scope, syntax.location) != nil else {
                    return nil
                }
                return .unknown
            }
        }
        return mismatch(syntax, core)
    }

    func mismatch(_ syntax: ValueSyntax, _ core: NodeCore) -> SchemaValue? {
        sink.error(.valueType, syntax.location, "this is no value of the type \(core.word)")
        return nil
    }

    /// An identifier that the type itself defines.
    private func named(_ name: String, _ core: NodeCore, _ node: Int) -> SchemaValue? {
        switch core {
        case .integer(let list) where !list.isEmpty:
            return numbers(node).first { $0.name == name }.map { .integer($0.value) }
        case .enumerated:
            return enumeration(node).items.first { $0.name == name }.map {
                .enumerated(name: name, value: $0.value)
            }
        default: return nil
        }
    }

    private func referencedValue(
        _ reference: ReferenceSyntax, _ governor: Int, _ core: NodeCore, _ scope: Scope
    ) -> SchemaValue? {
        let name = reference.name
        if case .enumerated = core, case .missing = lookup(reference, scope, nil) {
            let items = root(governor).map { enumeration($0.id).items.map(\.name) } ?? []
            sink.error(
                .undefinedValue, name.location, "the enumeration has no item \"\(name.text)\"",
                hint: NearestName.find(name.text, among: items).map { "did you mean \"\($0)\"?" })
            return nil
        }
        if case .simple(.boolean) = core, name.text == "true" || name.text == "false",
            case .missing = lookup(reference, scope, nil)
        {
            sink.warning(
                .valueNotation, name.location, "TRUE and FALSE are written in capitals")
            return .boolean(name.text == "true")
        }
        switch lookup(reference, scope, .undefinedValue) {
        case .missing: return nil
        case .dummy(let binding):
            switch binding.argument {
            case .value(let value): return self.value(value, governor, binding.argumentScope)
            case .type(let type):
                switch type.core {
                case .simple(.null): return .null
                case .field, .reference: return .unknown
                default:
                    sink.error(
                        .parameterKind, type.location,
                        "a value is needed for the parameter \"\(binding.parameter.name.text)\"")
                    return nil
                }
            case .braced(let range, let location):
                return self.value(
                    ValueSyntax(.braced(range), location), governor, binding.argumentScope)
            case nil: return .unknown
            }
        case .assignment(let assignment, let module):
            switch assignment.kind {
            case .skippedValue: return .unknown
            case .value(let type, let definition):
                if governingClass(type, module.scope) != nil {
                    sink.error(
                        .wrongReferenceKind, name.location,
                        "\"\(name.text)\" is an object, not a value")
                    return nil
                }
                guard let instance = instanceScope(assignment, module, reference, scope) else {
                    return nil
                }
                let own = self.type(type, instance.scope)
                guard let ownRoot = root(own), case .core(let ownCore) = ownRoot.form else {
                    return nil
                }
                guard core.isCompatible(with: ownCore) else {
                    sink.error(
                        .valueType, name.location,
                        "\"\(name.text)\" is a value of the type \(ownCore.word), not \(core.word)")
                    return nil
                }
                return assignedValue(assignment, definition, own, instance.scope, name.location)
            default:
                sink.error(.wrongReferenceKind, name.location, "\"\(name.text)\" is not a value")
                return nil
            }
        }
    }

    /// The value of an assignment, evaluated once.
    func assignedValue(
        _ assignment: AssignmentSyntax, _ definition: ValueSyntax, _ governor: Int, _ scope: Scope,
        _ location: SourceLocation
    ) -> SchemaValue? {
        let key = ObjectIdentifier(assignment)
        if assignment.parameters.isEmpty, let known = values[key] { return known }
        guard valuesInProgress.insert(key).inserted else {
            sink.error(
                .circularReference, location,
                "the value \"\(assignment.name.text)\" is defined by itself")
            return nil
        }
        defer { valuesInProgress.remove(key) }
        let depth = valueDepth
        defer { valueDepth = depth }
        guard let result = value(definition, governor, scope) else { return nil }
        if assignment.parameters.isEmpty { values[key] = result }
        return result
    }

    /// `object.&value`, `Set.&value` (X.681 15).
    private func fieldValue(
        _ reference: ReferenceSyntax, _ path: [NameSyntax], _ governor: Int, _ scope: Scope
    ) -> SchemaValue? {
        guard reference.name.text.first?.isLowercase == true else { return .unknown }
        guard
            var object = object(ValueSyntax(.reference(reference), reference.location), nil, scope)
        else {
            return sink.errorCount > 0 ? nil : .unknown
        }
        for (index, name) in path.enumerated() {
            switch object.settings[name.text] {
            case .object(let next): object = next
            case .value(let value, let valueScope) where index == path.count - 1:
                guard let field = object.objectClass.fields[name.text],
                    case .type(let type) = field.governor
                else {
                    return self.value(value, governor, valueScope)
                }
                let own = self.type(type, object.objectClass.scope)
                drain()
                if case .core(let wanted)? = root(governor)?.form,
                    case .core(let given)? = root(own)?.form, !wanted.isCompatible(with: given)
                {
                    sink.error(
                        .valueType, name.location,
                        "&\(name.text) is a value of the type \(given.word), not \(wanted.word)")
                    return nil
                }
                return self.value(value, own, valueScope)
            case .unknown: return .unknown
            default:
                if object.objectClass.fields[name.text] == nil {
                    _ = field([name], in: object.objectClass)
                } else {
                    sink.error(
                        .missingField, name.location, "the object gives no value to &\(name.text)")
                }
                return nil
            }
        }
        return .unknown
    }

    /// A number for a tag, a named number or an arc, where no type governs it.
    func integerValue(_ syntax: ValueSyntax, _ scope: Scope) -> SchemaValue? {
        if case .integer(let number) = syntax.kind { return .integer(number) }
        return value(syntax, integerNode(scope), scope)
    }

    private func integerNode(_ scope: Scope) -> Int {
        if let known = plainInteger { return known }
        let node = newNode(SourceLocation(file: 0, line: 1, column: 1), scope)
        node.form = .core(.integer([]))
        plainInteger = node.id
        return node.id
    }
}

extension NodeCore {
    /// The word for the kind of type.
    var word: String {
        switch self {
        case .simple(let simple): simple.rawValue
        case .integer: "INTEGER"
        case .bitString: "BIT STRING"
        case .enumerated: "ENUMERATED"
        case .structure(let structure):
            switch structure.flavour {
            case .sequence: "SEQUENCE"
            case .set: "SET"
            case .choice: "CHOICE"
            }
        case .sequenceOf: "SEQUENCE OF"
        case .setOf: "SET OF"
        case .instanceOf: "INSTANCE OF"
        case .openType: "open type"
        case .unknown: "unknown"
        }
    }

    /// Whether values of another type may stand for values of this one (X.680 annex B).
    func isCompatible(with other: NodeCore) -> Bool {
        switch (self, other) {
        case (.unknown, _), (_, .unknown), (.openType, _), (_, .openType): return true
        case (.simple(let a), .simple(let b)):
            return a == b || (a.isUnicodeString && b.isUnicodeString)
                || (a.isTime && b.isTime) || (a.isVisible && b.isVisible)
        case (.integer, .integer), (.bitString, .bitString), (.enumerated, .enumerated),
            (.sequenceOf, .sequenceOf), (.setOf, .setOf), (.instanceOf, .instanceOf):
            return true
        case (.structure(let a), .structure(let b)): return a.flavour == b.flavour
        default: return false
        }
    }
}

extension TypeKind.Simple {
    /// Strings whose characters are those of ISO/IEC 10646 (X.680 B.6).
    var isUnicodeString: Bool {
        switch self {
        case .utf8String, .numericString, .printableString, .ia5String, .visibleString,
            .universalString, .bmpString:
            true
        default: false
        }
    }

    /// The useful types of clause 46 are restricted character strings, too.
    var isVisible: Bool {
        switch self {
        case .visibleString, .utcTime, .generalizedTime: true
        default: false
        }
    }

    var isTime: Bool {
        switch self {
        case .time, .date, .timeOfDay, .dateTime, .duration: true
        default: false
        }
    }

    /// Every restricted character string type (41.1), and the useful types made of one.
    var isCharacterString: Bool {
        switch self {
        case .utf8String, .numericString, .printableString, .teletexString, .videotexString,
            .ia5String, .graphicString, .visibleString, .generalString, .universalString,
            .bmpString, .utcTime, .generalizedTime, .objectDescriptor:
            true
        default: false
        }
    }
}
