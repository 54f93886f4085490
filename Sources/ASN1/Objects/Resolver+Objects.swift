extension Resolver {
    /// The object that a value of an object's notation is.
    ///
    /// - Parameter expected: the governing class, `nil` to take the object's own.
    func object(_ value: ValueSyntax, _ expected: ClassInfo?, _ scope: Scope) -> ObjectInfo? {
        valueDepth += 1
        defer { valueDepth -= 1 }
        if valueDepth > limits.referenceDepth {
            sink.error(.referenceLimit, value.location, "objects refer to one another without end")
            return nil
        }
        switch value.kind {
        case .reference(let reference):
            switch lookup(reference, scope, .undefinedObject) {
            case .missing: return nil
            case .dummy(let binding):
                switch binding.argument {
                case .value(let value): return object(value, expected, binding.argumentScope)
                case .braced(let range, let location):
                    return object(
                        ValueSyntax(.braced(range), location), expected, binding.argumentScope)
                default: return nil
                }
            case .assignment(let assignment, let module):
                guard case .value(let governor, let definition) = assignment.kind else {
                    if case .skippedValue = assignment.kind { return nil }
                    sink.error(
                        .wrongReferenceKind, reference.location,
                        "\"\(reference.name.text)\" is not an object")
                    return nil
                }
                guard let info = governingClass(governor, module.scope) else {
                    sink.error(
                        .wrongReferenceKind, reference.location,
                        "\"\(reference.name.text)\" is not an object")
                    return nil
                }
                checkClass(info, expected, reference)
                guard let instance = instanceScope(assignment, module, reference, scope) else {
                    return nil
                }
                return object(definition, info, instance.scope)
            }
        case .braced(let range):
            guard let expected else { return nil }
            return definedObject(range, expected, scope, value.location)
        case .field(let reference, let path):
            var current = object(ValueSyntax(.reference(reference), reference.location), nil, scope)
            for name in path {
                guard let found = current else { return nil }
                guard case .object(let next)? = found.settings[name.text] else { return nil }
                current = next
            }
            return current
        default:
            if expected != nil { sink.error(.objectSyntax, value.location, "expected an object") }
            return nil
        }
    }

    /// Warns of an object or set that is not of the class that is asked for.
    func checkClass(_ info: ClassInfo, _ expected: ClassInfo?, _ reference: ReferenceSyntax) {
        guard let expected, expected.syntax !== info.syntax else { return }
        sink.warning(
            .wrongReferenceKind, reference.location,
            "\"\(reference.name.text)\" is of the class \(info.name), not \(expected.name)")
    }

    private enum RawSetting {
        case type(TypeSyntax)
        case value(ValueSyntax)
        case set(TokenRange)
    }

    private func definedObject(
        _ range: TokenRange, _ info: ClassInfo, _ scope: Scope, _ location: SourceLocation
    ) -> ObjectInfo? {
        let key = RangeKey(range: range, scope: scope.id)
        if let known = objects[key] { return known }
        let object = ObjectInfo(objectClass: info, location: location)
        objects[key] = object
        let parser = parser(range)
        var raw: [(FieldSyntax, RawSetting, SourceLocation)] = []
        var failedAt = parser.position
        var hasSyntax = info.syntax.syntax != nil
        if hasSyntax, parser.kind == .lowerField || parser.kind == .upperField {
            // X.681 11.4 gives the default syntax to classes without WITH SYNTAX only.
            sink.warning(
                .objectSyntax, parser.here,
                "the object does not use the WITH SYNTAX clause of the class \(info.name)")
            hasSyntax = false
        }
        let matched: Bool
        if hasSyntax, let items = info.syntax.syntax {
            matched = match(items, parser, info, &raw, &failedAt) && parser.atEnd
        } else {
            matched = matchDefault(parser, info, &raw, &failedAt) && parser.atEnd
        }
        if !matched {
            failedAt = max(failedAt, parser.position)
            parser.position = failedAt
            sink.error(
                .objectSyntax, parser.here,
                "this does not follow the \(hasSyntax ? "WITH SYNTAX clause" : "default syntax") of the class \(info.name)",
                hint: "found \(parser.describe(parser.peek()))")
            for field in info.syntax.fields { object.settings[field.name.text] = .unknown }
            return object
        }
        for (field, setting, place) in raw {
            if object.settings[field.name.text] != nil {
                sink.error(.duplicateField, place, "&\(field.name.text) is set twice")
            }
            object.settings[field.name.text] = resolve(setting, field, info, scope, place)
        }
        fillDefaults(object, info)
        return object
    }

    private func fillDefaults(_ object: ObjectInfo, _ info: ClassInfo) {
        for field in info.syntax.fields where object.settings[field.name.text] == nil {
            switch field.defaultSetting {
            case .type(let type):
                object.settings[field.name.text] = resolve(
                    .type(type), field, info, info.scope, type.location)
            case .value(let value):
                let raw: RawSetting
                if field.isUpper, case .braced(let range) = value.kind {
                    raw = .set(range)
                } else {
                    raw = .value(value)
                }
                object.settings[field.name.text] = resolve(
                    raw, field, info, info.scope, value.location)
            case nil:
                if !field.isOptional {
                    sink.error(
                        .missingField, object.location,
                        "the object gives nothing to &\(field.name.text)")
                }
            }
        }
    }

    private func resolve(
        _ setting: RawSetting, _ field: FieldSyntax, _ info: ClassInfo, _ scope: Scope,
        _ place: SourceLocation
    ) -> ObjectInfo.Setting {
        let fieldClass: ClassInfo?
        if case .type(let governor) = field.governor {
            fieldClass = governingClass(governor, info.scope)
        } else {
            fieldClass = nil
        }
        switch setting {
        case .type(let syntax):
            if field.isUpper, let fieldClass {
                let element = ElementSetSyntax.element(
                    ElementSyntax(kind: .type(syntax), location: place))
                let set = ConstraintSyntax(
                    root: element, isExtensible: false, additions: nil, location: place)
                return .objectSet(objectSet(set, fieldClass, scope))
            }
            return .type(use(syntax, scope))
        case .value(let value):
            if let fieldClass {
                // An object may use a set that holds the object itself: resolved when asked for.
                if let found = object(value, fieldClass, scope) { return .object(found) }
                return .unknown
            }
            return .value(value, scope)
        case .set(let range):
            if let fieldClass {
                if range.start == range.end {
                    let empty = ConstraintSyntax(
                        root: nil, isExtensible: false, additions: nil, location: place)
                    return .objectSet(objectSet(empty, fieldClass, scope))
                }
                guard let set = setSyntax(range, place) else { return .unknown }
                return .objectSet(objectSet(set, fieldClass, scope))
            }
            return .set(range, scope, place)
        }
    }

    private func match(
        _ items: [ObjectSyntaxItem], _ parser: Parser, _ info: ClassInfo,
        _ raw: inout [(FieldSyntax, RawSetting, SourceLocation)], _ failedAt: inout Int
    ) -> Bool {
        for item in items {
            switch item {
            case .literal(let word):
                let token = parser.peek()
                let fits: Bool
                switch token.kind {
                case .upper, .reserved, .comma: fits = token.text == word
                default: fits = false
                }
                guard fits else {
                    failedAt = max(failedAt, parser.position)
                    return false
                }
                parser.take()
            case .field(let name, _):
                guard let field = info.fields[name.text] else { return false }
                let place = parser.here
                guard !parser.atEnd, let setting = parseSetting(field, info, parser) else {
                    failedAt = max(failedAt, parser.position)
                    return false
                }
                raw.append((field, setting, place))
            case .optional(let group):
                if parser.atEnd { continue }
                let mark = parser.position
                let count = raw.count
                if !match(group, parser, info, &raw, &failedAt) {
                    parser.position = mark
                    raw.removeSubrange(count...)
                }
            }
        }
        return true
    }

    private func matchDefault(
        _ parser: Parser, _ info: ClassInfo,
        _ raw: inout [(FieldSyntax, RawSetting, SourceLocation)], _ failedAt: inout Int
    ) -> Bool {
        if parser.atEnd { return true }
        repeat {
            let token = parser.peek()
            guard token.kind == .upperField || token.kind == .lowerField,
                let field = info.fields[token.text]
            else {
                failedAt = max(failedAt, parser.position)
                return false
            }
            parser.take()
            let place = parser.here
            guard let setting = parseSetting(field, info, parser) else {
                failedAt = max(failedAt, parser.position)
                return false
            }
            raw.append((field, setting, place))
            if parser.kind == .lowerField || parser.kind == .upperField {
                sink.warning(.straySeparator, parser.here, "a comma is missing between two fields")
                continue
            }
            guard parser.take(if: .comma) else { break }
        } while true
        return true
    }

    private func parseSetting(_ field: FieldSyntax, _ info: ClassInfo, _ parser: Parser)
        -> RawSetting?
    {
        parser.attempt { () throws(ParseFailure) -> RawSetting in
            if field.isUpper {
                if case .none = field.governor { return .type(try parser.parseType()) }
                if parser.kind == .leftBrace { return .set(try parser.bracedRange()) }
                return .type(try parser.parseType())
            }
            return .value(try parser.parseValue())
        }
    }
}
