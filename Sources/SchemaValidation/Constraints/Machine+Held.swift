internal import ASN1
internal import ByteIO

/// Values that a constraint or a canonical rule needs whole: they are loaded into the window, up to
/// a limit, before they are read as all others are.
extension Machine where Listener: ~Copyable {
    /// Octets looked at again for each octet of input, at most.
    static var heldWorkFactor: UInt64 { 32 }
    static var heldWorkAllowance: UInt64 { 256 << 20 }

    @inline(__always)
    mutating func hold(
        _ element: Element, _ node: Node, _ window: RawSpan
    ) -> Want? {
        let isOrdered = isCanonical && node.shape == .setOf
        let defaultValue = isCanonical ? currentDefault : -1
        guard
            isOrdered || defaultValue >= 0 || !node.flags.isDisjoint(with: [.isHeld, .isKey])
                || hasHeldChoices && !heldChoices(element).isEmpty
        else { return nil }
        return holdSlowly(element, window, isOrdered, defaultValue)
    }

    /// The choices that lead to an element and have constraints on the whole value.
    private func heldChoices(_ element: Element) -> [Int32] {
        var found: [Int32] = []
        var current = element.entry
        for _ in 0..<64 {
            guard current >= 0, nodes[Int(current)].shape == .choice else { break }
            let node = nodes[Int(current)]
            if node.flags.contains(.isHeld) { found.append(current) }
            let index = alternative(node, element.head.tag)
            guard index >= 0 else { break }
            current = components[Int(node.first + index)].node
        }
        return found
    }

    private var currentDefault: Int32 {
        guard frame.kind == .sequence || frame.kind == .set, frame.current >= 0 else { return -1 }
        return components[Int(nodes[Int(frame.node)].first + frame.current)].defaultValue
    }

    @inline(never)
    private mutating func holdSlowly(
        _ element: Element, _ window: RawSpan, _ isOrdered: Bool, _ defaultValue: Int32
    ) -> Want? {
        let there = window.byteCount - cursor
        let limit = cursor + min(there, limits.heldOctets)
        switch Extent.find(window, at: cursor, limit: limit) {
        case .malformed: return nil
        case .incomplete:
            let wanted =
                element.head.isIndefinite
                ? there * 2 : Int(clamping: element.head.length) &+ element.head.size
            if there >= limits.heldOctets || wanted > 2 * limits.heldOctets || wanted < 0
                || !element.head.isIndefinite && wanted > limits.heldOctets
            {
                unchecked(
                    element,
                    "the value is longer than the limit of \(limits.heldOctets) "
                        + "octets: a constraint on the whole of it was not checked")
                return nil
            }
            return isLast ? nil : .octets(max(wanted, there + 1))
        case .end(let end):
            heldWork &+= UInt64(end - cursor)
            if heldWork > Self.heldWorkAllowance &+ element.start &* Self.heldWorkFactor {
                unchecked(element, "too much is held: a constraint was not checked")
                return nil
            }
            guard let slice = Slice(window, at: cursor, limit: end) else { return nil }
            check(element, slice, window, isOrdered, defaultValue)
            return nil
        }
    }

    private mutating func check(
        _ element: Element, _ slice: Slice, _ window: RawSpan, _ isOrdered: Bool,
        _ defaultValue: Int32
    ) {
        let entries = [element.leaf] + (hasHeldChoices ? heldChoices(element) : [])
        for entry in entries {
            for held in program.detail(entry).held
            where !holds(held.expression, entry, slice, window) {
                let found = valueText(entry, slice, window)
                let allowed = ValueText.values(held.expression) ?? []
                let isTold = found != nil && (1...ValueText.values).contains(allowed.count)
                fault(
                    .constraint, element, at: element.start,
                    isTold
                        ? "\(found ?? "") where \(allowed.joined(separator: " or ")) is demanded"
                        : "the value of \(typeName(entry)) breaks its constraint",
                    found: found, allowed: Array(allowed.prefix(ValueText.values)),
                    rule: held.place)
                if isFinished { return }
            }
        }
        let node = nodes[Int(element.leaf)]
        if node.flags.contains(.isKey),
            let texts = missedValues(node, element.leaf, slice, window)
        {
            let table = program.details[Int(node.detail)].keyTable
            let found = valueText(element.leaf, slice, window)
            // Without a key, one of very many.
            let allowed = table?.keys.isEmpty == false ? texts : []
            let name = table?.setName ?? "the set"
            fault(
                .table, element, at: element.start,
                allowed.isEmpty
                    ? "no object of \(name) has \(found ?? "this value")"
                    : "\(found ?? "another value") where the object of \(name) has "
                        + allowed.joined(separator: " or "),
                found: found, allowed: allowed, rule: table?.place)
            if isFinished { return }
        }
        if defaultValue >= 0,
            equals(program.defaults[Int(defaultValue)], element.entry, slice, window) == true
        {
            fault(
                .defaultEncoded, element, at: element.start,
                "a component with its default value is left out by \(rulesName)")
            if isFinished { return }
        }
        if isOrdered { checkOrder(element, slice, window) }
    }

    /// The elements of a SET OF in the order of their encodings (X.690 11.6).
    private mutating func checkOrder(_ element: Element, _ slice: Slice, _ window: RawSpan) {
        var previous: Slice?
        for child in slice.children(window) {
            defer { previous = child }
            guard let last = previous else { continue }
            let a = last.end - last.start
            let b = child.end - child.start
            for index in 0..<max(a, b) {
                let x = index < a ? window.octet(at: last.start + index) : 0
                let y = index < b ? window.octet(at: child.start + index) : 0
                if x < y { break }
                if x > y {
                    let offset = element.start &+ UInt64(child.start - slice.start)
                    return fault(
                        .elementOrder, element, at: offset,
                        "the elements of a SET OF stand in the order of their octets by "
                            + rulesName)
                }
            }
        }
    }

    // MARK: Sets

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
