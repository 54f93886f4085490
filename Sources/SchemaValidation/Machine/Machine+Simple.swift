internal import ByteIO

extension Machine where Listener: ~Copyable {
    /// Takes the value of a type that is always primitive.
    @inline(__always)
    mutating func simple(
        _ element: Element, _ node: Node, _ window: RawSpan
    ) throws(ByteIOError) -> Want? {
        guard !element.head.isConstructed else {
            fault(
                .form, element, at: element.start,
                "\(typeName(element.leaf)) is primitive, this element is constructed")
            if !isFinished { pass(element) }
            return nil
        }
        let length = element.head.length
        let loaded = Int(min(length, UInt64(limits.simpleOctets)))
        let at = cursor + element.head.size
        if at + loaded > window.byteCount {
            if let want = load(element, loaded, window) { return want }
            return nil
        }
        switch node.shape {
        case .integer: integer(element, node, window, at)
        case .enumerated: enumerated(element, window, at)
        case .boolean: boolean(element, window, at)
        case .null:
            if length != 0 {
                fault(
                    .nullLength, element, at: element.lengthStart,
                    "NULL has no content, here are \(length) octets")
            }
        case .objectIdentifier, .relativeOID: objectIdentifier(element, window, at, loaded)
        case .real: real(element, window, at, loaded)
        default: break
        }
        if isFinished { return nil }
        if Listener.wantsEvents {
            try tellBegin(element, .simple)
            try tellSimple(element, window.extracting(at..<at + loaded))
        }
        if UInt64(loaded) == length {
            cursor = at + loaded
            if Listener.wantsEvents { try tellEnd(element) }
        } else {
            beginPending(Listener.wantsEvents ? .told : .skipped, element, length)
            cursor += loaded
            pendingLeft -= UInt64(loaded)
        }
        return nil
    }

    /// Asks for content octets that are not in the window, or tells that the input ends before.
    @inline(never)
    mutating func load(_ element: Element, _ count: Int, _ window: RawSpan) -> Want? {
        let wanted = element.head.size + count
        if isLast {
            let there = UInt64(window.byteCount - cursor)
            fault(
                .truncated, element, at: base &+ UInt64(window.byteCount),
                "the input ends in \(describe(element)), which wants "
                    + "\(UInt64(element.head.size) &+ element.head.length &- there) octets more",
                isRecovered: false)
            isFinished = true
            return nil
        }
        return .octets(wanted)
    }

    // MARK: Types

    /// INTEGER and ENUMERATED have contents, and no nine equal bits at their front (X.690 8.3.2, 8.4).
    @inline(__always)
    private mutating func isShortest(
        _ element: Element, _ window: RawSpan, _ at: Int
    ) -> Bool {
        let length = element.head.length
        guard length > 0 else {
            fault(
                .integerLength, element, at: element.lengthStart,
                "\(typeName(element.leaf)) has at least one octet")
            return false
        }
        let first = window.octet(at: at)
        guard length > 1, first == 0 || first == 0xff,
            (first ^ window.octet(at: at + 1)) & 0x80 == 0
        else { return true }
        fault(
            .integerPadding, element, at: element.contentStart,
            "\(typeName(element.leaf)) has an octet more than needed")
        return false
    }

    @inline(__always)
    private mutating func integer(
        _ element: Element, _ node: Node, _ window: RawSpan, _ at: Int
    ) {
        guard isShortest(element, window, at) else { return }
        let length = element.head.length
        guard node.flags.contains(.hasRange) else { return }
        if length <= 8 {
            var value = Int64(Int8(bitPattern: window.octet(at: at)))
            var index = 1
            while index < Int(length) {
                value = value << 8 | Int64(window.octet(at: at + index))
                index += 1
            }
            if node.flags.contains(.hasOneRange) {
                if value >= node.rangeLower, value <= node.rangeUpper { return }
                return outOfRange(element, window, at)
            }
        }
        checkRanges(element, window, at)
    }

    @inline(never)
    private mutating func checkRanges(_ element: Element, _ window: RawSpan, _ at: Int) {
        let index = Int(nodes[Int(element.leaf)].detail)
        let count = Int(clamping: element.head.length)
        for range in program.details[index].integerRanges
        where range.contains(window, at: at, count: count) { return }
        outOfRange(element, window, at)
    }

    @inline(never)
    private mutating func enumerated(_ element: Element, _ window: RawSpan, _ at: Int) {
        guard isShortest(element, window, at) else { return }
        let length = element.head.length
        let node = nodes[Int(element.leaf)]
        if node.flags.contains(.isExtensible) { return }
        let index = Int(node.detail)
        let count = Int(clamping: length)
        var low = 0
        var high = program.details[index].enumeration.count
        while low < high {
            let middle = (low + high) / 2
            let order = program.details[index].enumeration[middle].compare(
                window, at: at, count: count)
            if order == 0 { return }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        let detail = program.details[index]
        fault(
            .enumerationValue, element, at: element.start,
            "\(IntegerText.decimal(window, at: at, count: count)) is no value of "
                + typeName(element.leaf),
            allowed: detail.enumerationNames, rule: detail.enumerationPlace ?? detail.place)
    }

    @inline(__always)
    private mutating func boolean(_ element: Element, _ window: RawSpan, _ at: Int) {
        guard element.head.length == 1 else {
            return fault(
                .booleanLength, element, at: element.lengthStart,
                "BOOLEAN has one octet of content, here are \(element.head.length)")
        }
        let octet = window.octet(at: at)
        if isCanonical, octet != 0, octet != 0xff {
            fault(
                .booleanValue, element, at: element.contentStart,
                "TRUE is ff by \(rulesName), here is \(Hex.octet(octet))")
        }
        if nodes[Int(element.leaf)].detail >= 0 {
            let index = Int(nodes[Int(element.leaf)].detail)
            if program.details[index].booleans & (octet == 0 ? 1 : 2) == 0 {
                fault(
                    .constraint, element, at: element.start,
                    "\(octet == 0 ? "FALSE" : "TRUE") is not allowed here",
                    rule: program.details[index].booleanPlace)
            }
        }
    }

    @inline(never)
    private mutating func objectIdentifier(
        _ element: Element, _ window: RawSpan, _ at: Int, _ loaded: Int
    ) {
        if let problem = ObjectIdentifierRules.check(
            window, at, loaded, isWhole: UInt64(loaded) == element.head.length)
        {
            fault(
                problem.code, element, at: element.contentStart &+ UInt64(problem.at),
                problem.message)
        }
    }

    @inline(never)
    private mutating func real(
        _ element: Element, _ window: RawSpan, _ at: Int, _ loaded: Int
    ) {
        if let problem = RealRules.check(window, at, loaded, isCanonical: isCanonical) {
            fault(
                .realFormat, element, at: element.contentStart &+ UInt64(problem.at),
                problem.message)
        }
    }
}
