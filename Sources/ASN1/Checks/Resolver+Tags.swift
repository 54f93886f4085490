/// The tags that a value of a type may begin with.
struct LeadingTags {
    var tags: Set<Tag> = []
    /// An open type or ANY: any tag may come.
    var isAny = false
    /// Not known: a dummy, or a type that failed.
    var isUnknown = false
    /// An untagged extensible CHOICE: tags of later versions may come.
    var isExtensible = false
}

extension Resolver {
    func leadingTags(_ id: Int) -> LeadingTags {
        if let known = leading[id] { return known }
        var result = LeadingTags()
        if let first = tags(id).first {
            result.tags = [first]
        } else if let root = root(id), case .core(let core) = root.form {
            switch core {
            case .openType: result.isAny = true
            case .unknown: result.isUnknown = true
            case .structure(let structure):
                guard leadingInProgress.insert(root.id).inserted,
                    leadingInProgress.count < limits.referenceDepth
                else {
                    return result
                }
                defer { leadingInProgress.remove(root.id) }
                for component in components(of: structure) {
                    let inner = leadingTags(component.type)
                    result.tags.formUnion(inner.tags)
                    result.isAny = result.isAny || inner.isAny
                    result.isUnknown = result.isUnknown || inner.isUnknown
                    result.isExtensible = result.isExtensible || inner.isExtensible
                }
                result.isExtensible = result.isExtensible || structure.isExtensible
            default: break
            }
        } else {
            result.isUnknown = true
        }
        if leadingInProgress.isEmpty { leading[id] = result }
        return result
    }

    /// Distinct tags (25.6, 27.3, 29.3).
    func checkTags() {
        for index in nodes.indices {
            guard case .core(.structure(let structure)) = nodes[index].form else { continue }
            let all = components(of: structure)
            switch structure.flavour {
            case .set, .choice:
                checkDistinct(all, structure)
                checkExtensions(all, structure)
            case .sequence:
                checkRuns(all)
                if all.contains(where: \.isAddition) { checkRuns(all.filter { !$0.isAddition }) }
            }
        }
    }

    private func conflict(_ a: StructureNode.Component, _ b: StructureNode.Component) -> String {
        let first = a.syntax.name.map { "\"\($0.text)\"" } ?? "a component without a name"
        let second = b.syntax.name.map { "\"\($0.text)\"" } ?? "a component without a name"
        return "\(second) can't be told from \(first) in line \(a.syntax.location.line)"
    }

    private func checkDistinct(_ all: [StructureNode.Component], _ structure: StructureNode) {
        var owners: [Tag: Int] = [:]
        for (index, component) in all.enumerated() {
            let leading = leadingTags(component.type)
            if leading.isAny, all.count > 1 {
                sink.error(
                    .ambiguousTag, component.syntax.location,
                    "an untagged open type or ANY can't be told from the other components")
            }
            for tag in leading.tags.sorted() {
                if let owner = owners[tag] {
                    sink.error(
                        .duplicateTag, component.syntax.location,
                        "\(conflict(all[owner], component)): both begin with the tag \(tag)")
                } else {
                    owners[tag] = index
                }
            }
        }
    }

    /// 52.7: an unknown tag must belong to one extension insertion point only.
    private func checkExtensions(_ all: [StructureNode.Component], _ structure: StructureNode) {
        var places = structure.isExtensible && structure.flavour == .set ? 1 : 0
        for component in all where leadingTags(component.type).isExtensible {
            places += 1
            if places == 2 {
                sink.error(
                    .ambiguousExtension, component.syntax.location,
                    "a later version's addition could belong here or to another extension marker",
                    hint: "give the CHOICE a tag")
            }
        }
    }

    private func checkRuns(_ all: [StructureNode.Component]) {
        var run: [Tag: Int] = [:]
        var openOwner: Int?
        for (index, component) in all.enumerated() {
            let leading = leadingTags(component.type)
            let isOptional = component.syntax.isOptional || component.syntax.defaultValue != nil
            if let owner = openOwner {
                sink.error(
                    .ambiguousTag, component.syntax.location, conflict(all[owner], component))
            }
            if leading.isAny, let owner = run.values.min() {
                sink.error(
                    .ambiguousTag, component.syntax.location, conflict(all[owner], component))
            }
            for tag in leading.tags.sorted() {
                if let owner = run[tag] {
                    sink.error(
                        .duplicateTag, component.syntax.location,
                        "\(conflict(all[owner], component)): both begin with the tag \(tag)")
                }
            }
            if isOptional {
                for tag in leading.tags where run[tag] == nil { run[tag] = index }
                if leading.isAny { openOwner = index }
            } else {
                run = [:]
                openOwner = nil
            }
        }
    }
}
