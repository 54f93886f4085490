import Migration

extension DeviceState {
    /// All numbers of a field, in the order of the wire: of an array or a structure those that it
    /// holds.
    /// - Parameter container: the index of what has the field: the device itself, or a subsection.
    /// - Returns: `nil` if there is no such field.
    func numbers(_ name: String, of container: Int = 0) -> [UInt64]? {
        for index in children(of: container) where self.name(of: nodes[index]) == name {
            var numbers: [UInt64] = []
            collect(index, into: &numbers)
            return numbers
        }
        return nil
    }

    /// The index of a subsection.
    /// - Parameter container: the index of what has it: the device itself, or a subsection.
    /// - Returns: `nil` if there is no such subsection.
    func subsection(_ name: String, of container: Int) -> Int? {
        children(of: container).first {
            nodes[$0].kind == .subsection && self.name(of: nodes[$0]) == name
        }
    }

    private func collect(_ index: Int, into numbers: inout [UInt64]) {
        // What a field holds stands behind it, in order.
        for node in nodes[index..<max(Int(nodes[index].end), index + 1)] {
            switch node.kind {
            case .scalars:
                guard let width = node.elementKind.width else { continue }
                let octets = octets(of: node)
                for start in stride(
                    from: octets.startIndex, through: octets.endIndex - width, by: width)
                {
                    numbers.append(node.elementKind.bits(octets[start..<start + width]))
                }
            default:
                if node.kind.width != nil { numbers.append(node.value) }
            }
        }
    }
}
