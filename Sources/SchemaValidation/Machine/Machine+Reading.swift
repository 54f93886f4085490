internal import BER
internal import ByteIO

extension Machine where Listener: ~Copyable {
    /// Reads an element whose type is known: opens it, or takes its value.
    /// - Returns: what is needed first.
    @inline(__always)
    mutating func read(
        _ element: Element, _ window: RawSpan
    ) throws(ByteIOError) -> Want? {
        let node = nodes[Int(element.leaf)]
        if !node.flags.isDisjoint(with: [.isHeld, .isKey]) || isCanonical
            || hasHeldChoices && element.entry != element.leaf
        {
            if let want = hold(element, node, window) { return want }
            if isFinished { return nil }
        }
        switch node.shape {
        case .octetString:
            if !element.head.isConstructed, !node.flags.contains(.contains),
                !Listener.wantsEvents, !isCanonical
            {
                // What most of a migration stream is: only its size matters.
                if node.flags.contains(.hasSize) { checkSize(element, node, element.head.length) }
                let (total, overflow) = element.head.length.addingReportingOverflow(
                    UInt64(element.head.size))
                if !overflow, total <= UInt64(window.byteCount - cursor) {
                    cursor += Int(total)
                } else {
                    beginPending(.skipped, element, element.head.length)
                }
                return nil
            }
            return try string(element, node, window)
        case .integer, .enumerated, .boolean, .null, .objectIdentifier, .relativeOID, .real:
            return try simple(element, node, window)
        case .characterString, .bitString: return try string(element, node, window)
        case .sequence, .set, .sequenceOf, .setOf, .wrapper:
            guard element.head.isConstructed else {
                fault(
                    .form, element, at: element.start,
                    "\(typeName(element.leaf)) is constructed, this element is primitive")
                if !isFinished { pass(element) }
                return nil
            }
            try open(element, node)
            return nil
        case .any: return try unknown(element, window)
        case .choice:
            // Not reached: a choice leads to an alternative or to nothing.
            pass(element)
            return nil
        }
    }

    // MARK: Frames

    /// Opens a constructed element.
    @inline(__always)
    private mutating func open(_ element: Element, _ node: Node) throws(ByteIOError) {
        let kind: Frame.Kind
        switch node.shape {
        case .sequence: kind = .sequence
        case .set: kind = .set
        case .sequenceOf, .setOf: kind = .list
        default: kind = .wrapper
        }
        if Listener.wantsEvents {
            try tellBegin(
                element, kind == .wrapper ? nil : kind == .list ? .list : .structure)
        }
        guard push(kind, element) else { return }
        if Listener.wantsEvents { keepTold() }
        if node.flags.contains(.isAnchor) {
            frame.registers = Int32(clamping: registers.slotCount)
            frame.keyOctets = Int32(clamping: registers.octetCount)
            registers.open(Int(node.registers))
        }
        if kind == .set, node.count > 64 {
            frame.masks = Int32(clamping: masks.count)
            for _ in 0..<(Int(node.count) - 1) / 64 { masks.append(0) }
        }
    }

    /// Puts a frame for an element on the others. False if they are too many.
    @inline(__always)
    mutating func push(_ kind: Frame.Kind, _ element: Element) -> Bool {
        guard frames.count < limits.depth else {
            framingFault(
                .depth, element, at: element.start,
                "more than \(limits.depth) elements stand inside each other", isFatal: true)
            return false
        }
        let head = element.head
        let start = element.contentStart
        let end = head.isIndefinite ? frame.end : start &+ head.length
        cursor += head.size
        frames.push(
            Frame(
                kind: kind, isIndefinite: head.isIndefinite,
                headSize: UInt8(truncatingIfNeeded: head.size),
                tagSize: UInt8(truncatingIfNeeded: head.tagSize), node: element.leaf,
                entry: element.entry, tag: head.tag, start: element.start, end: end))
        return true
    }

    /// Ends the innermost frame: what must have been in it is checked.
    @inline(__always)
    mutating func close() throws(ByteIOError) {
        let node = nodes[Int(frame.node)]
        switch frame.kind {
        case .sequence:
            if frame.next < node.count { checkEnd(node) }
        case .set: checkSetEnd(node)
        case .list:
            if node.flags.contains(.hasSize) { checkCount(node) }
        case .wrapper, .contents:
            if frame.count == 0 { checkEmpty() }
        case .segments:
            if frames.count == 0 || frames[frames.count - 1].kind != .segments {
                try finishSegments(node)
            }
        case .unknown, .root: break
        }
        if isFinished { return }
        if Listener.wantsEvents, frame.kind != .segments { try tellClose() }
        pop()
    }

    /// Leaves the innermost frame without looking.
    @inline(__always)
    mutating func pop() {
        if frame.registers >= 0 {
            registers.close(slots: Int(frame.registers), octets: Int(frame.keyOctets))
        }
        if frame.masks >= 0 { masks.removeLast(max(0, masks.count - Int(frame.masks))) }
        frames.pop()
    }

    /// Passes over an element without looking into it, if its length is known.
    mutating func pass(_ element: Element) {
        if element.head.isIndefinite {
            var unknown = element
            unknown.leaf = program.anyNode
            // Its beginning has not been told, so its end must not be either.
            if push(.unknown, unknown) { frame.choices = Frame.untold }
        } else {
            beginPending(.skipped, element, element.head.length)
        }
    }

    // MARK: Content that need not be in the window

    mutating func beginPending(_ kind: Pending, _ element: Element, _ count: UInt64) {
        cursor += element.head.size
        pending = kind
        pendingLeft = count
        pendingElement = element
    }

    /// Goes on with the content of the current element.
    mutating func passContent(_ window: RawSpan) throws(ByteIOError) -> Want? {
        let there = window.byteCount - cursor
        let count = Int(min(UInt64(there), pendingLeft))
        let isEnd = UInt64(count) == pendingLeft
        switch pending {
        case .skipped:
            if pendingLeft > UInt64(there) {
                cursor += count
                pendingLeft -= UInt64(count)
                if isLast {
                    truncated()
                    return nil
                }
                return .skip(pendingLeft)
            }
        case .text: scan(window, cursor, count)
        case .told, .none: break
        }
        if Listener.wantsEvents, pending != .skipped {
            try tellContent(window, cursor, count, isEnd)
        }
        cursor += count
        pendingLeft -= UInt64(count)
        guard isEnd else {
            if isLast {
                truncated()
                return nil
            }
            return .octets(1)
        }
        let wasText = pending == .text
        let wasTold = pending == .told
        pending = .none
        if wasText { try finishPiece() }
        if wasTold, Listener.wantsEvents { try tellEnd(pendingElement) }
        return nil
    }
}
