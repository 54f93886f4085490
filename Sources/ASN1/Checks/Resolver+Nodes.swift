extension Resolver {
    /// The checks that one type needs.
    func check(_ node: Node) {
        guard root(node.id) != nil else { return }
        _ = ownConstraints(node.id)
        checkTag(node)
        guard case .core(let core) = node.form else { return }
        switch core {
        case .integer, .bitString: _ = numbers(node.id)
        case .enumerated: _ = enumeration(node.id)
        case .structure(let structure): checkStructure(structure)
        default: break
        }
    }

    /// 31.2.7: IMPLICIT, spelled, on a type that has no tag of its own.
    private func checkTag(_ node: Node) {
        guard let added = node.tag, added.isSpelledImplicit else { return }
        var current = node
        for _ in 0...limits.referenceChain {
            guard case .alias(let next) = current.form else { break }
            current = nodes[next]
            if current.tag != nil { return }
        }
        guard case .core(let core) = current.form else { return }
        switch core {
        case .openType:
            sink.error(
                .implicitChoice, added.location, "an open type or ANY can't be tagged IMPLICIT")
        case .structure(let structure) where structure.flavour == .choice:
            sink.error(
                .implicitChoice, added.location, "an untagged CHOICE can't be tagged IMPLICIT")
        default: break
        }
    }

    private func checkStructure(_ structure: StructureNode) {
        let all = components(of: structure)
        drain()
        var names: Set<String> = []
        for component in all {
            if let name = component.syntax.name, !names.insert(name.text).inserted {
                sink.error(
                    .duplicateComponent, name.location,
                    "the component \"\(name.text)\" is defined twice")
            }
            if let syntax = component.syntax.defaultValue, structure.flavour != .choice {
                if let found = value(syntax, component.type, component.scope) {
                    checkFits(found, component.type, syntax.location)
                }
            }
        }
    }

    /// A value has to be one of its type, constraints included.
    func checkFits(_ value: SchemaValue, _ node: Int, _ location: SourceLocation) {
        guard let root = root(node), case .core(let core) = root.form else { return }
        let all = constraints(node)
        if all.isEmpty || all.contains(where: \.isExtensible) { return }
        switch (value, core) {
        case (.integer(let number), .integer):
            if !integerRanges(node).contains(number) {
                sink.warning(
                    .valueConstraint, location,
                    "\(number) is not within the constraints of the type")
            }
        case (.octets(let octets), _): checkSize(octets.count, all, location)
        case (.string(let text), _):
            checkSize(text.count, all, location)
            var allowed = IntegerRanges.all
            for constraint in all { allowed = allowed.intersection(constraint.expression.alphabet) }
            if !allowed.isAll, text.contains(where: { !allowed.contains(BigInteger(Int($0))) }) {
                sink.warning(
                    .valueConstraint, location,
                    "a character is not within the constraints of the type")
            }
        case (.boolean, .simple(.boolean)), (.enumerated, .enumerated):
            if all.contains(where: { $0.expression.contains(value) == false }) {
                sink.warning(
                    .valueConstraint, location,
                    "the value is not within the constraints of the type")
            }
        case (.list(let items), _): checkSize(items.count, all, location)
        case (.bits(let bits), .bitString(let named)):
            // Where bits have names, zeros at the end come and go (22.7).
            if named.isEmpty { checkSize(bits.count, all, location) }
        default: break
        }
    }

    private func checkSize(_ count: Int, _ all: [Constraint], _ location: SourceLocation) {
        var sizes = IntegerRanges.all
        for constraint in all { sizes = sizes.intersection(constraint.expression.sizes) }
        if !sizes.contains(BigInteger(count)) {
            sink.warning(
                .valueConstraint, location,
                "the size \(count) is not within the constraints of the type")
        }
    }
}
