extension Machine where Listener: ~Copyable {
    // MARK: SEQUENCE

    /// An element that none of the components that may come next is.
    /// - Parameter stop: the component that is required there, or the number of components.
    /// - Returns: whether it is to be read as what `element` says now; otherwise it is passed over.
    @inline(never)
    mutating func unmatched(_ element: inout Element, stop: Int32, _ window: RawSpan) -> Bool {
        let node = nodes[Int(frame.node)]
        let tag = element.head.tag
        if hasTables, let open = closedOpenType(stop, node) {
            // It would take any tag, but its key names a type that has another one, or none.
            let component = components[Int(node.first + open)]
            frame.current = open
            frame.next = open + 1
            unexpected(element, entry: component.node)
            if !isFinished { pass(element) }
            return false
        }
        // A component that comes later: those between are missing.
        var later = stop + 1
        while later < node.count {
            let component = components[Int(node.first + later)]
            let leaf = select(component.node, tag, strictly: true)
            if leaf >= 0, nodes[Int(leaf)].shape != .any {
                let missing =
                    (stop..<later).first { position in
                        let flags = components[Int(node.first + position)].flags
                        return flags.contains(.isRequired) && !flags.contains(.isAddition)
                    } ?? stop
                missingComponent(missing, element: element)
                frame.current = later
                frame.next = later + 1
                element.entry = component.node
                element.leaf = leaf
                return !isFinished
            }
            later += 1
        }
        let wasEarlier = isEarlier(tag, node)
        if !wasEarlier {
            // A choice that later versions may extend.
            var position = frame.next
            while position <= stop, position < node.count {
                let component = components[Int(node.first + position)]
                if component.flags.contains(.asksNode), select(component.node, tag) >= 0 {
                    frame.current = position
                    frame.next = position + 1
                    element.entry = component.node
                    element.leaf = program.anyNode
                    return true
                }
                position += 1
            }
            // An addition that this version doesn't know (X.680 25.13).
            if node.flags.contains(.isExtensible), stop >= node.insertion {
                frame.current = -1
                element.entry = program.anyNode
                element.leaf = program.anyNode
                return true
            }
        }
        if stop < node.count {
            let component = components[Int(node.first + stop)]
            frame.current = stop
            frame.next = stop + 1
            unexpected(element, entry: component.node)
        } else if frame.next < node.count {
            frame.current = -1
            fault(
                .unexpectedTag, element, at: element.start,
                "\(tag.longText) is none of the components that may come here",
                found: tag.longText, allowed: allowedTags(from: frame.next, through: node.count - 1)
            )
        } else {
            frame.current = -1
            let name = preview(element, window).map { ": this one begins with \($0)" } ?? ""
            fault(
                .extraComponent, element, at: element.start,
                "\(typeName(frame.node)) has no more components\(name)",
                found: tag.longText, rule: program.detail(frame.node).place)
        }
        if !isFinished { pass(element) }
        return false
    }

    /// The open type that may come next and has no type by its table that the element could be.
    private func closedOpenType(_ stop: Int32, _ node: Node) -> Int32? {
        var position = frame.next
        while position <= stop, position < node.count {
            let inner = nodes[Int(components[Int(node.first + position)].node)]
            if inner.shape == .any, inner.flags.contains(.hasTable) { return position }
            position += 1
        }
        return nil
    }

    private mutating func isEarlier(_ tag: TagKey, _ node: Node) -> Bool {
        var position: Int32 = 0
        while position < min(frame.next, node.count) {
            let component = components[Int(node.first + position)]
            if component.tag == tag { return true }
            if component.flags.contains(.asksNode) {
                let leaf = select(component.node, tag, strictly: true)
                if leaf >= 0, nodes[Int(leaf)].shape != .any { return true }
            }
            position += 1
        }
        return false
    }

    /// Extension additions that were left out though a later one of the same version, or of a later
    /// version, is there (X.680 25.11).
    @inline(never)
    mutating func checkSkipped(_ next: Int32, _ element: Element) {
        let node = nodes[Int(frame.node)]
        let isAddition = components[Int(node.first + next)].flags.contains(.isAddition)
        var position = frame.next
        while position < next {
            let component = components[Int(node.first + position)]
            if component.flags.contains(.isRequired), component.flags.contains(.isAddition),
                isAddition || component.group >= 0 && component.group == frame.group
            {
                missingComponent(position, element: element)
                if isFinished { return }
            }
            position += 1
        }
    }

    /// The end of a SEQUENCE with components left.
    @inline(never)
    mutating func checkEnd(_ node: Node) {
        var position = frame.next
        while position < node.count {
            let component = components[Int(node.first + position)]
            if component.flags.contains(.isRequired),
                !component.flags.contains(.isAddition)
                    || component.group >= 0 && component.group == frame.group
            {
                missingComponent(position, element: nil)
                if isFinished { return }
            }
            position += 1
        }
        frame.current = -1
    }

    // MARK: SET

    /// - Returns: whether the element is to be read.
    @inline(never)
    mutating func placeInSet(_ element: inout Element) -> Bool {
        let node = nodes[Int(frame.node)]
        let tag = element.head.tag
        let index = alternative(node, tag)
        guard index >= 0 else {
            frame.current = -1
            isRepeated = false
            // A choice that later versions may extend, or an addition.
            var position: Int32 = 0
            while position < node.count {
                let component = components[Int(node.first + position)]
                if component.flags.contains(.asksNode), select(component.node, tag) >= 0 {
                    isRepeated = isMarked(position)
                    mark(position)
                    frame.current = position
                    element.entry = component.node
                    element.leaf = program.anyNode
                    return true
                }
                position += 1
            }
            if node.flags.contains(.isExtensible) {
                element.entry = program.anyNode
                element.leaf = program.anyNode
                return true
            }
            fault(
                .unexpectedTag, element, at: element.start,
                "\(tag.longText) is no component of \(typeName(frame.node))",
                found: tag.longText, allowed: allowedTags(from: 0, through: node.count - 1),
                rule: program.detail(frame.node).place)
            if !isFinished { pass(element) }
            return false
        }
        let component = components[Int(node.first + index)]
        frame.current = index
        element.entry = component.node
        element.leaf = select(component.node, tag)
        if isCanonical {
            // By CER an untagged CHOICE stands where its smallest tag would (X.690 9.3).
            let inner = nodes[Int(component.node)]
            let order =
                rules == .cer && inner.shape == .choice && inner.tableCount > 0
                ? dispatch[Int(inner.table)].tag.bits : tag.bits
            if frame.lastTag > order {
                fault(
                    .componentOrder, element, at: element.start,
                    "the components of a SET stand in the order of their tags by \(rulesName)")
                if isFinished { return false }
            }
            frame.lastTag = order
        }
        isRepeated = isMarked(index)
        if isRepeated {
            fault(
                .duplicateComponent, element, at: element.start,
                "\(program.names[Int(component.name)]) is there twice")
            if isFinished { return false }
        }
        if component.flags.contains(.isAbsent) {
            forbidden(element, component)
            if isFinished { return false }
        }
        mark(index)
        if element.leaf < 0 {
            unexpected(element, entry: component.node)
            if !isFinished { pass(element) }
            return false
        }
        return true
    }

    private mutating func mark(_ index: Int32) {
        if index < 64 {
            frame.count |= 1 << UInt64(index)
        } else if frame.masks >= 0 {
            masks[Int(frame.masks) + Int(index) / 64 - 1] |= 1 << UInt64(index % 64)
        }
    }

    /// Takes back what `placeInSet` entered, before the frame is restored.
    mutating func unmark(_ index: Int32) {
        guard index >= 64, frame.masks >= 0 else { return }
        masks[Int(frame.masks) + Int(index) / 64 - 1] &= ~(1 << UInt64(index % 64))
    }

    private func isMarked(_ index: Int32) -> Bool {
        if index < 64 { return frame.count & 1 << UInt64(index) != 0 }
        guard frame.masks >= 0 else { return false }
        return masks[Int(frame.masks) + Int(index) / 64 - 1] & 1 << UInt64(index % 64) != 0
    }

    @inline(never)
    mutating func checkSetEnd(_ node: Node) {
        if node.count <= 64, node.required & ~frame.count == 0,
            !node.flags.contains(.isExtensible)
        {
            return
        }
        for position in 0..<node.count where !isMarked(position) {
            let component = components[Int(node.first + position)]
            guard component.flags.contains(.isRequired) else { continue }
            if component.flags.contains(.isAddition) {
                // Its brackets are there in part.
                let others = 0..<node.count
                guard component.group >= 0,
                    others.contains(where: {
                        components[Int(node.first + $0)].group == component.group && isMarked($0)
                    })
                else { continue }
            }
            missingComponent(position, element: nil)
            if isFinished { return }
        }
        frame.current = -1
    }

    // MARK: Other ends

    @inline(__always)
    mutating func checkCount(_ node: Node) {
        if node.flags.contains(.hasOneSize), frame.count >= node.sizeLower,
            frame.count <= node.sizeUpper
        {
            return
        }
        for range in program.details[Int(node.detail)].sizeRanges
        where range.contains(frame.count) { return }
        sizeFault(frameElement(), frame.count, "elements")
    }

    @inline(__always)
    mutating func checkSize(_ element: Element, _ node: Node, _ size: UInt64) {
        if node.flags.contains(.hasOneSize), size >= node.sizeLower, size <= node.sizeUpper {
            return
        }
        checkSizes(element, node, size)
    }

    @inline(never)
    private mutating func checkSizes(_ element: Element, _ node: Node, _ size: UInt64) {
        for range in program.details[Int(node.detail)].sizeRanges where range.contains(size) {
            return
        }
        let unit: String
        switch node.shape {
        case .bitString: unit = "bits"
        case .octetString: unit = "bytes"
        default: unit = "characters"
        }
        sizeFault(element, size, unit)
    }

    /// What an explicit tag or a CONTAINING string must hold is not there.
    @inline(never)
    mutating func checkEmpty() {
        let inner = nodes[Int(frame.node)].first
        fault(
            .missingComponent, frameElement(), at: frame.start,
            "\(typeName(inner)) is missing: nothing is inside",
            allowed: tags(of: inner), isAtFrame: true)
    }

    /// The innermost frame's own element.
    func frameElement() -> Element {
        var element = Element(start: frame.start)
        element.head.tag = frame.tag
        element.head.size = Int(frame.headSize)
        element.head.tagSize = Int(frame.tagSize)
        element.head.isIndefinite = frame.isIndefinite
        element.head.isConstructed = true
        element.head.length =
            frame.isIndefinite ? 0 : frame.end &- frame.start &- UInt64(frame.headSize)
        element.entry = frame.entry
        element.leaf = frame.node
        return element
    }
}
