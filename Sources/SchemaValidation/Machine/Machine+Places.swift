internal import ASN1
internal import ByteIO

/// Where a finding is: in the schema, among the keys, on the path; and what could stand there.
extension Machine where Listener: ~Copyable {
    func place(
        _ location: SourceLocation, isStandard: Bool
    ) -> Finding.SchemaPlace? {
        guard location.line > 0 else { return nil }
        let files = isStandard ? program.standard.files : program.schema.files
        guard files.indices.contains(location.file) else { return nil }
        return Finding.SchemaPlace(
            file: files[location.file], line: location.line, column: location.column)
    }

    /// The component where the element stands.
    func usePlace(_ element: Element, isAtFrame: Bool) -> Finding.SchemaPlace? {
        var index = frames.count - (isAtFrame ? 1 : 0)
        let entry = isAtFrame ? frame.entry : element.entry
        if let use = alternativeUse(entry, isAtFrame ? frame.tag : element.head.tag) {
            return place(use.location, isStandard: use.isStandard)
        }
        while index >= 0 {
            let frame = frames[index]
            switch frame.kind {
            case .sequence, .set:
                guard frame.current >= 0 else { return nil }
                let component = components[Int(nodes[Int(frame.node)].first + frame.current)]
                let use = program.uses[Int(component.use)]
                return place(use.location, isStandard: use.isStandard)
            case .wrapper, .segments, .contents: index -= 1
            default: return nil
            }
        }
        return nil
    }

    /// The alternative that leads to a tag, of the innermost CHOICE.
    private func alternativeUse(_ entry: Int32, _ tag: TagKey) -> Place? {
        var current = entry
        var found: Place?
        for _ in 0..<64 {
            guard current >= 0, nodes[Int(current)].shape == .choice else { return found }
            let index = alternative(nodes[Int(current)], tag)
            guard index >= 0 else { return found }
            let component = components[Int(nodes[Int(current)].first + index)]
            found = program.uses[Int(component.use)]
            current = component.node
        }
        return found
    }

    // MARK: Keys

    /// The keys of the structures that are open, as far as they are known.
    func heldKeys() -> [Finding.Key] {
        var keys: [Finding.Key] = []
        for open in frames.all where open.node >= 0 {
            let node = nodes[Int(open.node)]
            guard node.flags.contains(.isAnchor) else { continue }
            for (index, key) in program.detail(open.node).heldKeys.enumerated() {
                let element = registers.element(Int(open.registers) + index)
                guard !element.isEmpty else { continue }
                let value = element.withUnsafeBytesSpan { span -> String? in
                    guard let slice = Slice(span, at: 0, limit: span.byteCount) else { return nil }
                    return valueText(key.node, slice, span)
                }
                if let value { keys.append(Finding.Key(name: key.name, value: value)) }
            }
        }
        return keys
    }

    // MARK: Paths

    /// The way to an element from the outermost value.
    func path(_ element: Element, isAtFrame: Bool) -> [Finding.Step] {
        var steps: [Finding.Step] = [.name(program.typeName)]
        let all = frames.all
        let count = isAtFrame ? all.count - 1 : all.count
        for index in 0..<count {
            let outer = all[index]
            let isInner = index + 1 < all.count
            if !isInner, outer.kind == .segments { break }
            let entry = isInner ? all[index + 1].entry : element.entry
            let tag = isInner ? all[index + 1].tag : element.head.tag
            switch outer.kind {
            case .sequence, .set:
                guard outer.current >= 0 else { break }
                let component = components[Int(nodes[Int(outer.node)].first + outer.current)]
                steps.append(.name(program.names[Int(component.name)]))
            case .list:
                guard outer.count > 0 else { break }
                steps.append(.index(outer.count - 1))
            case .segments: continue
            case .root, .wrapper, .unknown, .contents: break
            }
            if entry >= 0 { alternatives(entry, tag, into: &steps) }
        }
        return steps
    }

    /// The alternatives that lead from a type to a tag.
    private func alternatives(_ entry: Int32, _ tag: TagKey, into steps: inout [Finding.Step]) {
        var current = entry
        for _ in 0..<64 {
            let node = nodes[Int(current)]
            guard node.shape == .choice else { return }
            let index = alternative(node, tag)
            guard index >= 0 else { return }
            let component = components[Int(node.first + index)]
            steps.append(.name(program.names[Int(component.name)]))
            current = component.node
        }
    }

    // MARK: What could stand there

    /// Names and tags of components.
    func allowedTags(from: Int32, through: Int32) -> [String] {
        guard from <= through else { return [] }
        let node = nodes[Int(frame.node)]
        return (from...through).flatMap { position -> [String] in
            let component = components[Int(node.first + position)]
            let name = program.names[Int(component.name)]
            return tags(of: component.node).map { name.isEmpty ? $0 : "\(name) \($0)" }
        }
    }

    /// Type and tag of what a node can be, with the alternatives' names.
    func tags(of entry: Int32) -> [String] {
        let node = nodes[Int(entry)]
        switch node.shape {
        case .any: return ["any tag"]
        case .choice:
            return (node.first..<node.first + node.count).prefix(64).flatMap { index -> [String] in
                let component = components[Int(index)]
                let name = program.names[Int(component.name)]
                let inner = nodes[Int(component.node)]
                if inner.shape == .choice || inner.shape == .any {
                    return ["\(name) \(typeName(component.node))"]
                }
                return tags(of: component.node).map { "\(name) \($0)" }
            }
        default:
            let name = typeName(entry)
            let tag = node.tag.text
            return name == tag
                ? [node.tag.longText]
                : node.tag.classBits == 0
                    ? ["\(name) \(tag) [UNIVERSAL \(node.tag.number)]"] : ["\(name) \(tag)"]
        }
    }
}
