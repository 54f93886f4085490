internal import ByteIO

/// What the listener hears.
///
/// A CHOICE is an event of its own around its alternative. Explicit tags and strings that contain a
/// value are none: what is inside takes their name.
extension Machine where Listener: ~Copyable {
    /// The name that the innermost frame gives to the element in it.
    private var positionName: (name: Int32, isElement: Bool) {
        switch frame.kind {
        case .sequence, .set:
            guard frame.current >= 0 else { return (-1, false) }
            return (components[Int(nodes[Int(frame.node)].first + frame.current)].name, false)
        case .list: return (-1, true)
        case .wrapper, .contents: return (frame.name, frame.isElement)
        default: return (-1, false)
        }
    }

    /// Tells the choices that lead to an element, then the element itself.
    /// - Parameter kind: `nil` if what is inside is the value.
    mutating func tellBegin(
        _ element: Element, _ kind: ValueEvent.Kind?
    ) throws(ByteIOError) {
        var (name, isElement) = positionName
        let index = isElement ? listIndex : 0
        var isOpen = frame.kind == .contents
        var current = element.entry
        toldChoices = 0
        for _ in 0..<nodes.count {
            let node = current >= 0 ? nodes[Int(current)] : nodes[Int(program.anyNode)]
            if node.shape == .any, current != element.leaf {
                let inner = resolve(current)
                if inner < 0 || inner == current { break }
                current = inner
                isOpen = true
                continue
            }
            guard node.shape == .choice else { break }
            let chosen = alternative(node, element.head.tag)
            guard chosen >= 0 else { break }
            var outer = event(.choice, current, name, isElement, element)
            outer.index = index
            outer.isOpen = isOpen
            try listener.begin(outer)
            toldChoices += 1
            name = components[Int(node.first + chosen)].name
            isElement = false
            isOpen = false
            current = components[Int(node.first + chosen)].node
        }
        toldName = name
        toldIsElement = isElement
        if let kind {
            told = event(kind, element.leaf, name, isElement, element)
            told.index = index
            told.isOpen = isOpen
            try listener.begin(told)
        }
    }

    /// Which element of the innermost list is read.
    private var listIndex: UInt64 {
        if frame.kind == .list { return frame.count &- 1 }
        for index in (0..<frames.count).reversed() where frames[index].kind == .list {
            return frames[index].count &- 1
        }
        return 0
    }

    private func event(
        _ kind: ValueEvent.Kind, _ node: Int32, _ name: Int32, _ isElement: Bool,
        _ element: Element
    ) -> ValueEvent {
        ValueEvent(
            kind: kind, node: node, name: name, offset: element.start, tag: element.head.tag,
            length: element.head.isIndefinite ? .max : element.head.length, isElement: isElement,
            depth: UInt32(clamping: frames.count))
    }

    /// A constructed element's frame has been opened: keeps what its end needs.
    mutating func keepTold() {
        frame.choices = toldChoices
        frame.name = toldName
        frame.isElement = toldIsElement
    }

    /// The innermost frame's value ends.
    mutating func tellClose() throws(ByteIOError) {
        guard frame.choices != Frame.untold else { return }
        let kind: ValueEvent.Kind?
        switch frame.kind {
        case .sequence, .set: kind = .structure
        case .list: kind = .list
        case .unknown: kind = .unknownConstructed
        default: kind = nil
        }
        let element = frameElement()
        if let kind {
            try listener.end(event(kind, frame.node, frame.name, frame.isElement, element))
        }
        try tellChoicesEnd(frame.choices, element)
    }

    private mutating func tellChoicesEnd(
        _ count: Int32, _ element: Element
    ) throws(ByteIOError) {
        for _ in 0..<count {
            try listener.end(event(.choice, -1, -1, false, element))
        }
    }

    mutating func tellSimple(_ element: Element, _ octets: RawSpan) throws(ByteIOError) {
        try listener.content(
            told, octets, isFirst: true, isLast: UInt64(octets.byteCount) == element.head.length)
    }

    mutating func tellContent(
        _ window: RawSpan, _ at: Int, _ count: Int, _ isEnd: Bool
    ) throws(ByteIOError) {
        try listener.content(
            told, window.extracting(at..<at + count), isFirst: false, isLast: isEnd)
    }

    mutating func tellEnd(_ element: Element) throws(ByteIOError) {
        try listener.end(told)
        try tellChoicesEnd(toldChoices, element)
    }

    mutating func tellStringEnd() throws(ByteIOError) {
        told.unusedBits = string.unused
        try tellEnd(string.element)
    }
}
