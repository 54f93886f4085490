internal import BER
internal import ByteIO

/// The interpreter: one pass over BER with a program's types.
///
/// It is handed windows of the input one after another and keeps nothing of them: what is open
/// lies in `frames`, on the heap, so that nesting costs no stack. It can stop at any element and go
/// on in the next window.
struct Machine<Listener: ValueListener & ~Copyable>: ~Copyable {
    /// What it needs to go on.
    enum Want {
        /// That many octets in the window, from the cursor on.
        case octets(Int)
        /// That many octets passed over, which nobody needs to look at.
        case skip(UInt64)
        /// Nothing: the pass is over.
        case nothing
    }

    /// What is being done with the content of the current primitive element.
    enum Pending: UInt8 {
        case none
        /// Not looked at.
        case skipped
        /// Part of the string that `string` tells of.
        case text
        /// Counted and told to the listener.
        case told
    }

    let program: ValidationProgram
    let nodes: [Node]
    let components: [Component]
    let dispatch: [Dispatch]
    let limits: ValidationLimits
    let isCanonical: Bool
    /// Nothing but the element itself decides about it: see `runQuickly`.
    let isQuick: Bool
    /// Some constraint needs the whole value of a CHOICE.
    let hasHeldChoices: Bool
    /// There are open types whose type an object set decides.
    let hasTables: Bool
    /// The component of a SET that was placed last had been there before.
    var isRepeated = false
    let rules: ValueRules
    /// Several values one after another.
    let isSequence: Bool
    var listener: Listener
    var frames: FrameStack
    /// The innermost of them.
    var frame: Frame {
        @inline(__always)
        _read { yield frames.top }
        @inline(__always)
        _modify { yield &frames.top }
    }
    var masks: [UInt64] = []
    var registers = KeyRegisters()
    var string = StringState()
    var pending = Pending.none
    var pendingLeft: UInt64 = 0
    var pendingElement: Element
    var findings: [Finding] = []
    var errorCount = 0
    var isFinished = false
    /// Where the window begins in the input, and where in the window the next element does.
    var base: UInt64 = 0
    var cursor = 0
    var isLast = false
    var elements: UInt64 = 0
    /// What the listener was told last.
    var told = ValueEvent(
        kind: .simple, node: -1, name: -1, offset: 0, tag: .none, length: 0, isElement: false,
        depth: 0)
    var toldChoices: Int32 = 0
    var toldName: Int32 = -1
    var toldIsElement = false
    /// Octets that were looked at more than once.
    var heldWork: UInt64 = 0
    /// Octets for values that come in segments and are looked at whole.
    var scratch: [UInt8] = []

    init(
        _ program: ValidationProgram, root: Int32, limits: ValidationLimits, isSequence: Bool,
        start: UInt64 = 0, end: UInt64 = .max, rules: ValueRules? = nil,
        listener: consuming Listener
    ) {
        self.program = program
        nodes = program.nodes
        components = program.components
        dispatch = program.dispatch
        self.limits = limits
        self.rules = rules ?? program.rules
        isCanonical = (rules ?? program.rules).isCanonical
        hasTables = !program.captures.isEmpty
        // Not by the properties: what reads them here makes the compiler take them for set already.
        isQuick = !(rules ?? program.rules).isCanonical && program.captures.isEmpty
        hasHeldChoices = program.hasHeldChoices
        self.isSequence = isSequence
        self.listener = listener
        frames = FrameStack(
            Frame(kind: .root, node: root, entry: root, tag: .none, start: start, end: end))
        pendingElement = Element(start: start)
        scratch.reserveCapacity(limits.timeOctets)
    }

    /// Reads on in a window.
    /// - Parameters:
    ///   - base: where it begins in the input.
    ///   - isLast: whether nothing follows it.
    mutating func run(
        _ window: RawSpan, base: UInt64, isLast: Bool
    ) throws(ByteIOError) -> Want {
        self.base = base
        self.isLast = isLast
        cursor = 0
        while !isFinished {
            if pending != .none {
                if let want = try passContent(window) { return want }
                continue
            }
            if isQuick { try runQuickly(window) }
            let position = base &+ UInt64(cursor)
            let count = window.byteCount
            if position == frame.end, !frame.isIndefinite {
                if frame.kind == .root { return finishInput() }
                try close()
                continue
            }
            if frame.kind == .root {
                if cursor == count, !isLast { return .octets(1) }
                if cursor == count, frame.count > 0 { return finishInput() }
                if frame.count > 0, !isSequence {
                    fault(
                        .trailingData, Element(start: position), at: position,
                        "there is more behind the end of the value", isRecovered: false)
                    return finishInput()
                }
            }
            let available = Int(min(UInt64(count - cursor), frame.end &- position))
            let head = ElementHeader.read(window, at: cursor, available: available)
            if head.problem != .none {
                if let want = headProblem(head, position, available, count) { return want }
                continue
            }
            var element = Element(start: position)
            element.head = head
            guard head.tag != .endOfContents else {
                if frame.isIndefinite, head.size == 2, head.length == 0, !head.isConstructed,
                    !head.isIndefinite
                {
                    cursor += 2
                    try close()
                } else {
                    endOfContentsFault(element)
                }
                continue
            }
            if head.isIndefinite {
                guard head.isConstructed else {
                    place(&element, head)
                    framingFault(
                        .indefinitePrimitive, element, at: position &+ UInt64(head.tagSize),
                        "a primitive element can't be of indefinite length")
                    continue
                }
            } else if head.length > frame.end &- position &- UInt64(head.size)
                || UInt64(head.size) > frame.end &- position
            {
                overrun(element)
                continue
            }
            let findingCount = findings.count
            let errors = errorCount
            if isCanonical { checkFraming(element) }
            if let want = try place(&element, window) {
                // It is looked at again, from the start, when the octets are there.
                findings.removeLast(findings.count - findingCount)
                errorCount = errors
                isFinished = false
                return want
            }
            elements &+= 1
        }
        return .nothing
    }

    private mutating func finishInput() -> Want {
        isFinished = true
        return .nothing
    }

    /// Takes octets as passed over that a `skip` asked for.
    mutating func skipped(_ count: UInt64) {
        pendingLeft -= min(count, pendingLeft)
    }

    // MARK: Placing an element

    /// Finds what an element is, and reads it.
    /// - Returns: what is needed before it can be read; nothing has changed then.
    @inline(__always)
    private mutating func place(
        _ element: inout Element, _ window: RawSpan
    ) throws(ByteIOError) -> Want? {
        let tag = element.head.tag
        if hasTables, let want = findKeys(element, window) { return want }
        switch frame.kind {
        case .list:
            element.entry = nodes[Int(frame.node)].first
            element.leaf = select(element.entry, tag)
            if element.leaf < 0 {
                frame.count &+= 1
                unexpected(element, entry: element.entry)
                frame.count &-= 1
                if isFinished { return nil }
                frame.count &+= 1
                pass(element)
                return nil
            }
            let before = frame.count
            frame.count &+= 1
            if let want = try read(element, window) {
                frame.count = before
                return want
            }
        case .sequence:
            let node = nodes[Int(frame.node)]
            var next = frame.next
            let (savedNext, savedCurrent, savedGroup) = (frame.next, frame.current, frame.group)
            var found = false
            while next < node.count {
                let component = components[Int(node.first + next)]
                if component.tag == tag {
                    element.entry = component.node
                    element.leaf = component.node
                    found = true
                    break
                }
                if component.flags.contains(.asksNode) {
                    let leaf = select(component.node, tag, strictly: true)
                    if leaf >= 0 {
                        element.entry = component.node
                        element.leaf = leaf
                        found = true
                        break
                    }
                }
                if component.flags.contains(.isRequired),
                    !component.flags.contains(.isAddition)
                {
                    break
                }
                next += 1
            }
            if found {
                let component = components[Int(node.first + next)]
                if next > frame.next, node.flags.contains(.isExtensible) {
                    checkSkipped(next, element)
                }
                if component.flags.contains(.isAbsent) {
                    frame.current = next
                    forbidden(element, component)
                }
                frame.current = next
                frame.next = next + 1
                frame.group = component.group
            } else {
                if let want = previewWant(element, window) { return want }
                if !unmatched(&element, stop: next, window) { return nil }
            }
            if isFinished { return nil }
            var want = capturing(element, window)
            if want == nil { want = try read(element, window) }
            if let want {
                frame.next = savedNext
                frame.current = savedCurrent
                frame.group = savedGroup
                return want
            }
        case .set:
            let saved = frame
            if !placeInSet(&element) { return nil }
            let (current, wasMarked) = (frame.current, isRepeated)
            var want = capturing(element, window)
            if want == nil { want = try read(element, window) }
            if let want {
                if current >= 0, !wasMarked { unmark(current) }
                frame = saved
                return want
            }
        case .wrapper, .contents, .root:
            if frame.count > 0, frame.kind != .root {
                fault(
                    .extraComponent, element, at: element.start,
                    frame.kind == .contents
                        ? "the contents end before this element"
                        : "an explicit tag holds one element only")
                if isFinished { return nil }
                pass(element)
                return nil
            }
            element.entry = frame.kind == .root ? frame.node : nodes[Int(frame.node)].first
            element.leaf = select(element.entry, tag)
            if element.leaf < 0 {
                unexpected(element, entry: element.entry)
                if isFinished { return nil }
                frame.count &+= 1
                pass(element)
                return nil
            }
            let before = frame.count
            frame.count &+= 1
            if let want = try read(element, window) {
                frame.count = before
                return want
            }
        case .unknown:
            element.entry = program.anyNode
            element.leaf = program.anyNode
            return try read(element, window)
        case .segments:
            element.entry = frame.node
            element.leaf = frame.node
            return try segment(element, window)
        }
        return nil
    }

    /// Keeps the element of the current component if it is a key.
    @inline(__always)
    private mutating func capturing(_ element: Element, _ window: RawSpan) -> Want? {
        guard hasTables, frame.current >= 0 else { return nil }
        let component = components[Int(nodes[Int(frame.node)].first + frame.current)]
        return component.captureCount > 0 ? capture(element, component, window) : nil
    }

    /// Goes from a type through choices and open types to the one that has a tag.
    /// - Parameter strictly: alternatives that later versions may add don't count.
    /// - Returns: the instruction, or -1.
    @inline(__always)
    func select(_ entry: Int32, _ tag: TagKey, strictly: Bool = false) -> Int32 {
        if nodes[Int(entry)].tag == tag { return entry }
        switch nodes[Int(entry)].shape {
        case .choice, .any: return selectSlowly(entry, tag, strictly)
        default: return -1
        }
    }

    private func selectSlowly(
        _ entry: Int32, _ tag: TagKey, _ strictly: Bool
    ) -> Int32 {
        var current = entry
        // Each step goes one choice down; a chain longer than all instructions leads in a circle.
        for _ in 0...nodes.count {
            let node = nodes[Int(current)]
            switch node.shape {
            case .choice:
                let index = alternative(node, tag)
                if index >= 0 {
                    current = components[Int(node.first + index)].node
                } else {
                    let isOpen = !strictly && node.flags.contains(.isExtensible)
                    return isOpen ? program.anyNode : -1
                }
            case .any:
                let inner = resolve(current)
                if inner < 0 || inner == current { return inner }
                current = inner
            default: return node.tag == tag ? current : -1
            }
        }
        return -1
    }

    /// The alternative of a choice, or component of a set, for a tag: its position, or -1.
    @inline(__always)
    func alternative(_ node: Node, _ tag: TagKey) -> Int32 {
        var low = Int(node.table)
        var high = low + Int(node.tableCount)
        while high - low > 4 {
            let middle = (low + high) / 2
            if dispatch[middle].tag <= tag { low = middle } else { high = middle }
        }
        while low < high {
            if dispatch[low].tag == tag { return dispatch[low].component }
            low += 1
        }
        return node.anyComponent
    }
}

/// An element whose head has been read.
struct Element: BitwiseCopyable {
    var head = ElementHeader()
    /// Offset of the first identifier octet.
    var start: UInt64
    /// Where the search for its type began, and where it ended.
    var entry: Int32 = -1
    var leaf: Int32 = -1

    init(start: UInt64) { self.start = start }

    var contentStart: UInt64 { start &+ UInt64(head.size) }
    /// Offset of the length octets.
    var lengthStart: UInt64 { start &+ UInt64(head.tagSize) }
}
