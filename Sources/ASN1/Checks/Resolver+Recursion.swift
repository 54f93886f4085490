extension Resolver {
    /// Finds types whose values would all be infinite: a structure that needs itself . A
    /// component of the type itself is an error; of a longer circle X.680 leaves it to the user that
    /// values are finite.
    func checkFiniteness() {
        // A structure waits for its required components; a CHOICE for one alternative.
        var waiting: [Int: Int] = [:]
        var dependents: [Int: [Int]] = [:]
        var finite: [Int] = []
        var structures: [Int] = []
        for node in nodes {
            guard case .core(.structure(let structure)) = node.form else { continue }
            structures.append(node.id)
            let needed = required(structure)
            let roots = needed.map { root($0.type)?.id }
            let known = roots.filter { $0 == nil || !isStructure($0) }.count
            let count: Int
            if structure.flavour == .choice {
                count = known > 0 || needed.isEmpty || structure.isExtensible ? 0 : 1
            } else {
                count = roots.count - known
            }
            waiting[node.id] = count
            if count == 0 { finite.append(node.id) }
            for case .some(let root) in roots where isStructure(root) {
                dependents[root, default: []].append(node.id)
            }
        }
        while let done = finite.popLast() {
            for dependent in dependents[done] ?? [] {
                guard let count = waiting[dependent], count > 0 else { continue }
                waiting[dependent] = count - 1
                if count == 1 { finite.append(dependent) }
            }
        }
        // A hostile text has more circles than anyone wants to read about.
        var steps = 0
        for id in structures where (waiting[id] ?? 0) > 0 {
            guard case .core(.structure(let structure)) = nodes[id].form else { continue }
            if let own = required(structure).first(where: { root($0.type)?.id == id }) {
                sink.error(
                    .infiniteType, own.syntax.location,
                    "the type needs itself: no value of it is finite",
                    hint: "make the component OPTIONAL")
                continue
            }
            guard returns(to: id, waiting, &steps) else { continue }
            sink.warning(
                .infiniteType, structure.location,
                "the type needs itself: no value of it is finite",
                hint: "make the component that leads back OPTIONAL")
        }
    }

    private func required(_ structure: StructureNode) -> [StructureNode.Component] {
        let all = components(of: structure)
        if structure.flavour == .choice { return all }
        return all.filter {
            !$0.isAddition && !$0.syntax.isOptional && $0.syntax.defaultValue == nil
        }
    }

    private func isStructure(_ id: Int?) -> Bool {
        guard let id, case .core(.structure) = nodes[id].form else { return false }
        return true
    }

    /// Whether the way from a type over types that are not finite comes back to it.
    private func returns(to id: Int, _ waiting: [Int: Int], _ steps: inout Int) -> Bool {
        var seen: Set<Int> = []
        var open = [id]
        while let current = open.popLast() {
            steps += 1
            guard seen.count < 1000, steps < 200_000,
                case .core(.structure(let structure)) = nodes[current].form
            else { continue }
            for component in required(structure) {
                guard let next = root(component.type)?.id, (waiting[next] ?? 0) > 0 else {
                    continue
                }
                if next == id { return true }
                if seen.insert(next).inserted { open.append(next) }
            }
        }
        return false
    }
}
