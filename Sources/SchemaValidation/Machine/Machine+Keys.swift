internal import ASN1
internal import ByteIO

/// Open types whose type an object set decides (X.682 10): the key values are held, nothing else.
/// A key that stands behind its open type is looked for in what can be held of the input.
extension Machine where Listener: ~Copyable {
    // MARK: Keys on the way

    /// Keeps a component's element for the open types that need it.
    /// - Returns: what is needed before it can be read.
    @inline(never)
    mutating func capture(_ element: Element, _ component: Component, _ window: RawSpan) -> Want? {
        let there = window.byteCount - cursor
        let limit = cursor + min(there, limits.keyOctets)
        switch Extent.find(window, at: cursor, limit: limit) {
        case .end(let end): setRegisters(component, window, cursor..<end)
        case .malformed: markRegisters(component, .unusable)
        case .incomplete:
            let isLong =
                there >= limits.keyOctets
                || !element.head.isIndefinite
                    && element.head.length > UInt64(limits.keyOctets - element.head.size)
            if !isLong, !isLast {
                return .octets(
                    element.head.isIndefinite
                        ? there + 1 : Int(element.head.length) + element.head.size)
            }
            markRegisters(component, .unusable)
        }
        return nil
    }

    private mutating func setRegisters(
        _ component: Component, _ window: RawSpan, _ range: Range<Int>
    ) {
        let first = Int(component.captures)
        for index in first..<first + Int(component.captureCount) {
            let capture = program.captures[index]
            let slot = registerBase(capture.anchor)
            if slot >= 0 { registers.set(slot + Int(capture.register), window, range) }
        }
    }

    private mutating func markRegisters(_ component: Component, _ state: KeyRegisters.State) {
        let first = Int(component.captures)
        for index in first..<first + Int(component.captureCount) {
            let capture = program.captures[index]
            let slot = registerBase(capture.anchor)
            if slot >= 0 { registers.mark(slot + Int(capture.register), state) }
        }
    }

    /// Where the registers are of the structure that is open and nearest.
    private func registerBase(_ anchor: Int32) -> Int {
        if frame.node == anchor { return Int(frame.registers) }
        for index in (0..<frames.count).reversed() where frames[index].node == anchor {
            return Int(frames[index].registers)
        }
        return -1
    }

    // MARK: Keys that come later

    /// Sees to it that the keys are known of the open type that comes next, if one does.
    /// - Returns: what is needed first.
    @inline(never)
    mutating func findKeys(_ element: Element, _ window: RawSpan) -> Want? {
        let open = nextOpenType(element.head.tag)
        guard open >= 0, let table = program.details[Int(nodes[Int(open)].detail)].table else {
            return nil
        }
        for key in table.keys {
            let base = registerBase(key.anchor)
            guard base >= 0, registers.state(base + Int(key.register)) == .unknown else { continue }
            let slot = base + Int(key.register)
            if isPassed(key) {
                registers.mark(slot, .absent)
                continue
            }
            switch seek(key, window) {
            case .found(let range): registers.set(slot, window, range)
            case .absent: registers.mark(slot, .absent)
            case .more(let count): return .octets(count)
            case .tooFar:
                var place = element
                place.leaf = open
                unchecked(
                    place,
                    "the key of \(typeName(open)) doesn't stand in the next "
                        + "\(limits.heldOctets) octets: its type was not checked")
            }
        }
        return nil
    }

    /// The open type with a table that an element would be read as, or -1.
    private func nextOpenType(_ tag: TagKey) -> Int32 {
        func open(_ entry: Int32) -> Int32 {
            var current = entry
            for _ in 0..<64 {
                let node = nodes[Int(current)]
                switch node.shape {
                case .any: return node.flags.contains(.hasTable) ? current : -1
                case .choice:
                    let index = alternative(node, tag)
                    guard index >= 0 else { return -1 }
                    current = components[Int(node.first + index)].node
                default: return -1
                }
            }
            return -1
        }
        let node = nodes[Int(frame.node)]
        switch frame.kind {
        case .list, .wrapper, .contents: return open(node.first)
        case .set:
            let index = alternative(node, tag)
            return index < 0 ? -1 : open(components[Int(node.first + index)].node)
        case .sequence:
            var next = frame.next
            while next < node.count {
                let component = components[Int(node.first + next)]
                if component.tag == tag { return -1 }
                if component.flags.contains(.asksNode) {
                    let found = open(component.node)
                    if found >= 0 { return found }
                }
                if component.flags.contains(.isRequired) { return -1 }
                next += 1
            }
            return -1
        default: return -1
        }
    }

    /// Whether the key's component can't come any more.
    private func isPassed(_ key: OpenTypeTable.Key) -> Bool {
        guard let first = key.path.first else { return false }
        var anchor = frame
        if frame.node != key.anchor {
            guard
                let found = (0..<frames.count).last(where: { frames[$0].node == key.anchor })
            else { return false }
            anchor = frames[found]
        }
        return anchor.kind == .sequence && (anchor.next > first || anchor.current >= first)
    }

    private enum Sought {
        case found(Range<Int>)
        case absent
        /// So many octets are needed in the window.
        case more(Int)
        case tooFar
    }

    /// Looks for a key behind the element at the cursor.
    private func seek(_ key: OpenTypeTable.Key, _ window: RawSpan) -> Sought {
        let there = min(window.byteCount - cursor, limits.heldOctets)
        let limit = cursor + there
        let more: Sought =
            there >= limits.heldOctets ? .tooFar : isLast ? .absent : .more(there * 2 + 64)
        var at = cursor
        var depth = frames.count
        var level = frame
        // The rest of the structures between here and the anchor.
        while level.node != key.anchor {
            guard depth > 0 else { return .absent }
            switch rest(of: level, from: at, limit, window, { _ in false }) {
            case .end(let end): at = end
            case .more: return more
            case .stopped, .bad: return .absent
            }
            depth -= 1
            level = frames[depth]
        }
        var found: Slice?
        var node = nodes[Int(key.anchor)]
        for (step, position) in key.path.enumerated() {
            guard position < node.count else { return .absent }
            let wanted = components[Int(node.first + position)].node
            func isWanted(_ tag: TagKey) -> Bool { select(wanted, tag, strictly: true) >= 0 }
            if step == 0 {
                switch rest(of: level, from: at, limit, window, isWanted) {
                case .stopped(let start):
                    guard let slice = Slice(window, at: start, limit: limit) else { return more }
                    found = slice
                case .more: return more
                case .end, .bad: return .absent
                }
            } else {
                guard let outer = found,
                    let inner = outer.children(window).first(where: { isWanted($0.head.tag) })
                else { return .absent }
                found = inner
            }
            guard let slice = found, let (leaf, value) = strip(wanted, slice, window) else {
                return .absent
            }
            node = nodes[Int(leaf)]
            if step + 1 < key.path.count { found = value }
        }
        guard let found else { return .absent }
        return found.end - found.start > limits.keyOctets
            ? .tooFar : .found(found.start..<found.end)
    }

    private enum Rest {
        case end(Int)
        case stopped(Int)
        case more, bad
    }

    /// Goes through the elements that are left of a frame.
    private func rest(
        of frame: Frame, from start: Int, _ limit: Int, _ window: RawSpan,
        _ isWanted: (TagKey) -> Bool
    ) -> Rest {
        var at = start
        let end: Int? = frame.isIndefinite ? nil : Int(exactly: frame.end &- base)
        while end == nil || at < end ?? 0 {
            let head = ElementHeader.read(window, at: at, available: max(0, limit - at))
            if head.problem == .incomplete { return .more }
            guard head.problem == .none else { return .bad }
            if head.tag == .endOfContents {
                return frame.isIndefinite ? .end(at + head.size) : .bad
            }
            // The first is the open type's own element.
            if at != cursor, isWanted(head.tag) { return .stopped(at) }
            switch Extent.find(window, at: at, limit: limit) {
            case .end(let next): at = next
            case .incomplete: return .more
            case .malformed: return .bad
            }
        }
        return .end(at)
    }

    // MARK: The type

    /// The type that an open type has here: -1 if none, itself if any.
    func resolve(_ open: Int32) -> Int32 {
        let node = nodes[Int(open)]
        if node.flags.contains(.isResolved) { return node.first }
        guard node.flags.contains(.hasTable),
            let table = program.details[Int(node.detail)].table
        else { return open }
        guard let elements = elements(table) else { return open }
        var found: Int32?
        for row in table.rows where isRow(row, table.keys, elements) {
            // Rows that agree in their keys and not in their types leave it open.
            if let found, found != row.node { return open }
            found = row.node
        }
        guard let found else { return table.isExtensible || table.hasUnknownRows ? open : -1 }
        return found
    }

    /// Whether no row has the key: that is a finding of its own, at the key.
    func isToldByKey(_ table: OpenTypeTable) -> Bool {
        guard table.keys.count == 1, nodes[Int(table.keys[0].node)].flags.contains(.isKey),
            let elements = elements(table)
        else { return false }
        return !table.rows.contains { isRow($0, table.keys, elements) }
    }

    private func isRow(
        _ row: OpenTypeTable.Row, _ keys: [OpenTypeTable.Key], _ elements: [[UInt8]]
    ) -> Bool {
        for (index, key) in keys.enumerated() {
            let octets = elements[index]
            if octets.isEmpty {
                // Whether a default value is in a set is not told.
                if case .value(let value) = row.keys[index], key.defaultValue != value {
                    return false
                }
                continue
            }
            let isSame = octets.withUnsafeBytesSpan { span -> Bool in
                guard let slice = Slice(span, at: 0, limit: span.byteCount) else { return false }
                if let exact = row.exact[index], nodes[Int(key.node)].shape != .wrapper {
                    return isExact(slice, exact, span)
                }
                return isCell(row.keys[index], key.node, slice, span) == true
            }
            if !isSame { return false }
        }
        return true
    }

    /// Whether an element has a row's value, or one of its set; `nil` if that can't be told.
    private func isCell(
        _ cell: OpenTypeTable.Cell, _ entry: Int32, _ slice: Slice, _ window: RawSpan
    ) -> Bool? {
        switch cell {
        case .value(let value): equals(value, entry, slice, window)
        case .set(let use): holds(.included(use), entry, slice, window)
        }
    }

    private func cellTexts(_ cell: OpenTypeTable.Cell) -> [String] {
        switch cell {
        case .value(let value):
            return ValueText.text(value).map { [$0] } ?? []
        case .set(let use):
            return program.schema.types[use.type].constraints.flatMap {
                ValueText.values($0.expression) ?? []
            }
        }
    }

    private func isExact(_ slice: Slice, _ exact: [UInt8], _ span: RawSpan) -> Bool {
        guard slice.contentEnd - slice.contentStart == exact.count - 8 else { return false }
        for index in 0..<8
        where UInt8(truncatingIfNeeded: slice.head.tag.bits >> UInt64(56 - 8 * index))
            != exact[index]
        {
            return false
        }
        for index in slice.contentStart..<slice.contentEnd
        where span.octet(at: index) != exact[8 + index - slice.contentStart] { return false }
        return true
    }

    /// The elements of a table's keys, empty for a default value; `nil` if one can't be told.
    private func elements(_ table: OpenTypeTable) -> [[UInt8]]? {
        var elements: [[UInt8]] = []
        for key in table.keys {
            let base = registerBase(key.anchor)
            guard base >= 0 else { return nil }
            switch registers.state(base + Int(key.register)) {
            case .isSet: elements.append(registers.element(base + Int(key.register)))
            case .absent where key.defaultValue != nil: elements.append([])
            case .absent, .unknown, .unusable: return nil
            }
        }
        return elements
    }

    /// The values that a component may have: those of the rows that its keys lead to, or of all rows
    /// (X.682 10.6, 10.7), as far as they can be spelled. `nil` if its value is one of them.
    func missedValues(
        _ node: Node, _ entry: Int32, _ slice: Slice, _ window: RawSpan
    ) -> [String]? {
        guard let table = program.details[Int(node.detail)].keyTable else { return nil }
        var rows = table.rows[...]
        // A key that is wrong itself has its own finding.
        if !table.keys.isEmpty, let elements = elements(table) {
            let led = table.rows.filter { isRow($0, table.keys, elements) }
            if led.isEmpty { return nil }
            rows = led[...]
        }
        var texts: [String] = []
        for row in rows {
            guard let cell = row.value, isCell(cell, entry, slice, window) == false else {
                return nil
            }
            guard texts.count < ValueText.values else { continue }
            for text in cellTexts(cell) where !texts.contains(text) { texts.append(text) }
        }
        return texts
    }
}
