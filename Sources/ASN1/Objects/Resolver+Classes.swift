extension Resolver {
    /// The class that a reference leads to.
    ///
    /// - Parameter report: whether it is an error when there is none.
    func objectClass(_ reference: ReferenceSyntax, _ scope: Scope, report: Bool) -> ClassInfo? {
        var reference = reference
        var scope = scope
        let first = reference
        for _ in 0..<limits.referenceDepth {
            switch lookup(reference, scope, report ? .undefinedClass : nil) {
            case .missing: return nil
            case .dummy(let binding):
                guard case .type(let type)? = binding.argument, let next = type.plainReference
                else { return nil }
                reference = next
                scope = binding.argumentScope
            case .assignment(let assignment, let module):
                switch assignment.kind {
                case .objectClass(let syntax):
                    guard let instance = instanceScope(assignment, module, reference, scope) else {
                        return nil
                    }
                    let key = Key(syntax: ObjectIdentifier(syntax), scope: instance.scope.id)
                    if let known = classes[key] { return known }
                    let info = ClassInfo(
                        syntax: syntax, scope: instance.scope,
                        name: "\(module.name).\(assignment.name.text)")
                    classes[key] = info
                    return info
                case .type(let type):
                    guard let next = type.plainReference else {
                        if report { notAClass(first) }
                        return nil
                    }
                    guard let instance = instanceScope(assignment, module, reference, scope) else {
                        return nil
                    }
                    reference = next
                    scope = instance.scope
                case .value, .set, .skippedValue:
                    if report { notAClass(first) }
                    return nil
                case .macro: return nil
                }
            }
        }
        if report {
            sink.error(
                .circularReference, first.location,
                "the class \"\(first.name.text)\" is defined by itself only")
        }
        return nil
    }

    private func notAClass(_ reference: ReferenceSyntax) {
        sink.error(
            .wrongReferenceKind, reference.location,
            "\"\(reference.name.text)\" is not an information object class")
    }

    /// The class, when the governor is one.
    func governingClass(_ governor: TypeSyntax, _ scope: Scope) -> ClassInfo? {
        guard let reference = governor.plainReference else { return nil }
        sink.suppressed += 1
        defer { sink.suppressed -= 1 }
        return objectClass(reference, scope, report: false)
    }

    /// The field at the end of a path, and the class that has it.
    func field(_ path: [NameSyntax], in start: ClassInfo) -> (ClassInfo, FieldSyntax)? {
        var info = start
        for (index, name) in path.enumerated() {
            guard let field = info.fields[name.text] else {
                sink.error(
                    .undefinedField, name.location,
                    "the class \(info.name) has no field &\(name.text)",
                    hint: NearestName.find(name.text, among: info.fields.keys).map {
                        "did you mean &\($0)?"
                    })
                return nil
            }
            if index == path.count - 1 { return (info, field) }
            guard case .type(let governor) = field.governor,
                let next = governingClass(governor, info.scope)
            else {
                sink.error(
                    .undefinedField, name.location,
                    "&\(name.text) is not a field of objects or object sets")
                return nil
            }
            info = next
        }
        return nil
    }

    /// `CLASS.&field` and its like as a type (X.681 14, 15).
    func fieldForm(
        _ reference: ReferenceSyntax, _ path: [NameSyntax], _ scope: Scope, _ node: Node
    ) -> Node.Form {
        if reference.name.text.first?.isLowercase == true {
            return objectFieldForm(reference, path, scope)
        }
        let info: ClassInfo
        switch setClass(reference, scope) {
        case .set(let set): info = set
        case .unbound: return .core(.unknown)
        case .none:
            guard let found = objectClass(reference, scope, report: true) else { return .failed }
            info = found
        }
        guard let (owner, field) = field(path, in: info) else { return .failed }
        // The set that constrains `CLASS.&object.&Field` is one of the class that the path begins at.
        node.field = (info, field.name.text)
        switch field.governor {
        case .type(let governor):
            if governingClass(governor, owner.scope) != nil {
                sink.error(
                    .wrongReferenceKind, reference.location,
                    "&\(field.name.text) holds objects, not a type or value")
                return .failed
            }
            return .alias(type(governor, owner.scope))
        case .none, .field:
            return .core(
                .openType(
                    OpenType(className: owner.name, fieldName: field.name.text, definedBy: nil)))
        }
    }

    /// The class, when a reference leads to an object set.
    func governingSetClass(_ reference: ReferenceSyntax, _ scope: Scope) -> ClassInfo? {
        if case .set(let info) = setClass(reference, scope) { return info }
        return nil
    }

    private enum SetClass {
        case none, unbound
        case set(ClassInfo)
    }

    /// The class of an object set that a reference names.
    private func setClass(_ reference: ReferenceSyntax, _ scope: Scope) -> SetClass {
        switch lookup(reference, scope, nil) {
        case .assignment(let assignment, let module):
            if case .set(let governor, _) = assignment.kind,
                let info = governingClass(governor, module.scope)
            {
                return .set(info)
            }
        case .dummy(let binding):
            if let governor = binding.parameter.governor {
                guard let info = governingClass(governor, scope) else { return .unbound }
                return .set(info)
            }
            if binding.argument == nil { return .unbound }
        case .missing: break
        }
        return .none
    }

    private func objectFieldForm(_ reference: ReferenceSyntax, _ path: [NameSyntax], _ scope: Scope)
        -> Node.Form
    {
        let value = ValueSyntax(.reference(reference), reference.location)
        guard var object = object(value, nil, scope) else {
            if case .dummy(let binding) = lookup(reference, scope, nil), binding.argument == nil {
                return .core(.unknown)
            }
            return .failed
        }
        for (index, name) in path.enumerated() {
            guard object.objectClass.fields[name.text] != nil else {
                _ = field([name], in: object.objectClass)
                return .failed
            }
            switch object.settings[name.text] {
            case .type(let use) where index == path.count - 1: return .alias(use.type)
            case .object(let next): object = next
            case .unknown: return .core(.unknown)
            default:
                if index == path.count - 1, let field = object.objectClass.fields[name.text],
                    case .type(let governor) = field.governor
                {
                    return .alias(type(governor, object.objectClass.scope))
                }
                sink.error(
                    .missingField, name.location,
                    "the object \"\(reference.name.text)\" gives no type to &\(name.text)")
                return .failed
            }
        }
        return .failed
    }
}
