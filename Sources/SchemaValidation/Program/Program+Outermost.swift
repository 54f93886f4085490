public import ASN1

extension ValidationProgram {
    /// The types with a name that no other type uses, in the order of the text.
    public static func outermostTypes(_ schema: Schema) -> [String] {
        var used = [Bool](repeating: false, count: schema.types.count)
        func use(_ type: Int) {
            if used.indices.contains(type) { used[type] = true }
        }
        for type in schema.types {
            if let base = type.base { use(base) }
            switch type.kind {
            case .sequence(let structure), .set(let structure), .choice(let structure):
                // An alias shows the components of what it refers to: those are used by that.
                for component in structure.components { use(component.use.type) }
            case .sequenceOf(let inner), .setOf(let inner): use(inner.type)
            default: break
            }
        }
        for set in schema.objectSets {
            for row in set.rows {
                for case .type(let inner) in row.settings.values { use(inner.type) }
            }
        }
        return schema.names.filter { !used[$0.type] }.map(\.name)
    }
}
