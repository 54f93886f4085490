internal import ASN1
internal import ByteIO

extension Machine where Listener: ~Copyable {
    /// CER: octets of a segment (X.690 9.2).
    static var segmentOctets: UInt64 { 1000 }

    /// Reads a string's element: its content, or the head of what holds its segments.
    mutating func string(
        _ element: Element, _ node: Node, _ window: RawSpan
    ) throws(ByteIOError) -> Want? {
        let head = element.head
        if head.isConstructed, node.characters.isPrimitive {
            fault(
                .form, element, at: element.start,
                "\(typeName(element.leaf)) is primitive, this element is constructed")
            if !isFinished { pass(element) }
            return nil
        }
        if head.isConstructed, rules == .der {
            fault(
                .stringForm, element, at: element.start,
                "a string is primitive by \(rulesName)")
            if isFinished { return nil }
        }
        if rules == .cer, !head.isConstructed, head.length > Self.segmentOctets {
            fault(
                .stringForm, element, at: element.start,
                "a string of more than 1000 octets is constructed by CER")
            if isFinished { return nil }
        }
        if head.isConstructed {
            string = StringState()
            string.element = element
            string.isSegmented = true
            scratch.removeAll(keepingCapacity: true)
            if Listener.wantsEvents { try tellBegin(element, .simple) }
            guard push(.segments, element) else { return nil }
            return nil
        }
        if node.shape == .bitString || node.flags.contains(.contains) {
            let wanted = Int(min(head.length, 1))
            if cursor + head.size + wanted > window.byteCount {
                return load(element, wanted, window)
            }
        }
        string = StringState()
        string.element = element
        if node.flags.contains(.contains) {
            guard node.flags.contains(.hasOtherRules) else {
                return try contents(element, node, window)
            }
            scratch.removeAll(keepingCapacity: true)
        }
        if Listener.wantsEvents { try tellBegin(element, .simple) }
        try piece(element, node, window)
        return nil
    }

    /// An element inside a constructed string (X.690 8.6.4, 8.7.3, 8.23.6).
    mutating func segment(
        _ element: Element, _ window: RawSpan
    ) throws(ByteIOError) -> Want? {
        let node = nodes[Int(frame.node)]
        let wanted: TagKey = node.shape == .bitString ? .bitString : .octetString
        let head = element.head
        guard head.tag == wanted else {
            fault(
                .segmentTag, element, at: element.start,
                "a segment is \(wanted.longText), this is \(head.tag.longText)",
                found: head.tag.longText, allowed: [wanted.longText])
            string.isFaulty = true
            if !isFinished { pass(element) }
            return nil
        }
        if rules == .cer {
            if head.isConstructed || head.length > Self.segmentOctets
                || string.segmentCount > 0 && string.lastSegment != Self.segmentOctets
            {
                fault(
                    .segmentSize, element, at: element.start,
                    "each segment but the last has 1000 octets by CER")
                if isFinished { return nil }
            }
            string.lastSegment = head.length
            string.segmentCount &+= 1
        }
        if head.isConstructed {
            _ = push(.segments, element)
            return nil
        }
        if node.shape == .bitString, head.length > 0,
            cursor + head.size >= window.byteCount
        {
            return load(element, 1, window)
        }
        try piece(element, node, window)
        return nil
    }

    /// Begins with the content of a primitive string or segment.
    private mutating func piece(
        _ element: Element, _ node: Node, _ window: RawSpan
    ) throws(ByteIOError) {
        var length = element.head.length
        if node.shape == .bitString, !beginBits(element, &length, window) { return }
        let (octets, overflow) = string.octets.addingReportingOverflow(length)
        string.octets = overflow ? .max : octets
        let isLooked =
            Listener.wantsEvents || node.shape == .characterString
            || node.flags.contains(.hasNamedBits) || node.flags.contains(.contains)
            || isCanonical && node.shape == .bitString
        let isBits = node.shape == .bitString && element.head.length > 0
        beginPending(isLooked ? .text : .skipped, element, length)
        if isBits { cursor += 1 }
        if length == 0 {
            pending = .none
            try finishPiece()
        } else if !isLooked {
            // Counted already: the rest of it need not be looked at.
            pending = .skipped
            if !string.isSegmented { finishString() }
        }
    }

    /// The first octet of a bit string's content (X.690 8.6.2).
    private mutating func beginBits(
        _ element: Element, _ length: inout UInt64, _ window: RawSpan
    ) -> Bool {
        guard length > 0 else {
            bitFault(element, at: element.lengthStart, "BIT STRING has at least one octet")
            beginPending(.skipped, element, 0)
            return false
        }
        length -= 1
        let unused = window.octet(at: cursor + element.head.size)
        if string.unused != 0 {
            bitFault(element, at: element.start, "only the last segment can have unused bits")
        } else if unused > 7 {
            bitFault(element, at: element.contentStart, "\(unused) bits can't be unused")
        } else if unused > 0, length == 0 {
            bitFault(element, at: element.contentStart, "there are no bits that could be unused")
        }
        string.unused = min(unused, 7)
        return true
    }

    private mutating func bitFault(_ element: Element, at: UInt64, _ message: String) {
        guard !string.isFaulty else { return }
        string.isFaulty = true
        fault(.bitStringUnused, element, at: at, message)
    }

    // MARK: Content

    /// Looks at content octets of a string.
    mutating func scan(_ window: RawSpan, _ at: Int, _ count: Int) {
        guard count > 0, !string.isFaulty else { return }
        let leaf = string.element.leaf
        let node = nodes[Int(leaf)]
        let offset = base &+ UInt64(at)
        switch node.shape {
        case .bitString: scanBits(node, window, at, count)
        case .characterString:
            switch node.characters {
            case .iri, .relativeIRI: scanIRI(node, window, at, count, offset)
            case .utf8:
                if node.flags.contains(.hasAlphabet) {
                    scanUTF8(node, window, at, count, offset)
                } else if let fault = string.utf8.take(window, at: at, count: count, offset: offset)
                {
                    utf8Fault(fault)
                }
            case .single: scanSingle(node, window, at, count, offset)
            case .two: scanWide(node, 2, window, at, count, offset)
            case .four: scanWide(node, 4, window, at, count, offset)
            case .escaped:
                if node.flags.contains(.hasAlphabet) { scanSingle(node, window, at, count, offset) }
            default:
                let room = max(0, limits.timeOctets - scratch.count)
                for index in 0..<min(count, room) { scratch.append(window.octet(at: at + index)) }
            }
        default: break
        }
        if node.flags.contains(.contains) {
            let room = max(0, limits.heldOctets - scratch.count)
            for index in 0..<min(count, room) { scratch.append(window.octet(at: at + index)) }
        }
    }

    mutating func utf8Fault(_ at: UInt64) {
        string.isFaulty = true
        fault(.utf8, string.element, at: at, "this is not UTF-8")
    }

    private mutating func scanBits(_ node: Node, _ window: RawSpan, _ at: Int, _ count: Int) {
        // Where the last bit that is set lies.
        let before = string.octets &- pendingLeft
        for index in stride(from: count - 1, through: 0, by: -1) {
            let octet = window.octet(at: at + index)
            if octet == 0 { continue }
            string.significantBits =
                (before &+ UInt64(index)) &* 8 &+ UInt64(8 - octet.trailingZeroBitCount)
            break
        }
        if isCanonical, UInt64(count) == pendingLeft, string.unused > 0 {
            let last = window.octet(at: at + count - 1)
            if last & ((1 << string.unused) - 1) != 0 {
                string.isFaulty = true
                fault(
                    .bitStringUnused, string.element, at: base &+ UInt64(at + count - 1),
                    "unused bits are zero by \(rulesName)")
            }
        }
    }

    private mutating func scanUTF8(
        _ node: Node, _ window: RawSpan, _ at: Int, _ count: Int, _ offset: UInt64
    ) {
        for index in 0..<count {
            let (isGood, character) = string.utf8.next(
                window.octet(at: at + index), offset: offset &+ UInt64(index))
            guard isGood else { return utf8Fault(string.utf8.characterStart) }
            if let character {
                let start = character < 0x80 ? offset &+ UInt64(index) : string.utf8.characterStart
                if !allows(node, character, start) { return }
            }
        }
    }

    private mutating func scanIRI(
        _ node: Node, _ window: RawSpan, _ at: Int, _ count: Int, _ offset: UInt64
    ) {
        for index in 0..<count {
            let place = offset &+ UInt64(index)
            let (isGood, character) = string.utf8.next(window.octet(at: at + index), offset: place)
            guard isGood else { return utf8Fault(string.utf8.characterStart) }
            guard let character else { continue }
            let start = character < 0x80 ? place : string.utf8.characterStart
            let isRelative = node.characters == .relativeIRI
            if let message = string.iri.take(character, isRelative: isRelative) {
                string.isFaulty = true
                return fault(.iri, string.element, at: start, message)
            }
        }
    }

    private mutating func scanSingle(
        _ node: Node, _ window: RawSpan, _ at: Int, _ count: Int, _ offset: UInt64
    ) {
        let detail = Int(node.detail)
        let allowed = program.details[detail].lowCharacters
        for index in 0..<count where !allowed.contains(window.octet(at: at + index)) {
            _ = allows(node, UInt32(window.octet(at: at + index)), offset &+ UInt64(index))
            return
        }
    }

    private mutating func scanWide(
        _ node: Node, _ width: UInt8, _ window: RawSpan, _ at: Int, _ count: Int, _ offset: UInt64
    ) {
        for index in 0..<count {
            if string.partialCount == 0 { string.partialStart = offset &+ UInt64(index) }
            string.partial = string.partial << 8 | UInt32(window.octet(at: at + index))
            string.partialCount += 1
            guard string.partialCount == width else { continue }
            let character = string.partial
            string.partial = 0
            string.partialCount = 0
            if character > 0x10ffff || (0xd800...0xdfff).contains(character) && width == 4 {
                string.isFaulty = true
                return fault(
                    .character, string.element, at: string.partialStart,
                    "\(String(character, radix: 16)) is no character")
            }
            if node.flags.contains(.hasAlphabet), !allows(node, character, string.partialStart) {
                return
            }
        }
    }

    /// Whether FROM and the type have a character; tells it if not.
    private mutating func allows(_ node: Node, _ character: UInt32, _ at: UInt64) -> Bool {
        let detail = Int(node.detail)
        if character < 256 {
            if program.details[detail].lowCharacters.contains(UInt8(truncatingIfNeeded: character))
            {
                return true
            }
        } else {
            for range in program.details[detail].characterRanges where range.contains(character) {
                return true
            }
        }
        string.isFaulty = true
        alphabetFault(character, at)
        return false
    }
}
