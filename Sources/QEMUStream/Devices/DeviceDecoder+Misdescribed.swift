import Migration

/// Descriptions that are known to be wrong.
extension DeviceDecoder {
    /// Finds the array whose description misses the truth, and decodes it by what its octets say.
    mutating func refit(
        _ body: VMDescription.Body, end: Int, total: UInt64
    ) throws(Misfit) {
        let start = position
        let nodeCount = state.nodes.count
        let octetCount = state.octets.count
        let noteCount = notes.count
        var index = 0
        while index < body.fields.count {
            let group = PointerArrays.group(body.fields, at: index)
            let claimed = body.fields[group].reduce(UInt64(0)) { $0 &+ ($1.total ?? 0) }
            let others = total &- claimed
            if PointerArrays.mayBeMisdescribed(body.fields[group]), others <= UInt64(end - start) {
                do {
                    try self.body(
                        body, end: end, refit: (index, end - start - Int(others)))
                    if position == end { return }
                } catch {
                    if error.isFinal { throw error }
                }
                position = start
                state.rewind(nodes: nodeCount, octets: octetCount)
                notes.removeSubrange(noteCount...)
            }
            index = group.upperBound
        }
        throw misfit("the description claims \(total) octets, the section has \(end - start)")
    }

    /// An array of pointers, some of them null, up to `end`.
    mutating func misdescribed(
        _ fields: ArraySlice<VMDescription.Field>, end: Int
    ) throws(Misfit) {
        guard let first = fields.first, end <= octets.count, end >= position else {
            throw misfit("an array of pointers does not fit")
        }
        path.append(first.name)
        defer { path.removeLast() }
        let described = fields.first { $0.bodies.count == 1 && $0.bodies[0].isDescribed }
        let container = state.beginContainer(.array, name: try interned(first.name))
        while position < end {
            if octets[position] == PointerArrays.null {
                marker(-1)
            } else if let described, UInt64(end - position) >= described.size {
                try element(described, name: -1, end: end)
            } else {
                notes.append(misfit("pointers whose targets have no description"))
                state.add(.blob, name: -1, octets: octets[position..<end])
                position = end
            }
        }
        state.endContainer(container)
    }
}
