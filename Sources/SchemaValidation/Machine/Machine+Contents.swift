internal import ByteIO

/// Values inside octet and bit strings (X.682 11), and elements of unknown types.
extension Machine where Listener: ~Copyable {
    /// A primitive string whose contents are a value of a type: read in place.
    mutating func contents(
        _ element: Element, _ node: Node, _ window: RawSpan
    ) throws(ByteIOError) -> Want? {
        var inner = element
        var size = element.head.length
        if node.flags.contains(.hasSize) {
            let isBits = node.shape == .bitString
            let unused =
                isBits && size > 0
                ? UInt64(window.octet(at: cursor + element.head.size) & 7) : 0
            let count = isBits ? (size &- min(size, 1)) &* 8 &- unused : size
            checkSize(element, node, count)
            if isFinished { return nil }
        }
        if node.shape == .bitString {
            guard size > 0, window.octet(at: cursor + element.head.size) == 0 else {
                fault(
                    .bitStringUnused, element, at: element.contentStart,
                    "a value's encoding has no unused bits")
                if !isFinished { pass(element) }
                return nil
            }
            size -= 1
            inner.head.size += 1
            inner.head.length -= 1
        }
        if Listener.wantsEvents { try tellBegin(element, nil) }
        guard push(.contents, inner) else { return nil }
        if Listener.wantsEvents { keepTold() }
        return nil
    }

    /// A string in segments whose contents are a value of a type: they have been gathered.
    mutating func finishContents(_ node: Node) {
        defer { scratch.removeAll(keepingCapacity: true) }
        guard !string.isFaulty else { return }
        if UInt64(scratch.count) < string.octets {
            return unchecked(string.element, "the contents are longer than the limit")
        }
        let octets = scratch
        var nested = Machine<NoListener>(
            program, root: node.first, limits: limits, isSequence: false,
            end: UInt64(octets.count), rules: program.details[Int(node.detail)].contentRules,
            listener: NoListener())
        let verdict = octets.withUnsafeBytesSpan { span in
            _ = try? nested.run(span, base: 0, isLast: true)
            return nested.findings
        }
        for finding in verdict {
            fault(
                finding.code, string.element, at: string.element.start,
                "in the contents, octet \(finding.at): \(finding.message)")
            if isFinished { return }
        }
    }

    // MARK: Open types

    /// An element of which no type is known: its encoding is looked at, and the content of universal
    /// types.
    mutating func unknown(
        _ element: Element, _ window: RawSpan
    ) throws(ByteIOError) -> Want? {
        if element.head.tag.number == TagKey.numberLimit {
            fault(
                .tagTooLong, element, at: element.start &+ 1,
                "a tag number of 2^62 or more, which no schema has and nothing can tell from others"
            )
            if isFinished { return nil }
        }
        if element.head.isConstructed {
            if Listener.wantsEvents { try tellBegin(element, .unknownConstructed) }
            guard push(.unknown, element) else { return nil }
            if Listener.wantsEvents { keepTold() }
            return nil
        }
        let length = element.head.length
        let loaded = Int(min(length, UInt64(limits.simpleOctets)))
        if element.head.tag.bits < 14 {
            let at = cursor + element.head.size
            if at + loaded > window.byteCount { return load(element, loaded, window) }
            universal(element, window, at, loaded)
            if isFinished { return nil }
        }
        if Listener.wantsEvents { try tellBegin(element, .unknownPrimitive) }
        beginPending(Listener.wantsEvents ? .told : .skipped, element, length)
        if length == 0 {
            pending = .none
            if Listener.wantsEvents { try tellEnd(element) }
        }
        return nil
    }

    /// The content of a universal type, by its tag alone.
    private mutating func universal(
        _ element: Element, _ window: RawSpan, _ at: Int, _ loaded: Int
    ) {
        let length = element.head.length
        switch element.head.tag.number {
        case 1:
            if length != 1 {
                fault(
                    .booleanLength, element, at: element.lengthStart,
                    "BOOLEAN has one octet of content, here are \(length)")
            } else if isCanonical, window.octet(at: at) != 0, window.octet(at: at) != 0xff {
                fault(
                    .booleanValue, element, at: element.contentStart,
                    "TRUE is ff by \(rulesName)")
            }
        case 2, 10:
            if length == 0 {
                fault(
                    .integerLength, element, at: element.lengthStart,
                    "INTEGER has at least one octet")
            } else if length > 1, window.octet(at: at) == 0 || window.octet(at: at) == 0xff,
                (window.octet(at: at) ^ window.octet(at: at + 1)) & 0x80 == 0
            {
                fault(
                    .integerPadding, element, at: element.contentStart,
                    "the integer has an octet more than needed")
            }
        case 3:
            if length == 0 {
                fault(
                    .bitStringUnused, element, at: element.lengthStart,
                    "BIT STRING has at least one octet")
            } else {
                let unused = window.octet(at: at)
                if unused > 7 || unused > 0 && length == 1 {
                    fault(
                        .bitStringUnused, element, at: element.contentStart,
                        "\(unused) bits can't be unused")
                } else if isCanonical, unused > 0, UInt64(loaded) == length,
                    window.octet(at: at + loaded - 1) & ((1 << unused) - 1) != 0
                {
                    fault(
                        .bitStringUnused, element, at: element.contentStart &+ length &- 1,
                        "unused bits are zero by \(rulesName)")
                }
            }
        case 5:
            if length != 0 {
                fault(
                    .nullLength, element, at: element.lengthStart,
                    "NULL has no content, here are \(length) octets")
            }
        case 6, 13: universalIdentifier(element, window, at, loaded)
        case 9:
            if let problem = RealRules.check(window, at, loaded, isCanonical: isCanonical) {
                fault(
                    .realFormat, element, at: element.contentStart &+ UInt64(problem.at),
                    problem.message)
            }
        case 12:
            var checker = UTF8Checker()
            let offset = element.contentStart
            if let found = checker.take(window, at: at, count: loaded, offset: offset) {
                fault(.utf8, element, at: found, "this is not UTF-8")
            } else if checker.wanted > 0, UInt64(loaded) == length {
                fault(.utf8, element, at: checker.characterStart, "this is not UTF-8")
            }
        default: break
        }
    }

    private mutating func universalIdentifier(
        _ element: Element, _ window: RawSpan, _ at: Int, _ loaded: Int
    ) {
        if let problem = ObjectIdentifierRules.check(
            window, at, loaded,
            isWhole: UInt64(loaded) == element.head.length)
        {
            fault(
                problem.code, element, at: element.contentStart &+ UInt64(problem.at),
                problem.message)
        }
    }
}
