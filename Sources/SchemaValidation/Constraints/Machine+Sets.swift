internal import ASN1
internal import ByteIO

/// Whether a whole value lies in the set that a constraint describes (X.680 50).
extension Machine where Listener: ~Copyable {
    /// Whether a value is in a set. What can't be read is: its own fault is told elsewhere.
    func holds(
        _ expression: ConstraintExpression, _ entry: Int32, _ slice: Slice, _ window: RawSpan
    ) -> Bool {
        switch expression {
        case .everything, .table, .containing: return true
        case .union(let parts): return parts.contains { holds($0, entry, slice, window) }
        case .intersection(let parts): return parts.allSatisfy { holds($0, entry, slice, window) }
        case .difference(let a, let b):
            return holds(a, entry, slice, window) && !holds(b, entry, slice, window)
        case .complement(let a): return !holds(a, entry, slice, window)
        case .value(let value): return equals(value, entry, slice, window) ?? true
        case .included(let use):
            return program.schema.types[use.type].constraints.allSatisfy {
                $0.isExtensible || holds($0.expression, entry, slice, window)
            }
        default: break
        }
        guard let (leaf, inner) = strip(entry, slice, window) else { return true }
        let node = nodes[Int(leaf)]
        switch expression {
        case .integerRange(let lower, let upper):
            let count = inner.contentEnd - inner.contentStart
            guard count > 0 else { return true }
            return OctetRange(IntegerRanges.Range(lower: lower, upper: upper)).contains(
                window, at: inner.contentStart, count: count)
        case .realRange(let lower, let lowerIsOpen, let upper, let upperIsOpen):
            guard let number = RealValue.double(window, inner.contentStart, inner.contentEnd) else {
                return true
            }
            if let lower, lowerIsOpen ? number <= lower : number < lower { return false }
            if let upper, upperIsOpen ? number >= upper : number > upper { return false }
            return !number.isNaN || lower == nil && upper == nil
        case .size(let sizes, let isExtensible):
            // CHARACTER STRING: how its characters lie in the octets only its syntaxes know.
            return isExtensible || node.shape == .sequence
                || sizes.contains(BigInteger(size(node, inner, window)))
        case .permittedAlphabet(let ranges, let isExtensible):
            return isExtensible
                || CharacterDecoding.codes(
                    inner.string(window, isBits: false).octets, node.characters
                ).allSatisfy { ranges.contains(BigInteger(Int($0))) }
        case .pattern(let pattern):
            guard let matcher = PatternMatcher(pattern) else { return true }
            return matcher.matches(
                CharacterDecoding.codes(
                    inner.string(window, isBits: false).octets, node.characters))
        case .settings(let settings):
            guard node.characters == .time else { return true }
            var notation = TimeNotation(
                inner.string(window, isBits: false).octets, isCanonical: false)
            return notation.time() != nil || notation.properties.have(settings)
        case .element(let constraint):
            return constraint.isExtensible
                || inner.children(window).allSatisfy {
                    holds(constraint.expression, node.first, $0, window)
                }
        case .components(let isPartial, let list):
            if node.shape == .real {
                return RealComponents(window, inner.contentStart, inner.contentEnd).map {
                    $0.have(isPartial, list, program.schema)
                } ?? true
            }
            if node.flags.contains(.isExternal) {
                return holdsExternal(isPartial, list, node, inner, window)
            }
            return holds(isPartial, list, node, inner, window)
        default: return true
        }
    }

    private func holds(
        _ isPartial: Bool, _ list: [ComponentConstraint], _ node: Node, _ slice: Slice,
        _ window: RawSpan
    ) -> Bool {
        let present = fields(node, slice, window)
        for item in list {
            let found = present.first { program.names[Int($0.component.name)] == item.name }
            switch item.presence {
            case .present where found == nil: return false
            case .absent where found != nil: return false
            case nil where !isPartial && node.shape != .choice && found == nil:
                let range = node.first..<node.first + node.count
                let isOptional = range.contains {
                    program.names[Int(components[Int($0)].name)] == item.name
                        && components[Int($0)].flags.isDisjoint(with: [.isRequired, .hasDefault])
                }
                if isOptional { return false }
            default: break
            }
            if let found, let constraint = item.constraint, !constraint.isExtensible,
                !holds(constraint.expression, found.component.node, found.slice, window)
            {
                return false
            }
        }
        if !isPartial {
            let listed = Set(list.map(\.name))
            return present.allSatisfy { listed.contains(program.names[Int($0.component.name)]) }
        }
        return true
    }

    // MARK: Parts of values

    /// The components that are there; of a CHOICE, the alternative.
    func fields(
        _ node: Node, _ slice: Slice, _ window: RawSpan
    ) -> [(component: Component, slice: Slice)] {
        if node.shape == .choice {
            let index = alternative(node, slice.head.tag)
            return index < 0 ? [] : [(components[Int(node.first + index)], slice)]
        }
        var result: [(component: Component, slice: Slice)] = []
        var next = node.first
        for child in slice.children(window) {
            if node.shape == .set {
                let index = alternative(node, child.head.tag)
                if index >= 0 { result.append((components[Int(node.first + index)], child)) }
                continue
            }
            let end = node.first + node.count
            if let found = (next..<max(next, end)).first(where: {
                select(components[Int($0)].node, child.head.tag, strictly: true) >= 0
            }) {
                result.append((components[Int(found)], child))
                next = found + 1
            }
        }
        return result
    }

    /// Goes through explicit tags to the type that has the value. A CHOICE stays one.
    func strip(
        _ entry: Int32, _ slice: Slice, _ window: RawSpan
    ) -> (Int32, Slice)? {
        var current = entry
        var slice = slice
        for _ in 0..<nodes.count {
            let node = nodes[Int(current)]
            guard node.shape == .wrapper else { return (current, slice) }
            guard let inner = slice.children(window).first else { return nil }
            slice = inner
            current = node.first
        }
        return nil
    }

    private func size(_ node: Node, _ slice: Slice, _ window: RawSpan) -> Int {
        switch node.shape {
        case .sequenceOf, .setOf: return slice.children(window).count
        case .bitString:
            let (octets, unused) = slice.string(window, isBits: true)
            return max(0, octets.count * 8 - unused)
        case .characterString:
            return CharacterDecoding.codes(
                slice.string(window, isBits: false).octets, node.characters
            ).count
        default: return slice.string(window, isBits: false).octets.count
        }
    }

    /// Whether an element has a value; `nil` if that can't be told.
    func equals(
        _ value: SchemaValue, _ entry: Int32, _ slice: Slice, _ window: RawSpan
    ) -> Bool? {
        guard let (leaf, inner) = strip(entry, slice, window) else { return nil }
        let node = nodes[Int(leaf)]
        let content: [UInt8] =
            switch value {
            case .integer, .enumerated, .objectIdentifier, .relativeOID, .null, .boolean, .octets,
                .string:
                inner.string(window, isBits: false).octets
            default: []
            }
        switch value {
        case .unknown, .open: return nil
        case .integer, .enumerated, .objectIdentifier, .relativeOID, .null:
            return ContentEncoding.octets(value).map { $0 == content }
        case .boolean(let flag): return content.first.map { ($0 != 0) == flag }
        case .octets(let octets): return content == octets
        case .bits(let bits):
            let (octets, unused) = inner.string(window, isBits: true)
            var found = (0..<max(0, octets.count * 8 - unused)).map {
                octets[$0 / 8] >> UInt8(7 - $0 % 8) & 1 != 0
            }
            var wanted = bits
            if node.flags.contains(.hasNamedBits) {
                while found.last == false { found.removeLast() }
                while wanted.last == false { wanted.removeLast() }
            }
            return found == wanted
        case .string(let text): return content == CharacterEncoding.octets(text, node.characters)
        case .real(let number, _):
            return RealValue.double(window, inner.contentStart, inner.contentEnd).map {
                $0 == number || $0.isNaN && number.isNaN
            }
        case .choice(let name, let value):
            guard node.shape == .choice, let field = fields(node, inner, window).first else {
                return nil
            }
            guard program.names[Int(field.component.name)] == name else { return false }
            return equals(value, field.component.node, field.slice, window)
        case .list(let values):
            let children = inner.children(window)
            guard children.count == values.count else { return false }
            var result = true
            for (value, child) in zip(values, children) {
                guard let same = equals(value, node.first, child, window) else { return nil }
                result = result && same
            }
            return result
        case .fields(let wanted):
            let present = fields(node, inner, window)
            guard present.count == wanted.count else { return false }
            for field in wanted {
                guard
                    let found = present.first(where: {
                        program.names[Int($0.component.name)] == field.name
                    })
                else { return false }
                guard
                    let same = equals(
                        field.value, found.component.node, found.slice, window)
                else { return nil }
                if !same { return false }
            }
            return true
        }
    }
}
