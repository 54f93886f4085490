extension Resolver {
    /// The finished table.
    func schema() -> Schema {
        // Rows may bring new types, and types new rows.
        var sets: [ObjectSet] = []
        var done = 0
        while done < objectSets.count {
            let info = objectSets[done]
            sets.append(publish(info))
            drain()
            done += 1
        }
        var types: [TypeDefinition] = []
        var index = 0
        while index < nodes.count {
            types.append(publish(nodes[index]))
            index += 1
        }
        while sets.count < objectSets.count { sets.append(publish(objectSets[sets.count])) }
        while types.count < nodes.count { types.append(publish(nodes[types.count])) }
        var names: [Schema.Name] = []
        var values: [Schema.NamedValue] = []
        for module in modules {
            for assignment in module.syntax.assignments where assignment.parameters.isEmpty {
                if let node = assignmentNodes[ObjectIdentifier(assignment)] {
                    names.append(
                        Schema.Name(
                            module: module.name, name: assignment.name.text, type: node,
                            location: assignment.name.location))
                }
                if case .value(let governor, _) = assignment.kind,
                    let value = self.values[ObjectIdentifier(assignment)]
                {
                    values.append(
                        Schema.NamedValue(
                            module: module.name, name: assignment.name.text,
                            type: type(governor, module.scope), value: value,
                            location: assignment.name.location))
                }
            }
        }
        return Schema(
            files: sink.files.map(\.name),
            modules: modules.map {
                Schema.Module(
                    name: $0.name,
                    identifier: $0.syntax.identifier.isEmpty
                        ? nil : moduleArcs($0.syntax.identifier, $0),
                    location: $0.syntax.name.location)
            },
            types: types, names: names, values: values, objectSets: sets)
    }

    private func publish(_ node: Node) -> TypeDefinition {
        let all = constraints(node.id)
        var base: Int?
        if case .alias(let next) = node.form { base = next }
        var integers: IntegerRanges?
        var sizes: IntegerRanges?
        var alphabet: IntegerRanges?
        let core: NodeCore
        if let root = root(node.id), case .core(let found) = root.form {
            core = found
        } else {
            core = .unknown
        }
        // An extensible constraint at the end lets every value of the parent through (50.8).
        let binding =
            all.last?.isExtensible == true ? Array(all.dropLast()).filter { !$0.isExtensible } : all
        if case .integer = core {
            let ranges = binding.reduce(IntegerRanges.all) {
                $0.intersection($1.expression.integers)
            }
            if !ranges.isAll { integers = ranges }
        }
        let size = binding.reduce(IntegerRanges.all) { $0.intersection($1.expression.sizes) }
        if !size.isAll { sizes = size }
        let characters = binding.reduce(core.alphabet ?? .all) {
            $0.intersection($1.expression.alphabet)
        }
        if !characters.isAll { alphabet = characters }
        return TypeDefinition(
            kind: kind(node.id), tags: tags(node.id), constraints: all, valueRange: integers,
            size: sizes, permittedAlphabet: alphabet, isExtensible: all.last?.isExtensible ?? false,
            name: node.name, module: node.scope.module.name, base: base, location: node.location)
    }

    private func kind(_ id: Int) -> TypeKind {
        guard let root = root(id), case .core(let core) = root.form else { return .unknown }
        switch core {
        case .simple(let simple): return .simple(simple)
        case .integer: return .integer(named: numbers(root.id))
        case .bitString: return .bitString(named: numbers(root.id))
        case .enumerated: return .enumerated(enumeration(root.id))
        case .sequenceOf(let use): return .sequenceOf(use)
        case .setOf(let use): return .setOf(use)
        case .instanceOf(let info): return .instanceOf(classIndex: info.name)
        case .openType(let open): return .openType(open)
        case .unknown: return .unknown
        case .structure(let structure):
            let published = publish(structure, root.id)
            switch structure.flavour {
            case .sequence: return .sequence(published)
            case .set: return .set(published)
            case .choice: return .choice(published)
            }
        }
    }

    private func publish(_ structure: StructureNode, _ id: Int) -> Structure {
        if let known = published[id] { return known }
        let components = components(of: structure).map { component in
            let presence: Structure.Component.Presence
            if let syntax = component.syntax.defaultValue {
                sink.suppressed += 1
                presence = .defaultValue(value(syntax, component.type, component.scope) ?? .unknown)
                sink.suppressed -= 1
            } else {
                presence = component.syntax.isOptional ? .optional : .required
            }
            return Structure.Component(
                name: component.syntax.name?.text ?? "",
                use: TypeUse(type: component.type, location: component.syntax.type.location),
                presence: presence, isAddition: component.isAddition, group: component.group,
                location: component.syntax.location)
        }
        let result = Structure(
            components: components, isExtensible: structure.isExtensible,
            insertionIndex: structure.insertionIndex)
        published[id] = result
        return result
    }

    private func publish(_ info: ObjectSetInfo) -> ObjectSet {
        ObjectSet(
            className: info.objectClass.name, name: info.name,
            rows: rows(info).map { publish($0, 0) },
            isExtensible: info.isExtensible)
    }

    private func publish(_ object: ObjectInfo, _ depth: Int) -> ObjectSet.Row {
        var settings: [String: ObjectSet.Setting] = [:]
        for (name, setting) in object.settings {
            switch setting {
            case .type(let use): settings[name] = .type(use)
            case .value(let syntax, let scope):
                guard let field = object.objectClass.fields[name],
                    let node = governor(of: field, object)
                else { continue }
                sink.suppressed += 1
                if let value = value(syntax, node, scope) { settings[name] = .value(value) }
                sink.suppressed -= 1
            case .set(let range, let scope, let location):
                guard let field = object.objectClass.fields[name],
                    let node = governor(of: field, object),
                    let set = setSyntax(range, location)
                else { continue }
                settings[name] = .valueSet(
                    TypeUse(type: valueSetNode(set, node, scope, location), location: location))
            case .object(let inner):
                if depth < 8 { settings[name] = .object(publish(inner, depth + 1)) }
            case .objectSet(let index): settings[name] = .objectSet(index)
            case .unknown: break
            }
        }
        return ObjectSet.Row(settings: settings, location: object.location)
    }
}
