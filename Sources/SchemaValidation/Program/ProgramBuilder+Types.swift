internal import ASN1

extension ProgramBuilder {
    /// A condition that a value has to meet, with its place.
    struct Conjunct {
        var expression: ConstraintExpression
        var place: SourceLocation

        var isTable: Bool { if case .table = expression { true } else { false } }
    }

    /// Completes an instruction.
    func fill(_ node: Int32, _ key: Key) {
        let definition = definition(key)
        let conjuncts = self.conjuncts(definition.constraints + key.extra, key.isStandard, 0)
        let index = Int(node)
        switch definition.kind {
        case .integer(let named):
            fillInteger(node, conjuncts)
            details[detailIndex(node)].names = numbers(named)
        case .bitString(let named):
            if !named.isEmpty { nodes[index].flags.insert(.hasNamedBits) }
            details[detailIndex(node)].names = numbers(named)
            fillString(node, key, conjuncts, alphabet: nil)
        case .enumerated(let enumeration): fillEnumeration(node, enumeration, conjuncts)
        case .sequence(let structure), .set(let structure), .choice(let structure):
            fillStructure(node, key, structure, conjuncts)
        case .sequenceOf(let use), .setOf(let use): fillList(node, key, use, conjuncts)
        case .instanceOf: fillInstance(node, conjuncts)
        case .openType: fillOpen(node, key, conjuncts)
        case .unknown: nodes[index].flags.insert(.isUnknown)
        case .simple(let simple):
            switch simple {
            case .boolean: fillBoolean(node, conjuncts)
            case .octetString: fillString(node, key, conjuncts, alphabet: nil)
            case .external:
                fillStandard(node, "External", conjuncts)
                nodes[index].flags.insert(.isExternal)
            case .embeddedPDV: fillStandard(node, "Embedded-pdv", conjuncts)
            case .unrestrictedCharacterString: fillStandard(node, "Character-string", conjuncts)
            case .null, .real, .objectIdentifier, .relativeOID: hold(node, conjuncts)
            default:
                nodes[index].characters = characters(simple)
                fillString(node, key, conjuncts, alphabet: simple.alphabet)
            }
        }
    }

    private func characters(_ simple: TypeKind.Simple) -> Node.Characters {
        switch simple {
        case .utf8String: .utf8
        case .numericString, .printableString, .ia5String, .visibleString: .single
        case .universalString: .four
        case .bmpString: .two
        case .utcTime: .utcTime
        case .generalizedTime: .generalizedTime
        case .time: .time
        case .date: .date
        case .timeOfDay: .timeOfDay
        case .dateTime: .dateTime
        case .duration: .duration
        case .objectIdentifierIRI: .iri
        case .relativeOIDIRI: .relativeIRI
        default: .escaped
        }
    }

    private func numbers(_ named: [NamedNumber]) -> [(name: String, value: Int64)] {
        named.compactMap { item in item.value.asInt.map { (item.name, Int64($0)) } }
    }

    // MARK: Constraints

    /// The conditions that hold at once. A constraint that ends in `...` lets later versions pass
    /// (X.680 50.8), and one that is applied to an extensible one takes its root.
    func conjuncts(_ all: [Constraint], _ isStandard: Bool, _ depth: Int) -> [Conjunct] {
        let binding =
            all.last?.isExtensible == true ? all.dropLast().filter { !$0.isExtensible } : all
        return binding.flatMap { flatten($0.expression, $0.location, isStandard, depth) }
    }

    private func flatten(
        _ expression: ConstraintExpression, _ place: SourceLocation, _ isStandard: Bool,
        _ depth: Int
    ) -> [Conjunct] {
        switch expression {
        case .everything: return []
        case .intersection(let parts):
            return parts.flatMap { flatten($0, place, isStandard, depth) }
        case .union(let parts) where parts.count == 1:
            return flatten(parts[0], place, isStandard, depth)
        case .included(let use):
            guard depth < limits.inclusionDepth else { return [] }
            let type = isStandard ? standard.types[use.type] : schema.types[use.type]
            if case .openType = type.kind {
                return [Conjunct(expression: expression, place: place)]
            }
            let inner = conjuncts(type.constraints, isStandard, depth + 1)
            // An open type that is constrained to be of a type has no constraints of its own.
            return inner + [Conjunct(expression: expression, place: place)]
        default: return [Conjunct(expression: expression, place: place)]
        }
    }

    /// Keeps conditions that need the whole value.
    func hold(_ node: Int32, _ conjuncts: [Conjunct]) {
        for conjunct in conjuncts {
            switch conjunct.expression {
            case .included, .everything: continue
            case .table(let table):
                relations.append(
                    PendingRelation(node, table, chain: chain, rowNodes: [], place: conjunct.place))
            default:
                nodes[Int(node)].flags.insert(.isHeld)
                if nodes[Int(node)].shape == .choice { hasHeldChoices = true }
                details[detailIndex(node)].held.append(
                    NodeDetail.Held(expression: conjunct.expression, place: conjunct.place))
            }
        }
    }

    // MARK: Simple types

    private func fillBoolean(_ node: Int32, _ conjuncts: [Conjunct]) {
        var rest: [Conjunct] = []
        for conjunct in conjuncts {
            if case .value(.boolean(let flag)) = conjunct.expression {
                details[detailIndex(node)].booleans &= flag ? 2 : 1
                details[detailIndex(node)].booleanPlace = conjunct.place
            } else {
                rest.append(conjunct)
            }
        }
        hold(node, rest)
    }

    private func fillInteger(_ node: Int32, _ conjuncts: [Conjunct]) {
        var all = IntegerRanges.all
        for conjunct in conjuncts {
            if case .table = conjunct.expression {
                hold(node, [conjunct])
                continue
            }
            guard let ranges = SetAlgebra.integers(conjunct.expression, schema, 0) else {
                hold(node, [conjunct])
                continue
            }
            details[detailIndex(node)].ranges.append(
                NodeDetail.Rule(ranges: ranges, place: conjunct.place))
            all = all.intersection(ranges)
        }
        guard !all.isAll else { return }
        nodes[Int(node)].flags.insert(.hasRange)
        details[detailIndex(node)].integerRanges = all.ranges.map { OctetRange($0) }
        guard all.ranges.count == 1, let range = all.ranges.first else { return }
        nodes[Int(node)].flags.insert(.hasOneRange)
        // Bounds that no integer of eight octets meets or passes.
        let lower = range.lower.map { SetAlgebra.clamp($0) } ?? (.min, 0)
        let upper = range.upper.map { SetAlgebra.clamp($0) } ?? (.max, 0)
        nodes[Int(node)].rangeLower = lower.1 > 0 ? .max : lower.0
        nodes[Int(node)].rangeUpper = lower.1 > 0 || upper.1 < 0 ? .min : upper.0
    }

    private func fillEnumeration(
        _ node: Int32, _ enumeration: Enumeration, _ conjuncts: [Conjunct]
    ) {
        if enumeration.isExtensible { nodes[Int(node)].flags.insert(.isExtensible) }
        var allowed = enumeration.items
        for conjunct in conjuncts {
            switch conjunct.expression {
            case .included, .table: hold(node, [conjunct])
            default:
                allowed = allowed.filter { item in
                    SetAlgebra.holds(conjunct.expression, schema, 0) { value in
                        switch value {
                        case .enumerated(_, let number), .integer(let number):
                            number == item.value
                        default: false
                        }
                    }
                }
                nodes[Int(node)].flags.remove(.isExtensible)
                details[detailIndex(node)].enumerationPlace = conjunct.place
            }
        }
        let sorted = allowed.map { (OctetInteger($0.value), $0.name) }.sorted { $0.0 < $1.0 }
        details[detailIndex(node)].enumeration = sorted.map(\.0)
        details[detailIndex(node)].enumerationNames = sorted.map(\.1)
    }

    private func fillString(
        _ node: Int32, _ key: Key, _ conjuncts: [Conjunct], alphabet: IntegerRanges?
    ) {
        var sizes = IntegerRanges(lower: .zero, upper: nil)
        var characters = alphabet ?? .all
        var hasSize = false
        var hasAlphabet = nodes[Int(node)].characters == .single
        var rest: [Conjunct] = []
        for conjunct in conjuncts {
            if let found = size(conjunct, of: node) {
                sizes = sizes.intersection(found)
                hasSize = true
                continue
            }
            switch conjunct.expression {
            case .permittedAlphabet(let found, let isExtensible):
                if isExtensible { continue }
                characters = characters.intersection(found)
                hasAlphabet = true
                details[detailIndex(node)].alphabets.append(
                    NodeDetail.Rule(ranges: found, place: conjunct.place))
            case .containing(let use, let encoding):
                // Another encoding than BER's isn't looked into.
                let contentRules = encoding == nil ? rules : SetAlgebra.rules(encoding)
                guard let use, let contentRules else { continue }
                if contentRules != rules {
                    details[detailIndex(node)].contentRules = contentRules
                    nodes[Int(node)].flags.insert(.hasOtherRules)
                }
                nodes[Int(node)].flags.insert(.contains)
                nodes[Int(node)].first = self.node(
                    Key(isStandard: key.isStandard, type: use.type, extra: [], chain: key.chain))
            default: rest.append(conjunct)
            }
        }
        if hasSize { setSizes(node, sizes) }
        if hasAlphabet {
            nodes[Int(node)].flags.insert(.hasAlphabet)
            let index = detailIndex(node)
            for range in characters.ranges {
                let lower = UInt32(clamping: range.lower?.asInt ?? 0)
                let upper = UInt32(clamping: range.upper?.asInt ?? Int(UInt32.max))
                guard lower <= upper else { continue }
                details[index].characterRanges.append(lower...upper)
                if lower < 256 {
                    for octet in lower...min(upper, 255) {
                        details[index].lowCharacters.insert(UInt8(truncatingIfNeeded: octet))
                    }
                }
            }
        }
        hold(node, rest)
    }

    func setSizes(_ node: Int32, _ sizes: IntegerRanges) {
        nodes[Int(node)].flags.insert(.hasSize)
        var ranges: [ClosedRange<UInt64>] = []
        for range in sizes.ranges {
            let lower = SetAlgebra.size(range.lower) ?? 0
            let upper = SetAlgebra.size(range.upper) ?? .max
            if lower <= upper { ranges.append(lower...upper) }
        }
        details[detailIndex(node)].sizeRanges = ranges
        if ranges.count == 1 {
            nodes[Int(node)].flags.insert(.hasOneSize)
            nodes[Int(node)].sizeLower = ranges[0].lowerBound
            nodes[Int(node)].sizeUpper = ranges[0].upperBound
        }
    }
}
