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
}
