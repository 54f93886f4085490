internal import ASN1

extension ProgramBuilder {
    /// A table constraint whose keys are looked up when all nodes are there.
    struct PendingRelation {
        /// How a path to a key begins: so many structures up, or at the outermost.
        typealias Relation = (level: Int?, path: [String])

        var node: Int32
        /// The index in the schema, and the class's field that the component is.
        var objectSet: Int
        var field: String
        var relations: [Relation]
        /// The structures around, outermost first.
        var chain: [Int32]
        /// The rows' types, of an open type.
        var rowNodes: [Int32]
        /// Where the table constraint stands.
        var place: SourceLocation

        init(
            _ node: Int32, _ table: TableConstraint, chain: [Int32], rowNodes: [Int32],
            place: SourceLocation
        ) {
            self.node = node
            objectSet = table.objectSet
            field = table.field
            relations = table.relations.map { ($0.level, $0.path) }
            self.chain = chain
            self.rowNodes = rowNodes
            self.place = place
        }

        init(
            _ node: Int32, _ objectSet: Int, _ field: String, key: [String], chain: [Int32],
            rowNodes: [Int32], place: SourceLocation
        ) {
            self.node = node
            self.objectSet = objectSet
            self.field = field
            relations = key.isEmpty ? [] : [(0, key)]
            self.chain = chain
            self.rowNodes = rowNodes
            self.place = place
        }
    }

    func fillOpen(_ node: Int32, _ key: Key, _ conjuncts: [Conjunct]) {
        var isResolved = false
        for conjunct in conjuncts {
            switch conjunct.expression {
            case .table(let table):
                relations.append(
                    PendingRelation(
                        node, table, chain: key.chain,
                        rowNodes: rowNodes(table.objectSet, table.field), place: conjunct.place))
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

    /// The types that the rows of a set give a field, -1 where they give none.
    private func rowNodes(_ objectSet: Int, _ field: String) -> [Int32] {
        schema.objectSets[objectSet].rows.map { row in
            guard case .type(let use)? = row.settings[field] else { return -1 }
            return node(Key(isStandard: false, type: use.type, extra: [], chain: []))
        }
    }

    /// INSTANCE OF: the value's type goes by type-id (X.681 annex C.9).
    func fillInstance(_ node: Int32, _ conjuncts: [Conjunct]) {
        fillStandard(node, "Instance-of", conjuncts.filter { !$0.isTable })
        let entry = nodes[Int(node)]
        guard entry.shape == .sequence, entry.count == 2 else { return }
        let identifier = components[Int(entry.first)].node
        let value = nodes[Int(components[Int(entry.first) + 1].node)].first
        details[detailIndex(identifier)].keyField = "id"
        for conjunct in conjuncts {
            guard case .table(let table) = conjunct.expression else { continue }
            relations.append(
                PendingRelation(
                    identifier, table.objectSet, "id", key: [], chain: [node], rowNodes: [],
                    place: conjunct.place))
            relations.append(
                PendingRelation(
                    value, table.objectSet, "Type", key: ["type-id"], chain: [node],
                    rowNodes: rowNodes(table.objectSet, "Type"), place: conjunct.place))
        }
    }

    /// Finds where the keys of open types are, and what the rows' keys look like.
    func resolveRelations() {
        for pending in relations {
            let set = schema.objectSets[pending.objectSet]
            var table = OpenTypeTable()
            table.isExtensible = set.isExtensible
            table.place = pending.place
            table.setName = set.name ?? set.className
            if pending.rowNodes.isEmpty {
                keyTable(pending, set, table)
                continue
            }
            var fields: [String] = []
            (table.keys, fields) = keys(of: pending)
            // Without a key any of the types may stand there.
            guard !table.keys.isEmpty else {
                nodes[Int(pending.node)].flags.insert(.isUnknown)
                continue
            }
            for (row, rowNode) in zip(set.rows, pending.rowNodes) {
                var keys: [OpenTypeTable.Cell] = []
                var exact: [[UInt8]?] = []
                for (key, field) in zip(table.keys, fields) {
                    guard let cell = OpenTypeTable.cell(row.settings[field]) else { continue }
                    keys.append(cell)
                    exact.append(encode(cell, key.node))
                }
                if keys.count == table.keys.count {
                    table.rows.append(OpenTypeTable.Row(keys: keys, exact: exact, node: rowNode))
                } else {
                    table.hasUnknownRows = true
                }
            }
            details[detailIndex(pending.node)].table = table
            nodes[Int(pending.node)].flags.insert(.hasTable)
        }
    }

    /// The components that a constraint relates to, with the class's fields that they are. They are
    /// held while the structure is open that they stand in.
    private func keys(of pending: PendingRelation) -> ([OpenTypeTable.Key], fields: [String]) {
        var keys: [OpenTypeTable.Key] = []
        var fields: [String] = []
        for relation in pending.relations {
            guard let (anchor, component, path) = find(relation, pending.chain),
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
                details[detailIndex(anchor)].heldKeys.append(
                    NodeDetail.HeldKey(
                        name: relation.path.joined(separator: "."),
                        node: components[component].node))
            }
            let index = Int(components[component].defaultValue)
            keys.append(
                OpenTypeTable.Key(
                    anchor: anchor, register: register, path: path,
                    node: components[component].node,
                    defaultValue: defaults.indices.contains(index) ? defaults[index] : nil))
            fields.append(field)
        }
        return (keys, fields)
    }

    /// A component whose value must be one of the set's: of the row that its keys lead to, if it has
    /// any, else of any row (X.682 10.6, 10.7).
    private func keyTable(
        _ pending: PendingRelation, _ set: ObjectSet, _ table: OpenTypeTable
    ) {
        details[detailIndex(pending.node)].keyField = pending.field
        guard !set.isExtensible, !set.rows.isEmpty else { return }
        var table = table
        let (keys, fields) = keys(of: pending)
        table.keys = keys
        for row in set.rows {
            guard let cell = OpenTypeTable.cell(row.settings[pending.field]) else { return }
            var entry = OpenTypeTable.Row(keys: [], exact: [], node: -1, value: cell)
            for (key, field) in zip(keys, fields) {
                guard let cell = OpenTypeTable.cell(row.settings[field]) else { return }
                entry.keys.append(cell)
                entry.exact.append(encode(cell, key.node))
            }
            table.rows.append(entry)
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
                return pending.field
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
        _ relation: PendingRelation.Relation, _ chain: [Int32]
    ) -> (anchor: Int32, component: Int, path: [Int32])? {
        guard !chain.isEmpty, !relation.path.isEmpty else { return nil }
        let position = relation.level.map { chain.count - 1 - $0 } ?? 0
        guard chain.indices.contains(position) else { return nil }
        let anchor = chain[position]
        var current = anchor
        var found = -1
        var path: [Int32] = []
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
            path.append(Int32(clamping: index - first))
            current = components[index].node
        }
        guard found >= 0, nodes[Int(anchor)].shape != .choice else { return nil }
        return (anchor, found, path)
    }

    /// A key as it looks in every encoding, but for lengths: of types that have one form alone.
    private func encode(_ cell: OpenTypeTable.Cell, _ node: Int32) -> [UInt8]? {
        guard case .value(let value) = cell else { return nil }
        let entry = nodes[Int(node)]
        switch entry.shape {
        case .integer, .enumerated, .objectIdentifier, .relativeOID, .null:
            return ContentEncoding.octets(value).map { OpenTypeTable.exact(entry.tag, $0) }
        default: return nil
        }
    }
}
