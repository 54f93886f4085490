internal import ASN1

extension ProgramBuilder {
    /// A table constraint whose keys are looked up when all nodes are there.
    struct PendingRelation {
        var node: Int32
        var constraint: TableConstraint
        /// The structures around, outermost first.
        var chain: [Int32]
        /// The rows' types.
        var rowNodes: [Int32]
    }

    func fillOpen(_ node: Int32, _ key: Key, _ conjuncts: [Conjunct]) {
        var isResolved = false
        for conjunct in conjuncts {
            switch conjunct.expression {
            case .table(let table):
                var rowNodes: [Int32] = []
                for row in schema.objectSets[table.objectSet].rows {
                    if case .type(let use)? = row.settings[table.field] {
                        rowNodes.append(
                            self.node(Key(isStandard: false, type: use.type, extra: [], chain: [])))
                    } else {
                        rowNodes.append(-1)
                    }
                }
                relations.append(
                    PendingRelation(
                        node: node, constraint: table, chain: key.chain, rowNodes: rowNodes))
                isResolved = true
            case .included(let use):
                nodes[Int(node)].first = self.node(
                    Key(isStandard: key.isStandard, type: use.type, extra: [], chain: []))
                nodes[Int(node)].flags.insert(.isResolved)
                isResolved = true
            default: break
            }
        }
        if !isResolved { nodes[Int(node)].flags.insert(.isUnknown) }
    }

    /// Finds where the keys of open types are, and what the rows' keys look like.
    func resolveRelations() {
        for pending in relations {
            let set = schema.objectSets[pending.constraint.objectSet]
            var table = OpenTypeTable()
            table.isExtensible = set.isExtensible
            table.setName = set.name ?? set.className
            if pending.rowNodes.isEmpty {
                keyTable(pending, set, table)
                continue
            }
            var keyNodes: [(node: Int32, field: String)] = []
            for relation in pending.constraint.relations {
                guard let (anchor, component) = find(relation, pending.chain),
                    let field = keyField(components[component].node)
                else { continue }
                var register = nodes[Int(anchor)].registers
                if let known = captures[component]?.first(where: { $0.anchor == anchor }) {
                    register = known.register
                } else {
                    captures[component, default: []].append(
                        ValidationProgram.Capture(anchor: anchor, register: register))
                    nodes[Int(anchor)].registers += 1
                    nodes[Int(anchor)].flags.insert(.isAnchor)
                }
                table.anchors.append(anchor)
                table.registers.append(register)
                keyNodes.append((components[component].node, field))
            }
            // Without a key any of the types may stand there.
            guard !keyNodes.isEmpty else {
                nodes[Int(pending.node)].flags.insert(.isUnknown)
                continue
            }
            for (row, rowNode) in zip(set.rows, pending.rowNodes) {
                var keys: [[UInt8]] = []
                for (keyNode, field) in keyNodes {
                    if case .value(let value)? = row.settings[field],
                        let encoded = encode(value, keyNode)
                    {
                        keys.append(encoded)
                    }
                }
                if keys.count == keyNodes.count {
                    table.rows.append(OpenTypeTable.Row(keys: keys, node: rowNode))
                } else {
                    table.hasUnknownRows = true
                }
            }
            details[detailIndex(pending.node)].table = table
            nodes[Int(pending.node)].flags.insert(.hasTable)
        }
    }

    /// A component whose value must be one of the set's (X.682 10.6).
    private func keyTable(
        _ pending: PendingRelation, _ set: ObjectSet, _ table: OpenTypeTable
    ) {
        details[detailIndex(pending.node)].keyField = pending.constraint.field
        guard !set.isExtensible, !set.rows.isEmpty else { return }
        var table = table
        for row in set.rows {
            if case .value(let value)? = row.settings[pending.constraint.field],
                let encoded = encode(value, pending.node)
            {
                table.rows.append(OpenTypeTable.Row(keys: [encoded], node: -1))
            } else {
                return
            }
        }
        details[detailIndex(pending.node)].keyTable = table
        nodes[Int(pending.node)].flags.insert(.isKey)
    }

    /// The field that a component's own table constraint names.
    private func keyField(_ node: Int32) -> String? {
        var current = node
        for _ in 0..<limits.inclusionDepth {
            if nodes[Int(current)].shape == .wrapper {
                current = nodes[Int(current)].first
                continue
            }
            let detail = details[detailIndex(current)]
            if let field = detail.keyField { return field }
            for pending in relations where pending.node == current {
                return pending.constraint.field
            }
            for constraint in schema.types.indices.contains(detail.type) && !detail.isStandard
                ? schema.types[detail.type].constraints : []
            {
                if case .table(let table) = constraint.expression { return table.field }
            }
            return nil
        }
        return nil
    }

    /// The component that a relation leads to, and the structure that its path begins in.
    private func find(
        _ relation: TableConstraint.Relation, _ chain: [Int32]
    ) -> (anchor: Int32, component: Int)? {
        guard !chain.isEmpty, !relation.path.isEmpty else { return nil }
        let position = relation.level.map { chain.count - 1 - $0 } ?? 0
        guard chain.indices.contains(position) else { return nil }
        let anchor = chain[position]
        var current = anchor
        var found = -1
        for name in relation.path {
            for _ in 0..<limits.inclusionDepth where nodes[Int(current)].shape == .wrapper {
                current = nodes[Int(current)].first
            }
            switch nodes[Int(current)].shape {
            case .sequence, .set, .choice: break
            default: return nil
            }
            let first = Int(nodes[Int(current)].first)
            let range = first..<first + Int(nodes[Int(current)].count)
            guard let index = range.first(where: { names[Int(components[$0].name)] == name })
            else { return nil }
            found = index
            current = components[index].node
        }
        guard found >= 0, nodes[Int(anchor)].shape != .choice else { return nil }
        return (anchor, found)
    }

    /// Tag and content octets, as a key's register has them.
    private func encode(_ value: SchemaValue, _ node: Int32) -> [UInt8]? {
        var value = value
        var current = node
        for _ in 0..<limits.inclusionDepth {
            let entry = nodes[Int(current)]
            switch entry.shape {
            case .wrapper: current = entry.first
            case .choice:
                guard case .choice(let name, let inner) = value else { return nil }
                let first = Int(entry.first)
                let range = first..<first + Int(entry.count)
                guard let index = range.first(where: { names[Int(components[$0].name)] == name })
                else { return nil }
                value = inner
                current = components[index].node
            case .characterString:
                guard case .string(let text) = value else { return nil }
                return KeyRegisters.prefix(entry.tag)
                    + CharacterEncoding.octets(text, entry.characters)
            default:
                guard let content = ContentEncoding.octets(value) else { return nil }
                return KeyRegisters.prefix(entry.tag) + content
            }
        }
        return nil
    }
}
