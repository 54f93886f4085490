internal import ByteIO

/// Faults of the framing: identifier, length and end-of-contents octets.
extension Machine where Listener: ~Copyable {
    /// A head that can't be read.
    /// - Returns: what is needed, if the window ends inside it.
    @inline(never)
    mutating func headProblem(
        _ head: ElementHeader, _ position: UInt64, _ available: Int, _ count: Int
    ) -> Want? {
        var element = Element(start: position)
        let at = position &+ UInt64(head.problemAt)
        switch head.problem {
        case .none: return nil
        case .incomplete:
            if cursor + available < count
                || !frame.isIndefinite && frame.kind != .root
                    && UInt64(available) == frame.end &- position
            {
                // The element around it has no room for the rest of the head.
                expect(&element, head)
                framingFault(
                    .lengthOverrunsParent, element, at: position,
                    "the head of an element doesn't fit the element around it")
                return nil
            }
            guard isLast else { return .octets(available + 1) }
            expect(&element, head)
            endOfInput(element, at: position &+ UInt64(available), hasHead: available > 0)
            return nil
        case .lengthReserved:
            place(&element, head)
            framingFault(.lengthReserved, element, at: at, "a length octet of ff is reserved")
        case .lengthTooLarge:
            place(&element, head)
            framingFault(
                .lengthOverrunsParent, element, at: at,
                "the length is above what any input holds")
        case .tagPadding:
            expect(&element, head)
            framingFault(.tagPadding, element, at: at, "a tag number begins with a zero digit")
        case .tagNotLowForm:
            expect(&element, head)
            framingFault(
                .tagNotLowForm, element, at: at, "a tag number below 31 is in the long form")
        case .tagTooLong:
            expect(&element, head)
            framingFault(
                .tagTooLong, element, at: at,
                "a tag of more than \(ElementHeader.tagOctetLimit) octets")
        }
        return nil
    }

    /// Where the path of an element leads whose tag can't be read: to the component that must come.
    private mutating func expect(_ element: inout Element, _ head: ElementHeader) {
        if head.tag != .none { return place(&element, head) }
        switch frame.kind {
        case .list: frame.count &+= 1
        case .sequence:
            let node = nodes[Int(frame.node)]
            var next = frame.next
            while next < node.count {
                let flags = components[Int(node.first + next)].flags
                if flags.contains(.isRequired), !flags.contains(.isAddition) { break }
                next += 1
            }
            frame.current = next < node.count ? next : -1
        default: break
        }
    }

    /// Where the path of an element leads whose tag is known, but whose length is at fault.
    mutating func place(_ element: inout Element, _ head: ElementHeader) {
        element.head = head
        let tag = head.tag
        switch frame.kind {
        case .list:
            frame.count &+= 1
            element.entry = nodes[Int(frame.node)].first
        case .sequence, .set:
            let node = nodes[Int(frame.node)]
            var next = frame.kind == .set ? 0 : frame.next
            frame.current = -1
            while next < node.count {
                let component = components[Int(node.first + next)]
                if component.tag == tag
                    || component.flags.contains(.asksNode)
                        && select(component.node, tag) >= 0
                {
                    frame.current = next
                    element.entry = component.node
                    break
                }
                next += 1
            }
        case .wrapper, .contents: element.entry = nodes[Int(frame.node)].first
        case .root: element.entry = frame.node
        case .unknown, .segments: break
        }
        if element.entry >= 0 { element.leaf = max(select(element.entry, tag), -1) }
    }

    /// A length that the element around it has no room for.
    @inline(never)
    mutating func overrun(_ found: Element) {
        var element = Element(start: found.start)
        place(&element, found.head)
        let left = frame.end &- min(element.contentStart, frame.end)
        framingFault(
            .lengthOverrunsParent, element, at: element.lengthStart,
            "it wants \(element.head.length) octets, the element around it has \(left) left")
    }

    @inline(never)
    mutating func endOfContentsFault(_ element: Element) {
        if frame.isIndefinite {
            framingFault(
                .endOfContentsLength, element, at: element.lengthStart,
                "end-of-contents is two octets of zero", isAtFrame: true)
        } else {
            framingFault(
                .unexpectedEndOfContents, element, at: element.start,
                "end-of-contents where no indefinite length is open", isAtFrame: true)
        }
    }

    /// Framing that CER and DER don't allow, but that can be read.
    @inline(never)
    mutating func checkFraming(_ found: Element) {
        let head = found.head
        let code: ValidationCode
        let message: String
        if head.isIndefinite, rules == .der {
            code = .indefiniteForbidden
            message = "DER has definite lengths only"
        } else if head.isConstructed, !head.isIndefinite, rules == .cer {
            code = .definiteForbidden
            message = "constructed elements are of indefinite length by CER"
        } else if !head.isIndefinite, !head.isMinimal {
            code = .lengthNotMinimal
            message = "the length has octets more than needed"
        } else {
            return
        }
        let saved = frame
        var element = Element(start: found.start)
        place(&element, head)
        fault(code, element, at: element.lengthStart, message)
        frame = saved
    }

    /// Broken framing: reading goes on behind the innermost element around it that has a definite
    /// length; without one it ends.
    @inline(never)
    mutating func framingFault(
        _ code: ValidationCode, _ element: Element, at: UInt64, _ message: String,
        isFatal: Bool = false, isAtFrame: Bool = false
    ) {
        var depth = frames.count
        var found = frame
        while found.isIndefinite || found.kind == .root {
            guard depth > 0 else { break }
            depth -= 1
            found = frames[depth]
        }
        let canGoOn = !isFatal && !found.isIndefinite && found.kind != .root
        fault(
            code, element, at: at,
            canGoOn
                ? message
                : message + ": nothing behind it can be told apart", isRecovered: canGoOn,
            isAtFrame: isAtFrame)
        guard canGoOn, !isFinished else {
            isFinished = true
            return
        }
        while frames.count > depth { pop() }
        // What is left of it isn't looked at, and what it lacks isn't asked for.
        frame.kind = .unknown
        let left = found.end &- (base &+ UInt64(cursor))
        pending = .skipped
        pendingLeft = left
        pendingElement = frameElement()
    }

    // MARK: The end of the input

    /// The input ends between elements, or in an element's head.
    @inline(never)
    mutating func endOfInput(_ element: Element, at: UInt64, hasHead: Bool) {
        let wants: String
        if frame.kind == .root {
            wants = hasHead ? "in an element's head" : "before \(program.typeName)"
        } else if frame.isIndefinite {
            wants = "in \(describe(frameElement())), which end-of-contents has yet to end"
        } else {
            let left = frame.end &- at
            wants = "in \(describe(frameElement())), which wants \(left) octets more"
        }
        fault(
            .truncated, element, at: at, "the input ends \(wants)", isRecovered: false,
            isAtFrame: !hasHead && frame.kind != .root)
        isFinished = true
    }

    /// The input ends in the content of a primitive element.
    @inline(never)
    mutating func truncated() {
        let element = pendingElement
        let end = base &+ UInt64(cursor)
        fault(
            .truncated, element, at: end,
            "the input ends in \(describe(element)), which wants \(pendingLeft) octets more",
            isRecovered: false)
        isFinished = true
    }

    func describe(_ element: Element) -> String {
        let name = typeName(element.leaf)
        return name.isEmpty
            ? "the element at \(Hex.offset(element.start))"
            : "\(name) at \(Hex.offset(element.start))"
    }
}
