extension Resolver {
    /// The constraints that a node's own text adds, compiled.
    func ownConstraints(_ id: Int) -> [Constraint] {
        let node = nodes[id]
        if node.isCompiled { return node.compiled }
        guard !node.isCompiling else {
            sink.error(
                .circularReference, node.location, "the constraint leads back to the type itself")
            return []
        }
        guard !node.constraints.isEmpty else {
            node.isCompiled = true
            return []
        }
        node.isCompiling = true
        valueDepth += 1
        defer {
            node.isCompiling = false
            valueDepth -= 1
        }
        if valueDepth > limits.referenceDepth {
            sink.error(
                .referenceLimit, node.location, "constraints refer to one another too deeply")
            return []
        }
        var result: [Constraint] = []
        if let root = root(id), case .core(let core) = root.form {
            for (constraint, scope) in zip(node.constraints, node.constraintScopes) {
                let context = ConstraintContext(
                    node: id, core: core, scope: scope, parent: parentRanges(id, core, result))
                let made = compile(constraint, context)
                result.append(made)
                warnOfNothing(made, result, context)
            }
        }
        node.compiled = result
        node.isCompiled = true
        return result
    }

    /// A constraint that lets nothing through is legal, and never meant.
    private func warnOfNothing(
        _ made: Constraint, _ all: [Constraint], _ context: ConstraintContext
    ) {
        guard !made.isExtensible else { return }
        var isEmpty = false
        switch context.core {
        case .integer:
            let left = made.expression.integers
            isEmpty = left.isEmpty || context.parent.map { $0.intersection(left).isEmpty } ?? false
        default:
            var sizes = IntegerRanges(lower: .zero, upper: nil)
            for constraint in all { sizes = sizes.intersection(constraint.expression.sizes) }
            isEmpty = sizes.isEmpty
        }
        if isEmpty {
            sink.warning(
                .emptyConstraint, made.location, "no value satisfies the constraint")
        }
    }

    /// The integers that the constraints before leave, for MIN, MAX and the check of ends.
    private func parentRanges(_ id: Int, _ core: NodeCore, _ own: [Constraint]) -> IntegerRanges? {
        guard case .integer = core else { return nil }
        var ranges = IntegerRanges.all
        if case .alias(let base) = nodes[id].form { ranges = integerRanges(base) }
        for constraint in own { ranges = ranges.intersection(constraint.expression.integers) }
        return ranges
    }

    /// All constraints in force, those of the types referred to first.
    func constraints(_ id: Int) -> [Constraint] {
        var chain: [Int] = []
        var current = id
        while chain.count <= limits.referenceChain + 2 {
            chain.append(current)
            guard case .alias(let next) = nodes[current].form else { break }
            current = next
        }
        return chain.reversed().flatMap { ownConstraints($0) }
    }

    /// The integers that the roots of all constraints of a type leave.
    func integerRanges(_ id: Int) -> IntegerRanges {
        var ranges = IntegerRanges.all
        for constraint in constraints(id) {
            ranges = ranges.intersection(constraint.expression.integers)
        }
        return ranges
    }

    func compile(_ syntax: ConstraintSyntax, _ context: ConstraintContext) -> Constraint {
        let key = Key(
            syntax: ObjectIdentifier(syntax), scope: context.scope.id &* 1_000_003 &+ context.node)
        if let known = expressions[key] { return known }
        retained.append(syntax)
        let result = Constraint(
            expression: syntax.root.map { self.expression($0, context) } ?? .everything,
            additions: syntax.additions.map { self.expression($0, context) },
            isExtensible: syntax.isExtensible, location: syntax.location)
        expressions[key] = result
        return result
    }

    func expression(_ set: ElementSetSyntax, _ context: ConstraintContext) -> ConstraintExpression {
        switch set {
        case .union(let parts):
            rangeTerms += parts.count
            return .union(parts.map { expression($0, context) })
        case .intersection(let parts): return .intersection(parts.map { expression($0, context) })
        case .except(let a, let b):
            return .difference(expression(a, context), expression(b, context))
        case .allExcept(let a): return .complement(expression(a, context))
        case .element(let element): return expression(element, context)
        }
    }

    private func expression(_ element: ElementSyntax, _ context: ConstraintContext)
        -> ConstraintExpression
    {
        if case .unknown = context.core { return .everything }
        if case .size(let inner) = element.kind, plainNodes["INTEGER"] == context.node {
            // `SIZE (1 | SIZE (2))` says the same as `SIZE (1 | 2)`.
            sink.warning(.straySeparator, element.location, "SIZE stands inside SIZE")
            let parts = sizes(inner, context.scope).ranges.map {
                ConstraintExpression.integerRange(lower: $0.lower, upper: $0.upper)
            }
            return .union(parts)
        }
        if let word = element.misplaced(on: context.core) {
            if word == "SIZE", case .structure(let structure) = context.core,
                structure.flavour == .choice, isChoiceOfStrings(structure)
            {
                // DirectoryString (SIZE (1..n)) of X.520's first users.
                sink.warning(
                    .constraintSense, element.location,
                    "SIZE says nothing about the type CHOICE",
                    hint: "constrain the alternatives")
                return .everything
            }
            sink.error(
                .constraintSense, element.location,
                "\(word) says nothing about the type \(context.core.word)")
            return .everything
        }
        let scope = context.scope
        switch element.kind {
        case .value(let value): return valueExpression(value, context)
        case .range(let lower, let upper):
            return rangeExpression(lower, upper, context, element.location)
        case .type(let type): return inclusion(type, context, element.location)
        case .size(let constraint):
            let size = sizes(constraint, scope)
            return .size(size, isExtensible: constraint.isExtensible)
        case .permittedAlphabet(let constraint):
            let allowed = context.core.alphabet
            var ranges = IntegerRanges.all
            if let root = constraint.root { ranges = alphabet(root, context) }
            return .permittedAlphabet(
                allowed.map { ranges.intersection($0) } ?? ranges,
                isExtensible: constraint.isExtensible)
        case .pattern(let value):
            guard case .string(let text)? = self.value(value, stringNode(scope), scope) else {
                return .everything
            }
            var string = ""
            for scalar in text {
                if let scalar = Unicode.Scalar(scalar) { string.unicodeScalars.append(scalar) }
            }
            if let fault = PatternSyntax.fault(string) {
                sink.error(
                    .patternSyntax, value.location, "the pattern is no regular expression: \(fault)"
                )
                return .everything
            }
            return .pattern(string)
        case .settings(let text):
            if let fault = PatternSyntax.settingsFault(text) {
                sink.warning(.timeSettings, element.location, "the settings are wrong: \(fault)")
                return .everything
            }
            return .settings(text)
        case .userDefined: return .everything
        case .containing(let type, let encoding):
            if case .bitString(let named) = context.core, !named.isEmpty {
                // X.682 11.2
                sink.error(
                    .constraintSense, element.location,
                    "a BIT STRING with named bits contains no type")
            }
            let use = type.map { self.use($0, scope) }
            drain()
            var rules: SchemaValue?
            if let encoding { rules = value(encoding, objectIdentifierNode(scope), scope) }
            return .containing(use, encodedBy: rules)
        case .component(let constraint):
            guard let use = context.core.element else { return .everything }
            return .element(inner(constraint, use.type, scope))
        case .components(let isPartial, let list): return components(isPartial, list, context)
        case .table(let range, let relations):
            return table(range, relations, context, element.location)
        }
    }

    private func isChoiceOfStrings(_ structure: StructureNode) -> Bool {
        components(of: structure).allSatisfy { component in
            guard case .core(let core)? = root(component.type)?.form else { return false }
            return core.hasSize
        }
    }

    /// A constraint on a part of the value.
    private func inner(_ constraint: ConstraintSyntax, _ type: Int, _ scope: Scope) -> Constraint {
        guard let root = root(type), case .core(let core) = root.form else {
            return Constraint(
                expression: .everything, additions: nil, isExtensible: true,
                location: constraint.location)
        }
        var parent: IntegerRanges?
        if case .integer = core { parent = integerRanges(type) }
        return compile(
            constraint, ConstraintContext(node: type, core: core, scope: scope, parent: parent))
    }

    private func components(
        _ isPartial: Bool, _ list: [ComponentConstraintSyntax], _ context: ConstraintContext
    ) -> ConstraintExpression {
        // Of REAL, EXTERNAL and their like the names are those of the associated type.
        let structure: StructureNode
        if case .structure(let own) = context.core {
            structure = own
        } else if let other = associated(context.core) {
            structure = other
        } else {
            return .everything
        }
        let all = components(of: structure)
        var result: [ComponentConstraint] = []
        var seen: Set<String> = []
        for item in list {
            guard let found = all.first(where: { $0.syntax.name?.text == item.name.text }) else {
                sink.error(
                    .undefinedComponent, item.name.location,
                    "the type has no component \"\(item.name.text)\"",
                    hint: NearestName.find(
                        item.name.text, among: all.compactMap { $0.syntax.name?.text }
                    )
                    .map { "did you mean \"\($0)\"?" })
                continue
            }
            if !seen.insert(item.name.text).inserted {
                sink.error(
                    .duplicateComponent, item.name.location,
                    "\"\(item.name.text)\" is constrained twice")
            }
            result.append(
                ComponentConstraint(
                    name: item.name.text,
                    constraint: item.constraint.map { inner($0, found.type, context.scope) },
                    presence: item.presence, location: item.name.location))
            let isRequired =
                !found.syntax.isOptional && found.syntax.defaultValue == nil && !found.isAddition
            if item.presence == .absent, structure.flavour != .choice, isRequired {
                sink.warning(
                    .emptyConstraint, item.name.location,
                    "\"\(item.name.text)\" is always there: no value is without it")
            }
        }
        let present = list.filter { $0.presence == .present }
        if structure.flavour == .choice, present.count > 1 {
            sink.warning(
                .emptyConstraint, present[1].name.location,
                "two alternatives of a CHOICE are never there at once")
        }
        return .components(isPartial: isPartial, result)
    }

    private func table(
        _ range: TokenRange, _ relations: [AtNotationSyntax], _ context: ConstraintContext,
        _ location: SourceLocation
    ) -> ConstraintExpression {
        var current = context.node
        var found: (ClassInfo, String)?
        for _ in 0...limits.referenceChain {
            if let field = nodes[current].field {
                found = field
                break
            }
            guard case .alias(let next) = nodes[current].form else { break }
            current = next
        }
        guard let (info, field) = found else {
            // `({ValueSet})`: the braces are too many, but it is clear what is meant.
            if relations.isEmpty, let set = setSyntax(range, location), let root = set.root,
                case .element(let element) = root, case .type(let type) = element.kind,
                let reference = type.plainReference
            {
                switch lookup(reference, context.scope, nil) {
                case .assignment(let assignment, _):
                    guard case .set = assignment.kind else { break }
                    fallthrough
                case .dummy:
                    if governingSetClass(reference, context.scope) == nil {
                        sink.warning(
                            .straySeparator, location, "the braces around a value set are too many")
                        return inclusion(type, context, location)
                    }
                case .missing: break
                }
            }
            sink.error(
                .tableConstraint, location,
                "only a field of a class can be constrained by an object set")
            return .everything
        }
        guard let set = setSyntax(range, location) else { return .everything }
        // The name of the set serves people; a set in other notation has none.
        let index: Int
        if case .element(let element)? = set.root, case .type(let type) = element.kind,
            !set.isExtensible,
            case .reference(let reference) = type.core, type.constraints.isEmpty
        {
            if case .missing = lookup(reference, context.scope, nil), reference.module == nil,
                context.scope.module.imports[reference.name.text] == nil
            {
                sink.warning(
                    .undefinedObjectSet, reference.location,
                    "\"\(reference.name.text)\" is not defined",
                    hint: nameHint(reference.name.text, context.scope.module, context.scope))
                return .everything
            }
            guard let named = referencedSet(reference, info, context.scope) else {
                return .everything
            }
            index = named.index
        } else {
            index = objectSet(set, info, context.scope)
        }
        return .table(
            TableConstraint(
                objectSet: index, field: field,
                relations: relations.map {
                    TableConstraint.Relation(level: $0.level, path: $0.path.map(\.text))
                }))
    }
}

/// What governs the elements of a constraint.
struct ConstraintContext {
    let node: Int
    let core: NodeCore
    let scope: Scope
    /// The integers of the parent type, for INTEGER.
    let parent: IntegerRanges?
}
