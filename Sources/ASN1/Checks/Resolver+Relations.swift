/// The paths of component relations, `{Set}{@a.b}` (X.682 10.7 to 10.9).
///
/// A path begins at the outermost type around it, or some levels up, as the text has it: types that
/// are referred to have paths of their own.
extension Resolver {
    func checkRelations() {
        // What another type's text holds is reached from there; all others begin a text.
        var inner: Set<Int> = []
        for node in nodes { forEachPart(node) { inner.insert($0) } }
        for node in nodes where !inner.contains(node.id) { walk(node.id, []) }
    }

    /// The types that a node's text holds. What stands as an actual parameter is of another scope:
    /// its text is elsewhere.
    private func forEachPart(_ node: Node, _ found: (Int) -> Void) {
        for (constraint, scope) in zip(node.constraints, node.constraintScopes) {
            if let root = constraint.root { forEachPart(root, scope, found) }
            if let additions = constraint.additions { forEachPart(additions, scope, found) }
        }
        func body(_ id: Int) {
            if nodes[id].name == nil, nodes[id].scope === node.scope { found(id) }
        }
        switch node.form {
        case .alias(let next): body(next)
        case .core(.sequenceOf(let use)), .core(.setOf(let use)):
            body(use.type)
        case .core(.structure(let structure)):
            for item in structure.items { forEachPart(item, body) }
        default: break
        }
    }

    /// The types that a constraint holds: behind CONTAINING, or as what an open type may be.
    private func forEachPart(_ set: ElementSetSyntax, _ scope: Scope, _ body: (Int) -> Void) {
        switch set {
        case .union(let parts), .intersection(let parts):
            for part in parts { forEachPart(part, scope, body) }
        case .except(let a, let b):
            forEachPart(a, scope, body)
            forEachPart(b, scope, body)
        case .allExcept(let a): forEachPart(a, scope, body)
        case .element(let element):
            switch element.kind {
            case .containing(let type?, _), .type(let type):
                let key = Key(syntax: ObjectIdentifier(type), scope: scope.id)
                if let id = typeNodes[key], nodes[id].name == nil { body(id) }
            default: break
            }
        }
    }

    private func forEachPart(_ item: StructureNode.Item, _ body: (Int) -> Void) {
        switch item {
        case .component(_, let type): body(type)
        case .group(_, _, let items): for item in items { forEachPart(item, body) }
        case .componentsOf, .marker: break
        }
    }

    private func walk(_ start: Int, _ outside: [StructureNode]) {
        guard outside.count <= limits.nesting, walked.insert(start).inserted else { return }
        let node = nodes[start]
        for constraint in node.constraints {
            if let root = constraint.root { check(root, outside) }
            if let additions = constraint.additions { check(additions, outside) }
        }
        var stack = outside
        if case .core(.structure(let structure)) = node.form { stack.append(structure) }
        forEachPart(node) { walk($0, stack) }
    }

    private func check(_ set: ElementSetSyntax, _ outside: [StructureNode]) {
        switch set {
        case .union(let parts), .intersection(let parts): for part in parts { check(part, outside) }
        case .except(let a, let b):
            check(a, outside)
            check(b, outside)
        case .allExcept(let a): check(a, outside)
        case .element(let element):
            guard case .table(_, let relations) = element.kind else { return }
            for relation in relations { check(relation, outside) }
        }
    }

    private func check(_ relation: AtNotationSyntax, _ outside: [StructureNode]) {
        // Text inside actual parameters may lead to what is around the use of the parameter.
        guard let first = relation.path.first, !outside.isEmpty else { return }
        let start: StructureNode?
        if let level = relation.level {
            start = outside.count > level ? outside[outside.count - 1 - level] : nil
        } else {
            start = outside.first
        }
        guard var structure = start else {
            sink.error(
                .undefinedComponent, first.location,
                "no structure around this is so many levels up")
            return
        }
        for (index, name) in relation.path.enumerated() {
            let all = components(of: structure)
            guard let found = all.first(where: { $0.syntax.name?.text == name.text }) else {
                if all.contains(where: { root($0.type) == nil }) { return }
                sink.error(
                    .undefinedComponent, name.location,
                    "the type around this has no component \"\(name.text)\"",
                    hint: NearestName.find(
                        name.text, among: all.compactMap { $0.syntax.name?.text }
                    )
                    .map { "did you mean \"\($0)\"?" })
                return
            }
            if index == relation.path.count - 1 { return }
            guard let core = root(found.type)?.form else { return }
            guard case .core(.structure(let next)) = core else {
                sink.error(
                    .undefinedComponent, relation.path[index + 1].location,
                    "\"\(name.text)\" has no components")
                return
            }
            structure = next
        }
    }
}
