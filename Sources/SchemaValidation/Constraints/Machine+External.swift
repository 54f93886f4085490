internal import ASN1
internal import ByteIO

/// WITH COMPONENTS on EXTERNAL: it speaks of the associated type of X.680 37.5, whose identification
/// the encoding of X.690 8.18 has as direct and indirect references.
extension Machine where Listener: ~Copyable {
    func holdsExternal(
        _ isPartial: Bool, _ list: [ComponentConstraint], _ node: Node, _ slice: Slice,
        _ window: RawSpan
    ) -> Bool {
        let present = fields(node, slice, window)
        func find(_ name: String) -> (component: Component, slice: Slice)? {
            present.first { program.names[Int($0.component.name)] == name }
        }
        let hasDescriptor = find("data-value-descriptor") != nil
        for item in list {
            switch item.name {
            case "identification":
                if item.presence == .absent { return false }
                guard let constraint = item.constraint, !constraint.isExtensible else { continue }
                let direct = find("direct-reference")
                let indirect = find("indirect-reference")
                if !holdsIdentification(constraint.expression, direct, indirect, window) {
                    return false
                }
            case "data-value-descriptor":
                if item.presence == .present, !hasDescriptor { return false }
                if item.presence == .absent, hasDescriptor { return false }
                if let found = find(item.name), let constraint = item.constraint,
                    !constraint.isExtensible,
                    !holds(constraint.expression, found.component.node, found.slice, window)
                {
                    return false
                }
            default: if item.presence == .absent { return false }
            }
        }
        return isPartial || !hasDescriptor
            || list.contains { $0.name == "data-value-descriptor" }
    }

    private typealias Field = (component: Component, slice: Slice)

    private func holdsIdentification(
        _ expression: ConstraintExpression, _ direct: Field?, _ indirect: Field?,
        _ window: RawSpan
    ) -> Bool {
        func inner(_ expression: ConstraintExpression) -> Bool {
            holdsIdentification(expression, direct, indirect, window)
        }
        switch expression {
        case .union(let parts): return parts.contains(where: inner)
        case .intersection(let parts): return parts.allSatisfy(inner)
        case .difference(let a, let b): return inner(a) && !inner(b)
        case .complement(let a): return !inner(a)
        case .components(let isPartial, let list):
            let name: String
            let chosen: Field?
            switch (direct, indirect) {
            case (nil, nil): return true
            case (let field?, nil): (name, chosen) = ("syntax", field)
            case (nil, let field?): (name, chosen) = ("presentation-context-id", field)
            default: (name, chosen) = ("context-negotiation", nil)
            }
            for item in list {
                if item.presence == .present, item.name != name { return false }
                if item.presence == .absent, item.name == name { return false }
                if item.name == name, let chosen, let constraint = item.constraint,
                    !constraint.isExtensible,
                    !holds(constraint.expression, chosen.component.node, chosen.slice, window)
                {
                    return false
                }
            }
            return isPartial || list.contains { $0.name == name }
        default: return true
        }
    }
}
