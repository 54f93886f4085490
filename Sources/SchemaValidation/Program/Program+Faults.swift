public import ASN1

extension ValidationProgram {
    /// Whether one of these places lies in a definition that the program was made from.
    public func uses(anyOf places: [SourceLocation]) -> Bool {
        guard !places.isEmpty else { return false }
        let starts = (schema.names.map(\.location) + schema.values.map(\.location)).sorted()
        func definition(_ place: SourceLocation) -> Int {
            var low = 0
            var high = starts.count
            while low < high {
                let middle = (low + high) / 2
                if starts[middle] <= place { low = middle + 1 } else { high = middle }
            }
            return low
        }
        var used: Set<Int> = []
        for detail in details where !detail.isStandard && detail.place.line > 0 {
            used.insert(definition(detail.place))
        }
        for use in uses where !use.isStandard { used.insert(definition(use.location)) }
        return places.contains { used.contains(definition($0)) }
    }
}
