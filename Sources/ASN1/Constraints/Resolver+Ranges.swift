extension Resolver {
    func valueExpression(_ syntax: ValueSyntax, _ context: ConstraintContext)
        -> ConstraintExpression
    {
        guard let found = value(syntax, context.node, context.scope) else { return .everything }
        if case .integer(let number) = found {
            checkInParent(number, syntax.location, context)
            return .integerRange(lower: number, upper: number)
        }
        if case .unknown = found { return .everything }
        return .value(found)
    }

    private func checkInParent(
        _ number: BigInteger, _ location: SourceLocation, _ context: ConstraintContext
    ) {
        guard let parent = context.parent, !parent.isAll, !parent.contains(number),
            !parentIsExtensible(context.node)
        else {
            return
        }
        sink.error(
            .rangeOutsideParent, location,
            "\(number) is not a value of the type that is constrained")
    }

    private func parentIsExtensible(_ id: Int) -> Bool {
        var current = id
        for _ in 0...limits.referenceChain {
            if nodes[current].constraints.contains(where: \.isExtensible) { return true }
            guard case .alias(let next) = nodes[current].form else { return false }
            current = next
        }
        return false
    }

    /// ValueRange (X.680 51.4).
    func rangeExpression(
        _ lower: EndpointSyntax, _ upper: EndpointSyntax, _ context: ConstraintContext,
        _ location: SourceLocation
    ) -> ConstraintExpression {
        switch context.core {
        case .simple(.real):
            let low = lower.value.flatMap { value($0, context.node, context.scope)?.double }
            let high = upper.value.flatMap { value($0, context.node, context.scope)?.double }
            if let low, let high, low > high {
                sink.error(.emptyRange, location, "the lower end lies above the upper end")
            }
            return .realRange(
                lower: low, lowerIsOpen: lower.isOpen, upper: high, upperIsOpen: upper.isOpen)
        case .integer:
            guard let low = end(lower, context), let high = end(upper, context) else {
                return .everything
            }
            var first = low.number ?? context.parent?.lower
            var last = high.number ?? context.parent?.upper
            if lower.isOpen { first = first?.successor }
            if upper.isOpen { last = last?.predecessor }
            if let first, let last, first > last {
                sink.error(
                    .emptyRange, location, "the range is empty: \(first) lies above \(last)")
                return .everything
            }
            if let number = low.number, !lower.isOpen {
                checkInParent(number, lower.value?.location ?? location, context)
            }
            if let number = high.number, !upper.isOpen {
                checkInParent(number, upper.value?.location ?? location, context)
            }
            return .integerRange(lower: first, upper: last)
        default:
            _ = lower.value.flatMap { value($0, context.node, context.scope) }
            _ = upper.value.flatMap { value($0, context.node, context.scope) }
            return .everything
        }
    }

    private func end(_ endpoint: EndpointSyntax, _ context: ConstraintContext) -> (
        number: BigInteger?, Void
    )? {
        guard let syntax = endpoint.value else { return (nil, ()) }
        guard case .integer(let number)? = value(syntax, context.node, context.scope) else {
            return nil
        }
        return (number, ())
    }

    /// Contained subtypes (51.3), value sets, and type constraints of open types (51.6).
    func inclusion(_ syntax: TypeSyntax, _ context: ConstraintContext, _ location: SourceLocation)
        -> ConstraintExpression
    {
        let use = use(syntax, context.scope)
        drain()
        guard let root = root(use.type), case .core(let core) = root.form else {
            return .everything
        }
        if case .openType = context.core { return .included(use) }
        guard context.core.isCompatible(with: core) else {
            if case .simple(let a) = context.core, case .simple(let b) = core, a.isCharacterString,
                b.isCharacterString
            {
                // RFC 4120 has GeneralString (IA5String).
                sink.warning(
                    .constraintSense, location,
                    "the types \(core.word) and \(context.core.word) have different characters")
                return .included(use)
            }
            sink.error(
                .constraintSense, location,
                "the type \(core.word) has no values of the type \(context.core.word)")
            return .everything
        }
        if case .integer = context.core {
            let ranges = integerRanges(use.type)
            if ranges.isAll { return .everything }
            let parts = ranges.ranges.map {
                ConstraintExpression.integerRange(lower: $0.lower, upper: $0.upper)
            }
            return parts.count == 1 ? parts[0] : .union(parts)
        }
        return .included(use)
    }

    /// SIZE's inside: a set of INTEGER (0..MAX) (51.5).
    func sizes(_ syntax: ConstraintSyntax, _ scope: Scope) -> IntegerRanges {
        let node = sizeNode(scope)
        guard case .core(let core) = nodes[node].form else { return .all }
        let parent = IntegerRanges(lower: .zero, upper: nil)
        let context = ConstraintContext(node: node, core: core, scope: scope, parent: parent)
        guard let root = syntax.root else { return parent }
        let result = expression(root, context).integers.intersection(parent)
        if let additions = syntax.additions { _ = expression(additions, context) }
        return result
    }

    /// FROM's inside as code points (51.7).
    func alphabet(_ set: ElementSetSyntax, _ context: ConstraintContext) -> IntegerRanges {
        switch set {
        case .union(let parts):
            return IntegerRanges(parts.flatMap { alphabet($0, context).ranges })
        case .intersection(let parts):
            return parts.reduce(.all) { $0.intersection(alphabet($1, context)) }
        case .except(let a, let b): return alphabet(a, context).subtracting(alphabet(b, context))
        case .allExcept(let a): return alphabet(a, context).complement
        case .element(let element): return alphabet(element, context)
        }
    }

    private func alphabet(_ element: ElementSyntax, _ context: ConstraintContext) -> IntegerRanges {
        switch element.kind {
        case .value(let syntax):
            guard case .string(let text)? = value(syntax, context.node, context.scope) else {
                return .all
            }
            let ranges = IntegerRanges(
                text.map {
                    IntegerRanges.Range(lower: BigInteger(Int($0)), upper: BigInteger(Int($0)))
                })
            checkCharacters(ranges, context, syntax.location)
            return ranges
        case .range(let lower, let upper):
            let known = context.core.alphabet
            guard let low = character(lower, context), let high = character(upper, context) else {
                return .all
            }
            let first = low ?? known?.lower
            let last = high ?? known?.upper
            if let first, let last, first > last {
                sink.error(.emptyRange, element.location, "the range of characters is empty")
                return .all
            }
            let ends = IntegerRanges(
                [
                    IntegerRanges.Range(lower: first, upper: first ?? .zero),
                    IntegerRanges.Range(lower: last, upper: last ?? .zero),
                ].filter { $0.lower != nil })
            checkCharacters(ends, context, element.location)
            return IntegerRanges(lower: first, upper: last)
        case .type(let type):
            let node = self.type(type, context.scope)
            drain()
            guard let root = root(node), case .core(let core) = root.form else { return .all }
            guard context.core.isCompatible(with: core) else {
                sink.error(
                    .constraintSense, element.location,
                    "the type \(core.word) has no characters of the type \(context.core.word)")
                return .all
            }
            var result = core.alphabet ?? .all
            for constraint in constraints(node) {
                result = result.intersection(constraint.expression.alphabet)
            }
            return result
        case .permittedAlphabet(let inner):
            return inner.root.map { alphabet($0, context) } ?? .all
        default:
            sink.error(.constraintSense, element.location, "only characters can stand in FROM")
            return .all
        }
    }

    private func character(_ endpoint: EndpointSyntax, _ context: ConstraintContext) -> BigInteger??
    {
        guard let syntax = endpoint.value else { return .some(nil) }
        guard let found = value(syntax, context.node, context.scope) else { return nil }
        guard case .string(let text) = found, text.count == 1 else {
            if case .unknown = found { return nil }
            sink.error(.constraintSense, syntax.location, "the end of a range is one character")
            return nil
        }
        return .some(BigInteger(Int(text[0])))
    }

    private func checkCharacters(
        _ ranges: IntegerRanges, _ context: ConstraintContext, _ location: SourceLocation
    ) {
        guard let known = context.core.alphabet, !ranges.isSubset(of: known) else { return }
        let message = "a character is not one of the type \(context.core.word)"
        // One stray character among others loses nothing: the type doesn't have it anyway.
        if ranges.intersection(known).isEmpty {
            sink.error(.constraintSense, location, message)
        } else {
            sink.warning(.constraintSense, location, message)
        }
    }

    // MARK: Plain types that govern

    func stringNode(_ scope: Scope) -> Int { plain(.simple(.universalString), scope) }
    func objectIdentifierNode(_ scope: Scope) -> Int { plain(.simple(.objectIdentifier), scope) }
    func sizeNode(_ scope: Scope) -> Int { plain(.integer([]), scope) }

    private func plain(_ core: NodeCore, _ scope: Scope) -> Int {
        if let known = plainNodes[core.word] { return known }
        let node = newNode(SourceLocation(file: 0, line: 1, column: 1), scope)
        node.form = .core(core)
        plainNodes[core.word] = node.id
        return node.id
    }
}

extension SchemaValue {
    var double: Double? {
        switch self {
        case .real(let number, _): number
        case .integer(let number): number.asDouble
        default: nil
        }
    }
}
