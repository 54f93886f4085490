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
        var clashes: [TagClash] = []
        for index in nodes.indices {
            guard case .core(.structure(let structure)) = nodes[index].form else { continue }
            let all = components(of: structure)
            switch structure.flavour {
            case .set, .choice:
                checkDistinct(all, structure, &clashes)
                checkExtensions(all, structure)
                checkOrder(all, structure)
            case .sequence:
                checkRuns(all, structure, &clashes)
                if all.contains(where: \.isAddition) {
                    checkRuns(all.filter { !$0.isAddition }, structure, &clashes)
                    checkSecondRoot(all, structure, &clashes)
                }
            }
        }
        report(clashes)
    }

    /// A module that says nothing about tags, not once, and has clashes everywhere was written for
    /// a tool that gives tags of its own (NCBI's modules are): one warning for all of them. One or
    /// two clashes are a mistake.
    private func report(_ clashes: [TagClash]) {
        let plain = clashes.filter { !$0.structure.scope.module.syntax.mentionsTags }
        let places = Set(plain.map(\.structure.location))
        for clash in clashes {
            let module = clash.structure.scope.module.syntax
            if places.count >= 3, !module.mentionsTags {
                sink.warning(
                    .missingAutomaticTags, module.name.location,
                    "components can't be told from one another: the module has no tags for them at all",
                    hint: "write AUTOMATIC TAGS behind DEFINITIONS")
                if !sink.strict { continue }
            }
            sink.error(clash.code, clash.location, clash.message)
        }
    }

    private func conflict(_ a: StructureNode.Component, _ b: StructureNode.Component) -> String {
        let first = a.syntax.name.map { "\"\($0.text)\"" } ?? "a component without a name"
        let second = b.syntax.name.map { "\"\($0.text)\"" } ?? "a component without a name"
        return "\(second) can't be told from \(first) in line \(a.syntax.location.line)"
    }

    private func clash(
        _ a: StructureNode.Component, _ b: StructureNode.Component, _ tag: Tag?,
        _ structure: StructureNode
    ) -> TagClash {
        TagClash(
            code: tag == nil ? .ambiguousTag : .duplicateTag, structure: structure,
            location: b.syntax.location,
            message: conflict(a, b) + (tag.map { ": both begin with the tag \($0)" } ?? ""))
    }

    private func checkDistinct(
        _ all: [StructureNode.Component], _ structure: StructureNode, _ clashes: inout [TagClash]
    ) {
        var owners: [Tag: Int] = [:]
        for (index, component) in all.enumerated() {
            let leading = leadingTags(component.type)
            if leading.isAny, all.count > 1 {
                clashes.append(
                    TagClash(
                        code: .ambiguousTag, structure: structure,
                        location: component.syntax.location,
                        message:
                            "an untagged open type or ANY can't be told from the other components"))
            }
            for tag in leading.tags.sorted() {
                if let owner = owners[tag] {
                    clashes.append(clash(all[owner], component, tag, structure))
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

    /// The additions of SET and CHOICE stand in the canonical order of their tags (8.6).
    private func checkOrder(_ all: [StructureNode.Component], _ structure: StructureNode) {
        var last: Tag?
        for component in all where component.isAddition {
            guard let tag = leadingTags(component.type).tags.min() else { continue }
            if let last, tag < last {
                sink.warning(
                    .extensionOrder, component.syntax.location,
                    "the extension additions are not in the order of their tags: \(tag) follows \(last)"
                )
            }
            last = tag
        }
    }

    private func checkRuns(
        _ all: [StructureNode.Component], _ structure: StructureNode, _ clashes: inout [TagClash]
    ) {
        var run: [Tag: Int] = [:]
        var openOwner: Int?
        for (index, component) in all.enumerated() {
            let leading = leadingTags(component.type)
            let isOptional = component.syntax.isOptional || component.syntax.defaultValue != nil
            if let owner = openOwner {
                clashes.append(clash(all[owner], component, nil, structure))
            }
            if leading.isAny, let owner = run.values.min() {
                clashes.append(clash(all[owner], component, nil, structure))
            }
            for tag in leading.tags.sorted() {
                if let owner = run[tag] {
                    clashes.append(clash(all[owner], component, tag, structure))
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

    /// Additions are absent from values of the first version: what stands behind the second marker,
    /// up to its first component that is always there, is told from every one of them.
    private func checkSecondRoot(
        _ all: [StructureNode.Component], _ structure: StructureNode, _ clashes: inout [TagClash]
    ) {
        var owners: [Tag: Int] = [:]
        for (index, component) in all.enumerated() {
            let leading = leadingTags(component.type)
            if component.isAddition {
                for tag in leading.tags where owners[tag] == nil { owners[tag] = index }
                continue
            }
            guard !owners.isEmpty else { continue }
            for tag in leading.tags.sorted() {
                if let owner = owners[tag] {
                    clashes.append(clash(all[owner], component, tag, structure))
                }
            }
            if !component.syntax.isOptional, component.syntax.defaultValue == nil { return }
        }
    }
}

/// Two components that a reader can't tell apart.
struct TagClash {
    let code: DiagnosticCode
    let structure: StructureNode
    let location: SourceLocation
    let message: String
}
