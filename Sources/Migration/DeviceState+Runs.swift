/// Neighbours in an array that are alike.
extension DeviceState {
    /// Runs of elements that are alike, in order.
    ///
    /// - Parameters:
    ///   - index: a node that holds others.
    ///   - shapeOnly: whether kinds and names must agree alone, or values too.
    ///   - body: told the first element's index and how many there are.
    public func forEachRun<Failure: Error>(
        of index: Int, shapeOnly: Bool = false,
        _ body: (_ first: Int, _ count: Int) throws(Failure) -> Void
    ) throws(Failure) {
        var first = -1
        var count = 0
        for child in children(of: index) {
            if first >= 0, areAlike(first, child, shapeOnly: shapeOnly) {
                count += 1
                continue
            }
            if first >= 0 { try body(first, count) }
            first = child
            count = 1
        }
        if first >= 0 { try body(first, count) }
    }

    /// Whether two nodes hold the same, with everything inside them.
    private func areAlike(_ one: Int, _ other: Int, shapeOnly: Bool) -> Bool {
        let size = Int(nodes[one].end) - one
        guard Int(nodes[other].end) - other == size else { return false }
        for offset in 0..<size {
            let left = nodes[one + offset]
            let right = nodes[other + offset]
            guard left.kind == right.kind, left.elementKind == right.elementKind,
                left.name == right.name, Int(left.end) - one == Int(right.end) - other
            else { return false }
            switch left.kind {
            case .subsection where left.value != right.value: return false
            case _ where shapeOnly: break
            case .text, .blob, .buffer, .scalars:
                guard left.length == right.length, octets(of: left) == octets(of: right)
                else { return false }
            case .structure, .array, .list, .tree: break
            default:
                if left.value != right.value { return false }
            }
        }
        return true
    }
}
