public import Migration

/// Where the values of a device's state lie among its octets.
public struct DeviceOffsets: Sendable {
    private var starts: [Int]
    private var ends: [Int]

    /// Octets on the wire of the value at an index, from the body's start.
    public subscript(_ index: Int) -> Range<Int> { starts[index]..<ends[index] }

    /// Octets of the whole body.
    public var total: Int { ends.first ?? 0 }

    public init(_ state: borrowing DeviceState) {
        starts = Array(repeating: 0, count: state.nodes.count)
        ends = starts
        var position = 0
        place(0, of: state, &position)
    }

    /// As ``DeviceEncoder`` writes it.
    private mutating func place(
        _ index: Int, of state: borrowing DeviceState, _ position: inout Int
    ) {
        let node = state.nodes[index]
        starts[index] = position
        switch node.kind {
        case .blob, .buffer, .scalars: position &+= node.length
        case .text: position &+= 1 &+ node.length
        case .absent: position &+= 1
        case .structure, .array:
            for child in state.children(of: index) { place(child, of: state, &position) }
        case .list:
            for child in state.children(of: index) {
                position &+= 1
                place(child, of: state, &position)
            }
            position &+= 1
        case .tree:
            position &+= 4
            var isKey = true
            for child in state.children(of: index) {
                if isKey { position &+= 1 }
                isKey.toggle()
                place(child, of: state, &position)
            }
            position &+= 1
        case .subsection:
            position &+= 6 &+ state.name(of: node).utf8.count
            for child in state.children(of: index) { place(child, of: state, &position) }
        case .number: break
        default: position &+= node.kind.width ?? 0
        }
        ends[index] = position
    }
}

extension DeviceState {
    /// What the node at `index` holds, directly, each with the components that lead to it: one, or two
    /// in a tree, whose entries have a `key` and a `value`.
    public func namedChildren(
        of index: Int
    ) -> [(index: Int, components: [DevicePath.Component])] {
        var result: [(index: Int, components: [DevicePath.Component])] = []
        var seen: [Int32: Int] = [:]
        let isTree = nodes[index].kind == .tree
        for (place, child) in children(of: index).enumerated() {
            let node = nodes[child]
            if isTree {
                result.append(
                    (child, [.index(place / 2), .name(place % 2 == 0 ? "key" : "value")]))
            } else if node.name < 0 {
                result.append((child, [.index(place)]))
            } else {
                let count = (seen[node.name] ?? 0) + 1
                seen[node.name] = count
                let name = name(of: node)
                result.append((child, [.name(count == 1 ? name : "\(name)#\(count)")]))
            }
        }
        return result
    }

    /// Elements that a node of octets has: those of a scalar array, octets of others.
    public func elementCount(_ node: Node) -> Int {
        node.length / elementWidth(node)
    }

    /// Octets of an element of a scalar array; 1 for others.
    public func elementWidth(_ node: Node) -> Int {
        max(node.kind == .scalars ? node.elementKind.width ?? 1 : 1, 1)
    }

    /// The bits of an element of a node of octets.
    public func elementBits(_ node: Node, at place: Int) -> UInt64 {
        let octets = octets(of: node)
        guard node.kind == .scalars, let width = node.elementKind.width else {
            return UInt64(octets[octets.startIndex + place])
        }
        let start = octets.startIndex + place * width
        return node.elementKind.bits(octets[start..<start + width])
    }

    /// The kind of such an element.
    public func elementKind(_ node: Node) -> Kind {
        node.kind == .scalars ? node.elementKind : .uint8
    }
}
