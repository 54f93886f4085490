extension Resolver {
    /// The node of a type where it is spelled; of a plain reference, the node it leads to.
    func type(_ syntax: TypeSyntax, _ scope: Scope) -> Int {
        let key = Key(syntax: ObjectIdentifier(syntax), scope: scope.id)
        if let known = typeNodes[key] { return known }
        retained.append(syntax)
        if let reference = syntax.plainReference {
            let target = referenced(reference, scope)
            typeNodes[key] = target
            return target
        }
        let node = newNode(syntax.location, scope)
        typeNodes[key] = node.id
        fill(node, syntax, scope)
        return node.id
    }

    func use(_ syntax: TypeSyntax, _ scope: Scope) -> TypeUse {
        TypeUse(type: type(syntax, scope), location: syntax.location)
    }

    /// Gives a node what its text says.
    func fill(_ node: Node, _ syntax: TypeSyntax, _ scope: Scope) {
        if let tag = syntax.tag { node.tag = addedTag(tag, scope) }
        for constraint in syntax.constraints {
            node.constraints.append(constraint)
            node.constraintScopes.append(scope)
        }
        node.form = form(syntax, scope, node)
    }

    private func addedTag(_ tag: TagSyntax, _ scope: Scope) -> Node.AddedTag? {
        guard case .integer(let number)? = integerValue(tag.number, scope) else { return nil }
        guard !number.isNegative, let small = number.asInt else {
            sink.error(.badTag, tag.number.location, "\(number) is no tag number")
            return nil
        }
        if tag.tagClass == .universal, scope.module !== standard, scope.module !== associatedTypes {
            sink.warning(
                .universalTag, tag.location, "tags of class UNIVERSAL belong to the standard",
                hint: "use a context-specific, APPLICATION or PRIVATE tag")
        }
        let fallback: TagSyntax.Mode =
            scope.module.syntax.tagging == .explicit ? .explicit : .implicit
        return Node.AddedTag(
            tag: Tag(tag.tagClass, UInt64(small)), mode: tag.mode ?? fallback,
            isSpelledImplicit: tag.mode == .implicit, location: tag.location)
    }

    private func form(_ syntax: TypeSyntax, _ scope: Scope, _ node: Node) -> Node.Form {
        switch syntax.core {
        case .simple(let simple):
            if let name = redefinable(simple, scope) { return .alias(referenced(name, scope)) }
            return .core(.simple(simple))
        case .integer(let list): return .core(.integer(list))
        case .bitString(let list): return .core(.bitString(list))
        case .enumerated(let items): return .core(.enumerated(items))
        case .sequence(let items): return structure(.sequence, items, scope, syntax.location)
        case .set(let items): return structure(.set, items, scope, syntax.location)
        case .choice(let items): return structure(.choice, items, scope, syntax.location)
        case .sequenceOf(_, let element): return .core(.sequenceOf(use(element, scope)))
        case .setOf(_, let element): return .core(.setOf(use(element, scope)))
        case .any(let definedBy):
            if scope.module.assignments["ANY"] != nil || scope.module.imports["ANY"] != nil {
                let name = NameSyntax(text: "ANY", location: syntax.location)
                return .alias(
                    referenced(ReferenceSyntax(module: nil, name: name, arguments: nil), scope))
            }
            return .core(
                .openType(OpenType(className: nil, fieldName: nil, definedBy: definedBy?.text)))
        case .reference(let reference): return .alias(referenced(reference, scope))
        case .field(let reference, let path): return fieldForm(reference, path, scope, node)
        case .selection(let name, let type): return .selection(name, self.type(type, scope))
        case .instanceOf(let reference):
            guard let info = objectClass(reference, scope, report: true) else { return .failed }
            if info.fields["id"] == nil || info.fields["Type"] == nil {
                // X.681 C.2
                sink.error(
                    .wrongReferenceKind, reference.location,
                    "INSTANCE OF needs a class that is TYPE-IDENTIFIER")
            }
            node.field = (info, "Type")
            return .core(.instanceOf(info))
        case .wrapped(let inner): return .alias(type(inner, scope))
        case .macro: return .core(.unknown)
        }
    }

    /// Words that later editions reserved may be names in older modules.
    private func redefinable(_ simple: TypeKind.Simple, _ scope: Scope) -> ReferenceSyntax? {
        let name = simple.rawValue
        guard ReservedWords.soft.contains(name),
            scope.module.assignments[name] != nil || scope.module.imports[name] != nil
        else { return nil }
        let place = NameSyntax(
            text: name, location: SourceLocation(file: scope.module.syntax.file, line: 1, column: 1)
        )
        return ReferenceSyntax(module: nil, name: place, arguments: nil)
    }

    private func structure(
        _ flavour: StructureNode.Flavour, _ items: [ComponentItemSyntax], _ scope: Scope,
        _ location: SourceLocation
    ) -> Node.Form {
        // 25.3: automatic tagging unless a component of the root has a tag in the text.
        var hasTag = false
        var markers = 0
        var additionTag: SourceLocation?
        for item in items {
            switch item {
            case .marker: markers += 1
            case .component(let component):
                guard component.type.tag != nil else { continue }
                if markers == 1 {
                    additionTag = additionTag ?? component.location
                } else {
                    hasTag = true
                }
            case .group(_, _, let inner):
                for case .component(let component) in inner where component.type.tag != nil {
                    additionTag = additionTag ?? component.location
                }
            case .componentsOf: break
            }
        }
        let isAutomatic = scope.module.syntax.tagging == .automatic && !hasTag
        if isAutomatic, let additionTag {
            sink.error(
                .mixedAutomaticTags, additionTag,
                "an extension addition has a tag where the root is tagged automatically")
        }
        var group = 0
        let built = items.map { structureItem($0, scope, &group) }
        return .core(
            .structure(
                StructureNode(
                    flavour: flavour, items: built, scope: scope, location: location,
                    isAutomatic: isAutomatic,
                    isExtensibilityImplied: scope.module.syntax.isExtensibilityImplied)))
    }

    private func structureItem(_ item: ComponentItemSyntax, _ scope: Scope, _ group: inout Int)
        -> StructureNode.Item
    {
        switch item {
        case .component(let component): return .component(component, type(component.type, scope))
        case .componentsOf(let syntax, let location):
            return .componentsOf(type(syntax, scope), location)
        case .marker(let location): return .marker(location)
        case .group(let location, _, let items):
            let number = group
            group += 1
            return .group(number, location, items.map { structureItem($0, scope, &group) })
        }
    }

    /// The node that a reference to a type leads to.
    func referenced(_ reference: ReferenceSyntax, _ scope: Scope) -> Int {
        switch lookup(reference, scope, .undefinedType) {
        case .missing: return failed(reference.location, scope)
        case .dummy(let binding): return dummyType(binding, reference, scope)
        case .assignment(let assignment, let module):
            return assigned(assignment, module, reference, scope)
        }
    }

    func failed(_ location: SourceLocation, _ scope: Scope) -> Int {
        let node = newNode(location, scope)
        node.form = .failed
        return node.id
    }

    private func dummyType(_ binding: Scope.Binding, _ reference: ReferenceSyntax, _ scope: Scope)
        -> Int
    {
        switch binding.argument {
        case nil:
            let node = newNode(reference.location, scope)
            node.form = .core(.unknown)
            return node.id
        case .type(let type): return self.type(type, binding.argumentScope)
        case .braced(let range, let location):
            // A value set as a type.
            guard let governor = binding.parameter.governor, let set = setSyntax(range, location)
            else {
                return failed(location, scope)
            }
            let key = Key(syntax: ObjectIdentifier(set), scope: binding.argumentScope.id)
            if let known = typeNodes[key] { return known }
            let node = newNode(location, binding.argumentScope)
            typeNodes[key] = node.id
            node.form = .alias(type(governor, scope))
            node.constraints = [set]
            node.constraintScopes = [binding.argumentScope]
            return node.id
        case .value(let value):
            if case .null = value.kind {
                let node = newNode(value.location, scope)
                node.form = .core(.simple(.null))
                return node.id
            }
            sink.error(
                .parameterKind, value.location,
                "a type is needed for the parameter \"\(binding.parameter.name.text)\"")
            return failed(value.location, scope)
        }
    }

    /// The node of an assignment, or of its instance.
    private func assigned(
        _ assignment: AssignmentSyntax, _ module: ModuleScope, _ reference: ReferenceSyntax,
        _ scope: Scope
    ) -> Int {
        switch assignment.kind {
        case .type, .set: break
        case .macro:
            let node = newNode(reference.location, scope)
            node.form = .core(.unknown)
            return node.id
        case .objectClass:
            sink.error(
                .wrongReferenceKind, reference.location,
                "\"\(reference.name.text)\" is an information object class, not a type")
            return failed(reference.location, scope)
        case .value, .skippedValue:
            sink.error(
                .wrongReferenceKind, reference.location,
                "\"\(reference.name.text)\" is a value, not a type")
            return failed(reference.location, scope)
        }
        guard let instance = instanceScope(assignment, module, reference, scope) else {
            return failed(reference.location, scope)
        }
        if instance.key.isEmpty { return assignmentNode(assignment, module) }
        if let known = instances[instance.key] { return known }
        let node = newNode(assignment.name.location, instance.scope)
        node.name = assignment.name.text
        instances[instance.key] = node.id
        work.append { [self] in fill(node, assignment, instance.scope) }
        return node.id
    }

    /// The node of an assignment without parameters.
    func assignmentNode(_ assignment: AssignmentSyntax, _ module: ModuleScope) -> Int {
        if let known = assignmentNodes[ObjectIdentifier(assignment)] { return known }
        let node = newNode(assignment.name.location, module.scope)
        node.name = assignment.name.text
        assignmentNodes[ObjectIdentifier(assignment)] = node.id
        work.append { [self] in fill(node, assignment, module.scope) }
        return node.id
    }

    func fill(_ node: Node, _ assignment: AssignmentSyntax, _ scope: Scope) {
        switch assignment.kind {
        case .type(let syntax): fill(node, syntax, scope)
        case .set(let governor, let range):
            guard let set = setSyntax(range, assignment.name.location) else {
                node.form = .failed
                return
            }
            node.form = .alias(type(governor, scope))
            node.constraints = [set]
            node.constraintScopes = [scope]
        case .objectClass, .value, .macro, .skippedValue: node.form = .failed
        }
    }

    // MARK: Roots

    /// The node at the end of a chain of references, `nil` when the chain ends nowhere.
    func root(_ id: Int) -> Node? {
        var current = id
        var path: [Int] = []
        var seen: Set<Int> = []
        while true {
            let node = nodes[current]
            switch node.form {
            case .core: return node
            case .failed:
                if selectionsInProgress.contains(current) {
                    sink.error(
                        .circularReference, node.location, "the selection type selects from itself")
                }
                return nil
            case .pending:
                drain()
                if case .pending = node.form { return nil }
                continue
            case .alias(let next):
                if !seen.insert(current).inserted {
                    sink.error(
                        .circularReference, nodes[id].location, "the type is defined by itself only"
                    )
                    for visited in path { nodes[visited].form = .failed }
                    return nil
                }
                if path.count > limits.referenceChain {
                    sink.error(
                        .referenceLimit, nodes[id].location,
                        "more than \(limits.referenceChain) references follow one another")
                    nodes[id].form = .failed
                    return nil
                }
                path.append(current)
                current = next
            case .selection(let name, let type):
                node.form = .failed
                selectionsInProgress.insert(current)
                node.form = selected(name, type)
                selectionsInProgress.remove(current)
            }
        }
    }

    private func selected(_ name: NameSyntax, _ type: Int) -> Node.Form {
        expansionDepth += 1
        defer { expansionDepth -= 1 }
        guard expansionDepth <= limits.referenceDepth else {
            sink.error(
                .referenceLimit, name.location, "selection types refer to one another too deeply")
            return .failed
        }
        guard let choice = root(type) else { return .failed }
        guard case .core(.structure(let structure)) = choice.form, structure.flavour == .choice
        else {
            sink.error(.selection, name.location, "a selection type needs a CHOICE")
            return .failed
        }
        let alternatives = components(of: structure)
        if let found = alternatives.first(where: { $0.syntax.name?.text == name.text }) {
            // 30.1: the selected type has the tag that the alternative has.
            return .alias(found.type)
        }
        sink.error(
            .undefinedComponent, name.location, "the CHOICE has no alternative \"\(name.text)\"",
            hint: NearestName.find(
                name.text, among: alternatives.compactMap { $0.syntax.name?.text }
            )
            .map { "did you mean \"\($0)\"?" })
        return .failed
    }
}
