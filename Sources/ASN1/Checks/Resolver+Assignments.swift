extension Resolver {
    /// Resolves and checks every assignment of every module.
    func resolveAssignments() {
        for module in modules {
            for assignment in module.syntax.assignments {
                let scope: Scope
                if assignment.parameters.isEmpty {
                    scope = module.scope
                } else {
                    // The template itself, its dummies unbound, finds faults that no instance would.
                    var bindings: [String: Scope.Binding] = [:]
                    for parameter in assignment.parameters {
                        bindings[parameter.name.text] = Scope.Binding(
                            parameter: parameter, argument: nil, argumentScope: module.scope)
                        if let governor = parameter.governor,
                            governingClass(governor, module.scope) == nil
                        {
                            let other = newScope(module, bindings, 1)
                            _ = type(governor, other)
                        }
                    }
                    scope = newScope(module, bindings, 1)
                }
                resolve(assignment, module, scope)
                drain()
            }
        }
        var index = 0
        while index < nodes.count {
            check(nodes[index])
            drain()
            index += 1
        }
    }

    private func resolve(_ assignment: AssignmentSyntax, _ module: ModuleScope, _ scope: Scope) {
        switch assignment.kind {
        case .type(let syntax):
            if let reference = syntax.plainReference, governingClass(syntax, scope) != nil {
                _ = objectClass(reference, scope, report: true)
                return
            }
            resolveType(assignment, module, scope)
        case .objectClass(let syntax): checkClass(syntax, assignment, scope)
        case .value(let governor, let definition):
            if let info = governingClass(governor, scope) {
                if let object = object(definition, info, scope) { checkObject(object) }
                return
            }
            let node = type(governor, scope)
            drain()
            if assignment.parameters.isEmpty {
                if let value = assignedValue(
                    assignment, definition, node, scope, assignment.name.location)
                {
                    checkFits(value, node, definition.location)
                }
            } else {
                _ = value(definition, node, scope)
            }
        case .set(let governor, let range):
            if let info = governingClass(governor, scope) {
                if range.start == range.end {
                    _ = parserFailure(range, assignment.name.location)
                    return
                }
                guard let set = setSyntax(range, assignment.name.location) else { return }
                let made = objectSets[objectSet(set, info, scope)]
                if assignment.parameters.isEmpty {
                    made.name = "\(module.name).\(assignment.name.text)"
                }
                for object in rows(made) { checkObject(object) }
                if assignment.parameters.isEmpty {
                    checkUniqueValues(made, assignment.name.location)
                }
                return
            }
            resolveType(assignment, module, scope)
        case .macro, .skippedValue: break
        }
    }

    private func resolveType(
        _ assignment: AssignmentSyntax, _ module: ModuleScope, _ scope: Scope
    ) {
        if assignment.parameters.isEmpty {
            _ = assignmentNode(assignment, module)
        } else {
            let node = newNode(assignment.name.location, scope)
            fill(node, assignment, scope)
        }
    }

    private func parserFailure(_ range: TokenRange, _ location: SourceLocation) -> ParseFailure {
        sink.warning(
            .straySeparator, location, "the object set has nothing in it, not even \"...\"")
        return ParseFailure()
    }

    /// Evaluates the values that an object gives to its fields.
    func checkObject(_ object: ObjectInfo) {
        guard !object.isChecked else { return }
        object.isChecked = true
        for field in object.objectClass.syntax.fields {
            guard let setting = object.settings[field.name.text] else { continue }
            switch setting {
            case .value(let syntax, let scope):
                guard let node = governor(of: field, object) else { continue }
                drain()
                _ = value(syntax, node, scope)
            case .set(let range, let scope, let location):
                guard let set = setSyntax(range, location), let node = governor(of: field, object)
                else { continue }
                _ = valueSetNode(set, node, scope, location)
            case .object(let inner): checkObject(inner)
            case .objectSet(let index):
                for row in rows(objectSets[index]) { checkObject(row) }
            case .type, .unknown: break
            }
        }
    }

    /// The type that governs a value or value set of a field: its own, or the object's for a
    /// field of variable type.
    func governor(of field: FieldSyntax, _ object: ObjectInfo) -> Int? {
        switch field.governor {
        case .none: return nil
        case .type(let type): return self.type(type, object.objectClass.scope)
        case .field(let path):
            var current = object
            for name in path.dropLast() {
                guard case .object(let next)? = current.settings[name.text] else { return nil }
                current = next
            }
            guard let last = path.last, case .type(let use)? = current.settings[last.text] else {
                return nil
            }
            return use.type
        }
    }

    func valueSetNode(
        _ set: ConstraintSyntax, _ governor: Int, _ scope: Scope, _ location: SourceLocation
    ) -> Int {
        let key = Key(syntax: ObjectIdentifier(set), scope: scope.id)
        if let known = typeNodes[key] { return known }
        retained.append(set)
        let node = newNode(location, scope)
        typeNodes[key] = node.id
        node.form = .alias(governor)
        node.constraints = [set]
        node.constraintScopes = [scope]
        return node.id
    }
}
