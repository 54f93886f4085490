extension Resolver {
    /// The components of a structure, COMPONENTS OF replaced and automatic tags given
    /// (X.680 25.4 to 25.9).
    func components(of structure: StructureNode) -> [StructureNode.Component] {
        if let known = structure.components { return known }
        guard !structure.isExpanding else {
            sink.error(
                .infiniteType, structure.location, "COMPONENTS OF leads back to the type itself")
            return []
        }
        expansionDepth += 1
        defer { expansionDepth -= 1 }
        guard expansionDepth <= limits.referenceDepth else {
            sink.error(.referenceLimit, structure.location, "COMPONENTS OF leads too deep")
            return []
        }
        structure.isExpanding = true
        defer { structure.isExpanding = false }
        var result: [StructureNode.Component] = []
        var markers = 0
        var insertion: Int?
        for item in structure.items {
            if case .marker(let location) = item {
                markers += 1
                if markers == 1 { insertion = nil }
                if markers > 2 {
                    sink.error(
                        .duplicateExtensionMarker, location,
                        "there are more than two extension markers")
                }
                continue
            }
            append(item, structure, isAddition: markers == 1, group: nil, to: &result)
        }
        if markers == 1 || markers == 2 {
            insertion = result.firstIndex { $0.isAddition }
            if insertion == nil {
                // No additions: the insertion point is where the marker stands.
                var count = 0
                for item in structure.items {
                    if case .marker = item { break }
                    count += itemCount(item)
                }
                insertion = count
            }
        }
        structure.isExtensible = markers > 0 || structure.isExtensibilityImplied
        structure.insertionIndex = insertion ?? result.count
        if structure.isAutomatic {
            var number: UInt64 = 0
            for isAddition in [false, true] {
                for index in result.indices where result[index].isAddition == isAddition {
                    result[index].type = tagged(
                        result[index].rawType, number, structure, result[index].syntax)
                    number += 1
                }
            }
        }
        structure.components = result
        return result
    }

    private func itemCount(_ item: StructureNode.Item) -> Int {
        switch item {
        case .component: return 1
        case .marker: return 0
        case .group(_, _, let items): return items.reduce(0) { $0 + itemCount($1) }
        case .componentsOf(let type, _):
            guard let node = root(type), case .core(.structure(let other)) = node.form else {
                return 0
            }
            return components(of: other).filter { !$0.isAddition }.count
        }
    }

    private func tagged(
        _ type: Int, _ number: UInt64, _ structure: StructureNode, _ syntax: ComponentSyntax
    ) -> Int {
        let node = newNode(syntax.type.location, structure.scope)
        node.form = .alias(type)
        node.tag = Node.AddedTag(
            tag: Tag(.contextSpecific, number), mode: .implicit, isSpelledImplicit: false,
            location: syntax.location)
        return node.id
    }

    private func append(
        _ item: StructureNode.Item, _ structure: StructureNode, isAddition: Bool, group: Int?,
        to result: inout [StructureNode.Component]
    ) {
        switch item {
        case .marker: break
        case .component(let syntax, let type):
            result.append(
                StructureNode.Component(
                    syntax: syntax, scope: structure.scope, rawType: type, type: type,
                    isAddition: isAddition, group: group))
        case .group(let number, _, let items):
            for inner in items {
                append(inner, structure, isAddition: true, group: number, to: &result)
            }
        case .componentsOf(let type, let location):
            guard let node = root(type) else { return }
            if case .core(.unknown) = node.form { return }
            guard case .core(.structure(let other)) = node.form, other.flavour == structure.flavour
            else {
                let word = structure.flavour == .set ? "SET" : "SEQUENCE"
                sink.error(.componentsOf, location, "COMPONENTS OF needs a \(word) type here")
                return
            }
            for component in components(of: other) where !component.isAddition {
                if result.count >= limits.components {
                    sink.error(
                        .schemaLimit, location,
                        "the type has more than \(limits.components) components")
                    return
                }
                result.append(
                    StructureNode.Component(
                        syntax: component.syntax, scope: component.scope,
                        rawType: structure.isAutomatic ? component.rawType : component.type,
                        type: component.type, isAddition: isAddition, group: group))
            }
        }
    }

    /// The tags on the wire, outermost first (31.2); empty when the value's own decide.
    func tags(_ id: Int) -> [Tag] {
        var chain: [Node] = []
        var current = id
        var base: [Tag] = []
        loop: while chain.count <= limits.referenceChain + 2 {
            let node = nodes[current]
            chain.append(node)
            switch node.form {
            case .alias(let next): current = next
            case .selection, .pending:
                _ = root(current)
                if case .alias(let next) = node.form { current = next } else { break loop }
            case .core(let core):
                if let tag = core.universalTag { base = [tag] }
                break loop
            case .failed: break loop
            }
        }
        for node in chain.reversed() {
            guard let added = node.tag else { continue }
            if added.mode == .implicit, !base.isEmpty {
                base[0] = added.tag
            } else {
                base.insert(added.tag, at: 0)
            }
        }
        return base
    }
}

extension NodeCore {
    /// The universal tag (X.680 table 1), `nil` for CHOICE and open types.
    var universalTag: Tag? {
        let number: UInt64
        switch self {
        case .simple(let simple): number = simple.universalTag
        case .integer: number = 2
        case .bitString: number = 3
        case .enumerated: number = 10
        case .structure(let structure):
            switch structure.flavour {
            case .sequence: number = 16
            case .set: number = 17
            case .choice: return nil
            }
        case .sequenceOf: number = 16
        case .setOf: number = 17
        case .instanceOf: number = 8
        case .openType, .unknown: return nil
        }
        return Tag(.universal, number)
    }
}

extension TypeKind.Simple {
    /// The universal tag's number (X.680 table 1).
    public var universalTag: UInt64 {
        switch self {
        case .boolean: 1
        case .octetString: 4
        case .null: 5
        case .objectIdentifier: 6
        case .objectDescriptor: 7
        case .external: 8
        case .real: 9
        case .embeddedPDV: 11
        case .utf8String: 12
        case .relativeOID: 13
        case .time: 14
        case .numericString: 18
        case .printableString: 19
        case .teletexString: 20
        case .videotexString: 21
        case .ia5String: 22
        case .utcTime: 23
        case .generalizedTime: 24
        case .graphicString: 25
        case .visibleString: 26
        case .generalString: 27
        case .universalString: 28
        case .unrestrictedCharacterString: 29
        case .bmpString: 30
        case .date: 31
        case .timeOfDay: 32
        case .dateTime: 33
        case .duration: 34
        case .objectIdentifierIRI: 35
        case .relativeOIDIRI: 36
        }
    }
}
