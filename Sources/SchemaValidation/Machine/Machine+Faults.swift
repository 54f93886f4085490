internal import ASN1
internal import ByteIO

/// What is wrong, with place and path: the slow side of the interpreter.
extension Machine where Listener: ~Copyable {
    var rulesName: String { rules.rawValue.uppercased() }

    func typeName(_ node: Int32) -> String {
        node < 0 ? "" : program.detail(node).typeName
    }

    // MARK: Findings

    /// Enters a finding.
    /// - Parameters:
    ///   - isAtFrame: the element is the innermost frame's own, not one inside it.
    ///   - component: the name of a component that has no element.
    @inline(never)
    mutating func fault(
        _ code: ValidationCode, _ element: Element, at: UInt64, _ message: String,
        found: String? = nil, allowed: [String] = [], rule: SourceLocation? = nil,
        isRecovered: Bool = true, isAtFrame: Bool = false, component: String? = nil,
        severity: Finding.Severity = .error
    ) {
        guard !isFinished else { return }
        var finding = Finding(
            code: code, message: message, offset: element.start, at: at,
            path: path(element, isAtFrame: isAtFrame), type: typeName(element.leaf))
        finding.severity = severity
        if let component { finding.path.append(.name(component)) }
        if element.head.size > 0 {
            finding.contentOffset = element.contentStart
            if !element.head.isIndefinite { finding.length = element.head.length }
            finding.headSize = element.head.size
            finding.tagSize = element.head.tagSize
        }
        finding.found = found
        finding.keys = heldKeys()
        finding.allowed = allowed
        finding.isRecovered = isRecovered
        if let rule {
            finding.rule = place(rule, isStandard: false)
        } else {
            // What isn't known to be of a type stands in one.
            let around = frame.kind == .root ? -1 : frame.node
            let node = element.leaf >= 0 ? element.leaf : around
            if node >= 0 {
                let detail = program.detail(node)
                finding.rule = place(detail.place, isStandard: detail.isStandard)
            }
        }
        finding.use = usePlace(element, isAtFrame: isAtFrame)
        findings.append(finding)
        if severity == .error { errorCount += 1 }
        if errorCount >= limits.findings { isFinished = true }
    }

    // MARK: Kinds of faults

    /// An element that is not what must stand there.
    @inline(never)
    mutating func unexpected(_ element: Element, entry: Int32) {
        var element = element
        element.entry = entry
        element.leaf = entry
        let found = element.head.tag.longText
        var position = frame.current
        if frame.kind == .sequence, frame.current >= 0 {
            // All that may come here: the optional ones before, too.
            while position > 0 {
                let previous = components[Int(nodes[Int(frame.node)].first + position - 1)]
                if previous.flags.contains(.isRequired) { break }
                position -= 1
            }
        }
        let allowed =
            frame.kind == .sequence && frame.current >= 0
            ? allowedTags(from: position, through: frame.current) : tags(of: entry)
        let node = nodes[Int(entry)]
        switch node.shape {
        case .choice:
            fault(
                .noChoiceAlternative, element, at: element.start,
                "\(found) is no alternative of \(typeName(entry))", found: found, allowed: allowed)
        case .any where node.flags.contains(.hasTable):
            let table = program.detail(entry).table
            let name = table?.setName ?? "the set"
            // The type that the key leads to, if it leads to one.
            let row = resolve(entry)
            let allowed = row >= 0 && row != entry ? tags(of: row) : []
            if row < 0, let table, isToldByKey(table) { return }
            fault(
                .table, element, at: element.start,
                allowed.isEmpty
                    ? "no object of \(name) has this key"
                    : "\(found) where the object of \(name) has \(allowed.joined(separator: " or "))",
                found: found, allowed: allowed, rule: table?.place)
        default:
            fault(
                .unexpectedTag, element, at: element.start,
                "\(found) where \(allowed.joined(separator: " or ")) is expected",
                found: found, allowed: allowed)
        }
    }

    @inline(never)
    mutating func missingComponent(_ position: Int32, element: Element?) {
        let node = nodes[Int(frame.node)]
        let component = components[Int(node.first + position)]
        let name = program.names[Int(component.name)]
        let saved = frame.current
        frame.current = position
        // The component itself is the rule; what it is a component of is told by the path.
        let use = program.uses[Int(component.use)]
        var rule: SourceLocation? = use.isStandard ? nil : use.location
        if component.rule >= 0 { rule = program.presenceRules[Int(component.rule)] }
        if var element {
            element.entry = component.node
            element.leaf = component.node
            let found = element.head.tag.longText
            element.entry = -1
            fault(
                .missingComponent, element, at: element.start,
                "\(name) is missing before \(found)", found: found,
                allowed: tags(of: component.node), rule: rule)
        } else {
            let current = frame
            var element = frameElement()
            element.leaf = component.node
            let end = base &+ UInt64(cursor)
            // The path is the component's, the place its structure's.
            var finding = Finding(
                code: .missingComponent,
                message: "\(name) is missing: it should begin at \(Hex.offset(end))",
                offset: current.start, at: current.start, path: [], type: typeName(component.node))
            finding.path = path(frameElement(), isAtFrame: true)
            finding.keys = heldKeys()
            if nodes[Int(component.node)].shape == .choice || !name.isEmpty {
                finding.path.append(.name(name))
            }
            finding.contentOffset = element.contentStart
            finding.headSize = element.head.size
            finding.tagSize = element.head.tagSize
            finding.length = element.head.isIndefinite ? nil : element.head.length
            finding.found = "the end of \(typeName(current.node))"
            finding.allowed = tags(of: component.node)
            let detail = program.detail(component.node)
            finding.rule = place(rule ?? detail.place, isStandard: rule == nil && detail.isStandard)
            finding.use = usePlace(Element(start: 0), isAtFrame: false)
            if !isFinished {
                findings.append(finding)
                errorCount += 1
                if errorCount >= limits.findings { isFinished = true }
            }
        }
        frame.current = saved
    }

    @inline(never)
    mutating func forbidden(_ element: Element, _ component: Component) {
        fault(
            .forbiddenComponent, element, at: element.start,
            "\(program.names[Int(component.name)]) must be absent here",
            rule: component.rule >= 0 ? program.presenceRules[Int(component.rule)] : nil)
    }

    @inline(never)
    mutating func unchecked(_ element: Element, _ message: String) {
        fault(.unchecked, element, at: element.start, message, severity: .warning)
    }

    @inline(never)
    mutating func sizeFault(_ element: Element, _ size: UInt64, _ unit: String) {
        let detail = program.detail(element.leaf)
        var demanded = ""
        var rule: SourceLocation?
        for candidate in detail.sizes {
            let allows = candidate.ranges.contains(BigInteger(Int(clamping: size)))
            if !allows || rule == nil {
                rule = candidate.place
                demanded = RangeText.text(candidate.ranges)
                if !allows { break }
            }
        }
        let isAtFrame =
            element.start == frame.start && frame.kind != .root
            && (frame.kind == .list || frame.kind == .segments)
        let name = path(element, isAtFrame: isAtFrame).last.map { step -> String in
            switch step {
            case .name(let name): name
            case .index(let index): "element \(index)"
            }
        }
        fault(
            .size, element, at: element.start,
            "\(name ?? detail.typeName) is \(size) \(unit), SIZE (\(demanded)) demanded",
            found: "\(size) \(unit)", allowed: ["SIZE (\(demanded))"], rule: rule,
            isAtFrame: isAtFrame)
    }

    @inline(never)
    mutating func outOfRange(_ element: Element, _ window: RawSpan, _ at: Int) {
        let count = Int(clamping: element.head.length)
        let text = IntegerText.decimal(window, at: at, count: count)
        let detail = program.detail(element.leaf)
        let broken = detail.ranges.first { rule in
            !rule.ranges.ranges.contains {
                OctetRange($0).contains(window, at: at, count: count)
            }
        }
        let demanded = broken.map { RangeText.text($0.ranges) } ?? "nothing"
        fault(
            .valueRange, element, at: element.start,
            "\(text) is not in (\(demanded))", found: text, allowed: ["(\(demanded))"],
            rule: broken?.place)
    }

    @inline(never)
    mutating func alphabetFault(_ character: UInt32, _ at: UInt64) {
        let element = string.element
        let detail = program.detail(element.leaf)
        let value = BigInteger(Int(character))
        let broken = detail.alphabets.first { !$0.ranges.contains(value) }
        let visible =
            (0x21...0x7e).contains(character)
            ? "\"\(Character(Unicode.Scalar(UInt8(truncatingIfNeeded: character))))\""
            : "the character \(String(character, radix: 16))"
        fault(
            .permittedAlphabet, element, at: at,
            "\(visible) is not allowed in \(detail.typeName)",
            found: visible, rule: broken?.place)
    }
}
