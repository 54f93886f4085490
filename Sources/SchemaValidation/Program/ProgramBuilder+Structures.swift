internal import ASN1

extension ProgramBuilder {
    func fillStructure(
        _ node: Int32, _ key: Key, _ structure: Structure, _ conjuncts: [Conjunct]
    ) {
        var extras: [String: [Constraint]] = [:]
        var presence: [String: (PresenceConstraint, SourceLocation)] = [:]
        var rest: [Conjunct] = []
        let isChoice = nodes[Int(node)].shape == .choice
        for conjunct in conjuncts {
            guard case .components(let isPartial, let list) = conjunct.expression else {
                rest.append(conjunct)
                continue
            }
            for item in list {
                if let constraint = item.constraint {
                    extras[item.name, default: []].append(constraint)
                }
                if let found = item.presence {
                    presence[item.name] = (found, item.location)
                    if isChoice, found == .present {
                        // The others can't be there (X.680 51.8.10.3).
                        for component in structure.components where component.name != item.name {
                            presence[component.name] = (.absent, item.location)
                        }
                    }
                } else if !isPartial, !isChoice, presence[item.name] == nil {
                    presence[item.name] = (.present, item.location)
                }
            }
            if !isPartial {
                let listed = Set(list.map(\.name))
                for component in structure.components where !listed.contains(component.name) {
                    presence[component.name] = (.absent, conjunct.place)
                }
            }
        }
        place(node, key, structure, extras, presence)
        hold(node, rest)
    }

    func fillStandard(_ node: Int32, _ name: String, _ conjuncts: [Conjunct]) {
        guard let type = standard.type(named: name),
            case .sequence(let structure) = standard.types[type].kind
        else {
            nodes[Int(node)].shape = .any
            return
        }
        // Components of their own, so that what is said of one isn't said of all.
        let key = Key(isStandard: true, type: type, extra: [], chain: [])
        place(node, key, structure, [:], [:])
        hold(node, conjuncts)
    }

    /// Puts the components of a structure into the table.
    private func place(
        _ node: Int32, _ key: Key, _ structure: Structure, _ extras: [String: [Constraint]],
        _ presence: [String: (PresenceConstraint, SourceLocation)]
    ) {
        let isChoice = nodes[Int(node)].shape == .choice
        let chain = key.chain + [node]
        var list: [Component] = []
        for component in structure.components {
            let inner = self.node(
                Key(
                    isStandard: key.isStandard, type: component.use.type,
                    extra: extras[component.name] ?? [], chain: chain))
            var flags: Component.Flags = []
            var rule: Int32 = -1
            var defaultValue: Int32 = -1
            switch component.presence {
            case .required: if !isChoice { flags.insert(.isRequired) }
            case .optional: break
            case .defaultValue(let value):
                flags.insert(.hasDefault)
                defaultValue = Int32(clamping: defaults.count)
                defaults.append(value)
            }
            if component.isAddition { flags.insert(.isAddition) }
            if let (found, place) = presence[component.name] {
                rule = Int32(clamping: presenceRules.count)
                presenceRules.append(place)
                switch found {
                case .present where flags.contains(.hasDefault) || isChoice: break
                case .present:
                    flags.insert(.isRequired)
                    flags.remove(.isAddition)
                case .absent:
                    flags.remove(.isRequired)
                    flags.insert(.isAbsent)
                case .optional: break
                }
            }
            let tag = nodes[Int(inner)].tag
            if tag == .none { flags.insert(.asksNode) }
            list.append(
                Component(
                    node: inner, tag: tag, flags: flags,
                    group: component.group.map { Int32(clamping: $0) } ?? -1,
                    name: name(component.name),
                    use: use(component.location, isStandard: key.isStandard), rule: rule,
                    defaultValue: defaultValue))
        }
        let index = Int(node)
        nodes[index].first = Int32(clamping: components.count)
        nodes[index].count = Int32(clamping: list.count)
        nodes[index].insertion = Int32(clamping: structure.insertionIndex)
        if structure.isExtensible { nodes[index].flags.insert(.isExtensible) }
        components += list
    }

    /// A size constraint's sizes, which are kept with their place for the findings.
    func size(_ conjunct: Conjunct, of node: Int32) -> IntegerRanges? {
        guard let found = SetAlgebra.sizes(conjunct.expression) else { return nil }
        details[detailIndex(node)].sizes.append(
            NodeDetail.Rule(ranges: found, place: conjunct.place))
        return found
    }

    func fillList(_ node: Int32, _ key: Key, _ use: TypeUse, _ conjuncts: [Conjunct]) {
        var extra: [Constraint] = []
        var sizes = IntegerRanges(lower: .zero, upper: nil)
        var hasSize = false
        var rest: [Conjunct] = []
        for conjunct in conjuncts {
            if let found = size(conjunct, of: node) {
                sizes = sizes.intersection(found)
                hasSize = true
            } else if case .element(let constraint) = conjunct.expression {
                extra.append(constraint)
            } else {
                rest.append(conjunct)
            }
        }
        if hasSize { setSizes(node, sizes) }
        let inner = self.node(
            Key(isStandard: key.isStandard, type: use.type, extra: extra, chain: key.chain))
        nodes[Int(node)].first = inner
        hold(node, rest)
    }

    // MARK: Dispatch tables

    /// Makes the tables that lead from tags to components, when all nodes are there.
    func makeTables() {
        for index in nodes.indices {
            switch nodes[index].shape {
            case .choice, .set: makeTable(index)
            default: break
            }
        }
    }

    private func makeTable(_ index: Int) {
        let first = Int(nodes[index].first)
        var entries: [Dispatch] = []
        var known: Set<TagKey> = []
        var any: Int32 = -1
        for offset in 0..<Int(nodes[index].count) {
            let component = components[first + offset]
            // An alternative that WITH COMPONENTS excludes can't be chosen.
            if component.flags.contains(.isAbsent), nodes[index].shape == .choice { continue }
            let position = Int32(clamping: offset)
            var stack = [component.node]
            var visited: Set<Int32> = []
            while let next = stack.popLast(), visited.count < limits.choices {
                guard visited.insert(next).inserted else { continue }
                let node = nodes[Int(next)]
                switch node.shape {
                case .choice:
                    for inner in (0..<Int(node.count)).reversed() {
                        stack.append(components[Int(node.first) + inner].node)
                    }
                case .any: if any < 0 { any = position }
                default:
                    if known.insert(node.tag).inserted {
                        entries.append(Dispatch(tag: node.tag, component: position))
                    }
                }
            }
            if offset < 64, component.flags.contains(.isRequired),
                !component.flags.contains(.isAddition)
            {
                nodes[index].required |= 1 << UInt64(offset)
            }
        }
        entries.sort { $0.tag < $1.tag }
        nodes[index].table = Int32(clamping: dispatch.count)
        nodes[index].tableCount = Int32(clamping: entries.count)
        nodes[index].anyComponent = any
        dispatch += entries
    }
}
