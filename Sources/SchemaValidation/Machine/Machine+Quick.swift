internal import ByteIO

/// The way most elements go: heads of a few octets, types that the tag tells at once, nothing wrong.
/// What is not so is left untouched for the other code, which says everything there is to say.
///
/// All that is known of the element stays in registers, as it is in no value that is handed on.
extension Machine where Listener: ~Copyable {
    /// Octets behind the cursor below which the window's end is too near for it.
    private static var margin: Int { 32 }
    /// Nodes with these are for the other code.
    private static var unusual: Node.Flags { [.isHeld, .isKey, .isAnchor, .contains] }

    /// What the tag has led to.
    private struct Choice {
        /// Where the search began, and where it ended.
        var entry: Int32
        var leaf: Int32
        var name: Int32
        /// The alternative's name, if the way led through a CHOICE.
        var alternative: Int32 = -1
        var isChoice = false
    }

    /// Reads elements as long as they are common ones.
    @inline(__always)
    mutating func runQuickly(_ window: RawSpan) throws(ByteIOError) {
        while window.byteCount - cursor >= Self.margin, !isFinished {
            let position = base &+ UInt64(cursor)
            if position == frame.end, !frame.isIndefinite {
                guard frame.kind == .sequence || frame.kind == .list else { return }
                try close()
                continue
            }
            guard try readQuickly(window, position) else { return }
            elements &+= 1
            if pending != .none { return }
        }
    }

    /// - Returns: whether it was a common element; otherwise nothing has changed.
    @inline(__always)
    private mutating func readQuickly(
        _ window: RawSpan, _ position: UInt64
    ) throws(ByteIOError) -> Bool {
        guard let head = QuickHead.read(window, at: cursor),
            head.length <= frame.end &- position &- UInt64(head.size),
            UInt64(head.size) <= frame.end &- position
        else { return false }
        switch frame.kind {
        case .list:
            let entry = nodes[Int(frame.node)].first
            guard let found = choose(entry, head.tag, name: -1),
                try take(found, head, window, position, isElement: true, index: frame.count)
            else { return false }
            return true
        case .sequence:
            let parent = Int(frame.node)
            let first = nodes[parent].first
            let count = nodes[parent].count
            var next = frame.next
            while next < count {
                let place = Int(first + next)
                let flags = components[place].flags
                if let found = choose(components[place], head.tag) {
                    if flags.contains(.isAbsent)
                        || next > frame.next && nodes[parent].flags.contains(.isExtensible)
                    {
                        return false
                    }
                    let saved = (frame.next, frame.current, frame.group)
                    frame.next = next + 1
                    frame.current = next
                    frame.group = components[place].group
                    if try take(found, head, window, position, isElement: false, index: 0) {
                        return true
                    }
                    (frame.next, frame.current, frame.group) = saved
                    return false
                }
                if flags.contains(.isRequired), !flags.contains(.isAddition) { return false }
                next += 1
            }
            return false
        default: return false
        }
    }

    @inline(__always)
    private func choose(_ component: Component, _ tag: TagKey) -> Choice? {
        if component.tag == tag {
            return Choice(entry: component.node, leaf: component.node, name: component.name)
        }
        guard component.flags.contains(.asksNode) else { return nil }
        return choose(component.node, tag, name: component.name)
    }

    /// The type itself, or one behind a single CHOICE.
    @inline(__always)
    private func choose(_ entry: Int32, _ tag: TagKey, name: Int32) -> Choice? {
        if nodes[Int(entry)].tag == tag { return Choice(entry: entry, leaf: entry, name: name) }
        guard nodes[Int(entry)].shape == .choice, !hasHeldChoices else { return nil }
        var low = Int(nodes[Int(entry)].table)
        var high = low + Int(nodes[Int(entry)].tableCount)
        while high - low > 4 {
            let middle = (low + high) / 2
            if dispatch[middle].tag <= tag { low = middle } else { high = middle }
        }
        while low < high {
            if dispatch[low].tag == tag {
                let place = Int(nodes[Int(entry)].first + dispatch[low].component)
                let leaf = components[place].node
                guard nodes[Int(leaf)].tag == tag else { return nil }
                return Choice(
                    entry: entry, leaf: leaf, name: name, alternative: components[place].name,
                    isChoice: true)
            }
            low += 1
        }
        return nil
    }

    /// Takes an element by its type, if it obeys.
    @inline(__always)
    private mutating func take(
        _ found: Choice, _ head: QuickHead, _ window: RawSpan, _ position: UInt64, isElement: Bool,
        index: UInt64
    ) throws(ByteIOError) -> Bool {
        let leaf = Int(found.leaf)
        let flags = nodes[leaf].flags
        guard flags.isDisjoint(with: Self.unusual) else { return false }
        let at = cursor + head.size
        let kind: Frame.Kind
        switch nodes[leaf].shape {
        case .integer:
            guard !head.isConstructed, head.length &- 1 < 8 else { return false }
            // The margin has room for a head of 8 octets and 8 octets of content.
            let word: Int64 = window.bigEndian(at: at)
            if head.length > 1, word >> 55 == 0 || word >> 55 == -1 { return false }
            if flags.contains(.hasRange) {
                let value = word &>> Int64(64 &- 8 &* head.length)
                guard flags.contains(.hasOneRange), value >= nodes[leaf].rangeLower,
                    value <= nodes[leaf].rangeUpper
                else { return false }
            }
            try tell(found, head, window, position, isElement, index)
            return true
        case .octetString:
            guard !head.isConstructed,
                head.length <= UInt64(window.byteCount - cursor - head.size)
            else { return false }
            if flags.contains(.hasSize) {
                guard flags.contains(.hasOneSize), head.length >= nodes[leaf].sizeLower,
                    head.length <= nodes[leaf].sizeUpper
                else { return false }
            }
            try tell(found, head, window, position, isElement, index)
            return true
        case .null:
            guard !head.isConstructed, head.length == 0 else { return false }
            try tell(found, head, window, position, isElement, index)
            return true
        case .boolean:
            // Both values are allowed.
            guard !head.isConstructed, head.length == 1, !flags.contains(.hasRange) else {
                return false
            }
            let detail = Int(nodes[leaf].detail)
            guard detail < 0 || program.details[detail].booleans == 3 else { return false }
            try tell(found, head, window, position, isElement, index)
            return true
        case .sequence: kind = .sequence
        case .sequenceOf, .setOf: kind = .list
        default: return false
        }
        guard head.isConstructed, frames.count < limits.depth else { return false }
        if isElement { frame.count &+= 1 }
        if Listener.wantsEvents {
            try tellBegin(
                found, head, position, isElement, index, kind == .list ? .list : .structure)
        }
        cursor = at
        frames.push(
            Frame(
                kind: kind, headSize: UInt8(truncatingIfNeeded: head.size),
                tagSize: UInt8(truncatingIfNeeded: head.tagSize), node: found.leaf,
                entry: found.entry, choices: found.isChoice ? 1 : 0,
                name: found.isChoice ? found.alternative : found.name,
                isElement: !found.isChoice && isElement, tag: head.tag, start: position,
                end: position &+ UInt64(head.size) &+ head.length))
        return true
    }

    // MARK: Events

    /// A simple value that is at hand whole, and moves the cursor behind it.
    @inline(__always)
    private mutating func tell(
        _ found: Choice, _ head: QuickHead, _ window: RawSpan, _ position: UInt64,
        _ isElement: Bool, _ index: UInt64
    ) throws(ByteIOError) {
        if isElement { frame.count &+= 1 }
        let at = cursor + head.size
        let end = at + Int(head.length)
        cursor = end
        guard Listener.wantsEvents else { return }
        var isInner = isElement
        if found.isChoice {
            try listener.begin(
                event(.choice, found.entry, found.name, head, position, isElement, index))
            isInner = false
        }
        let name = found.isChoice ? found.alternative : found.name
        try listener.simple(
            event(.simple, found.leaf, name, head, position, isInner, index),
            window.extracting(at..<end))
        if found.isChoice {
            try listener.end(event(.choice, -1, -1, head, position, false, 0))
        }
    }

    @inline(__always)
    private mutating func tellBegin(
        _ found: Choice, _ head: QuickHead, _ position: UInt64, _ isElement: Bool, _ index: UInt64,
        _ kind: ValueEvent.Kind
    ) throws(ByteIOError) {
        var isInner = isElement
        if found.isChoice {
            try listener.begin(
                event(.choice, found.entry, found.name, head, position, isElement, index))
            isInner = false
        }
        let name = found.isChoice ? found.alternative : found.name
        try listener.begin(event(kind, found.leaf, name, head, position, isInner, index))
    }

    @inline(__always)
    private func event(
        _ kind: ValueEvent.Kind, _ node: Int32, _ name: Int32, _ head: QuickHead,
        _ position: UInt64, _ isElement: Bool, _ index: UInt64
    ) -> ValueEvent {
        ValueEvent(
            kind: kind, node: node, name: name, offset: position, tag: head.tag,
            length: head.length, isElement: isElement, index: index,
            depth: UInt32(clamping: frames.count))
    }
}
