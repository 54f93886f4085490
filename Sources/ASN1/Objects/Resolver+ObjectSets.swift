extension Resolver {
    /// The object set that a set in braces is; its rows are worked out later.
    func objectSet(_ set: ConstraintSyntax, _ info: ClassInfo, _ scope: Scope) -> Int {
        let key = Key(syntax: ObjectIdentifier(set), scope: scope.id)
        if let known = objectSetsByKey[key] { return known }
        let made = ObjectSetInfo(
            index: objectSets.count, objectClass: info, constraint: set, scope: scope)
        objectSets.append(made)
        objectSetsByKey[key] = made.index
        retained.append(set)
        return made.index
    }

    /// Works out the rows (X.681 12).
    func rows(_ info: ObjectSetInfo) -> [ObjectInfo] {
        if let rows = info.rows { return rows }
        guard !info.isResolving else {
            sink.error(
                .circularReference,
                info.constraint?.location ?? info.scope.module.syntax.name.location,
                "the object set is defined by itself")
            return []
        }
        info.isResolving = true
        defer { info.isResolving = false }
        valueDepth += 1
        defer { valueDepth -= 1 }
        guard valueDepth <= limits.referenceDepth else {
            sink.error(
                .referenceLimit,
                info.constraint?.location ?? info.scope.module.syntax.name.location,
                "object sets refer to one another too deeply")
            return []
        }
        var result: [ObjectInfo] = []
        if let constraint = info.constraint {
            info.isExtensible = info.isExtensible || constraint.isExtensible
            if let root = constraint.root { result = members(root, info) }
            if let additions = constraint.additions { result += members(additions, info) }
        }
        var seen: Set<ObjectIdentifier> = []
        result = result.filter { seen.insert(ObjectIdentifier($0)).inserted }
        info.rows = result
        return result
    }

    private func members(_ set: ElementSetSyntax, _ info: ObjectSetInfo) -> [ObjectInfo] {
        switch set {
        case .union(let parts):
            var result: [ObjectInfo] = []
            for part in parts {
                result += members(part, info)
                if result.count > limits.setTerms {
                    sink.error(
                        .setLimit,
                        info.constraint?.location ?? info.scope.module.syntax.name.location,
                        "the object set has more than \(limits.setTerms) objects")
                    return []
                }
            }
            return result
        case .intersection(let parts):
            guard let first = parts.first else { return [] }
            var result = members(first, info)
            for part in parts.dropFirst() {
                let other = Set(members(part, info).map { ObjectIdentifier($0) })
                result = result.filter { other.contains(ObjectIdentifier($0)) }
            }
            return result
        case .except(let a, let b):
            let other = Set(members(b, info).map { ObjectIdentifier($0) })
            return members(a, info).filter { !other.contains(ObjectIdentifier($0)) }
        case .allExcept:
            return []
        case .element(let element): return members(element, info)
        }
    }

    private func members(_ element: ElementSyntax, _ info: ObjectSetInfo) -> [ObjectInfo] {
        switch element.kind {
        case .value(let value):
            guard let found = object(value, info.objectClass, info.scope) else { return [] }
            return [found]
        case .table(let range, _):
            let value = ValueSyntax(.braced(range), element.location)
            guard let found = object(value, info.objectClass, info.scope) else { return [] }
            return [found]
        case .type(let type):
            if case .reference(let reference) = type.core {
                guard let set = referencedSet(reference, info.objectClass, info.scope) else {
                    return []
                }
                let result = rows(set)
                if set.isExtensible { info.isExtensible = true }
                return result
            }
            if case .field(let reference, let path) = type.core {
                return fieldMembers(reference, path, info)
            }
        default: break
        }
        sink.error(.objectSyntax, element.location, "expected an object or an object set")
        return []
    }

    /// The object set that a reference leads to.
    ///
    /// - Parameter isExact: whether the set has to be of the class; the set in `Set.&Field` is of
    ///   another one than what it gives.
    func referencedSet(
        _ reference: ReferenceSyntax, _ expected: ClassInfo, _ scope: Scope, isExact: Bool = true
    ) -> ObjectSetInfo? {
        switch lookup(reference, scope, .undefinedObject) {
        case .missing: return nil
        case .dummy(let binding):
            let expected =
                isExact
                ? expected
                : binding.parameter.governor.flatMap { governingClass($0, scope) } ?? expected
            switch binding.argument {
            case nil: return nil
            case .braced(let range, let location):
                guard range.start < range.end, let set = setSyntax(range, location) else {
                    return nil
                }
                return objectSets[objectSet(set, expected, binding.argumentScope)]
            case .type(let type):
                guard let next = type.plainReference else { return nil }
                return referencedSet(next, expected, binding.argumentScope, isExact: isExact)
            case .value(let value):
                let element = ElementSetSyntax.element(
                    ElementSyntax(kind: .value(value), location: value.location))
                let set = ConstraintSyntax(
                    root: element, isExtensible: false, additions: nil, location: value.location)
                return objectSets[objectSet(set, expected, binding.argumentScope)]
            }
        case .assignment(let assignment, let module):
            guard case .set(let governor, let range) = assignment.kind else {
                sink.error(
                    .wrongReferenceKind, reference.location,
                    "\"\(reference.name.text)\" is not an object set")
                return nil
            }
            guard let info = governingClass(governor, module.scope) else {
                sink.error(
                    .wrongReferenceKind, reference.location,
                    "\"\(reference.name.text)\" is not an object set")
                return nil
            }
            if isExact { checkClass(info, expected, reference) }
            guard let instance = instanceScope(assignment, module, reference, scope),
                let set = setSyntax(range, assignment.name.location)
            else { return nil }
            let found = objectSets[objectSet(set, info, instance.scope)]
            found.name = "\(module.name).\(assignment.name.text)"
            return found
        }
    }

    /// ObjectSetFromObjects (X.681 15): `object.&Set`, `Set.&Set`, `Set.&object`
    private func fieldMembers(
        _ reference: ReferenceSyntax, _ path: [NameSyntax], _ info: ObjectSetInfo
    ) -> [ObjectInfo] {
        var current: [ObjectInfo]
        if reference.name.text.first?.isLowercase == true {
            guard
                let found = object(
                    ValueSyntax(.reference(reference), reference.location), nil, info.scope)
            else { return [] }
            current = [found]
        } else {
            guard
                let set = referencedSet(
                    reference, info.objectClass, info.scope, isExact: false)
            else { return [] }
            current = rows(set)
        }
        for name in path {
            var next: [ObjectInfo] = []
            for item in current {
                switch item.settings[name.text] {
                case .object(let found): next.append(found)
                case .objectSet(let index): next += rows(objectSets[index])
                default: break
                }
            }
            current = next
        }
        return current
    }
}
