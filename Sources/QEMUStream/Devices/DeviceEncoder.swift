public import Migration

/// Turns a device's fields back into its octets.
public enum DeviceEncoder {
    /// The octets that QEMU would have written for these values.
    public static func encode(_ state: borrowing DeviceState) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(state.octets.count + 8 * state.nodes.count)
        for child in state.children(of: 0) { append(child, of: state, to: &octets) }
        return octets
    }

    private static func append(
        _ index: Int, of state: borrowing DeviceState, to octets: inout [UInt8]
    ) {
        let node = state.nodes[index]
        switch node.kind {
        case .bool, .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64, .uint16le,
            .uint32le, .uint64le:
            node.kind.append(node.value, to: &octets)
        // Its octets are not known; the writer refuses it before.
        case .number: break
        case .absent: octets.append(PointerArrays.null)
        case .blob, .buffer, .scalars: octets.append(contentsOf: state.octets(of: node))
        case .text:
            octets.append(UInt8(truncatingIfNeeded: node.length))
            octets.append(contentsOf: state.octets(of: node))
        case .structure, .array:
            for child in state.children(of: index) { append(child, of: state, to: &octets) }
        case .list:
            for child in state.children(of: index) {
                octets.append(1)
                append(child, of: state, to: &octets)
            }
            octets.append(0)
        case .tree:
            var count = 0
            for _ in state.children(of: index) { count += 1 }
            append(UInt32(truncatingIfNeeded: count / 2), to: &octets)
            var isKey = true
            for child in state.children(of: index) {
                if isKey { octets.append(1) }
                append(child, of: state, to: &octets)
                isKey.toggle()
            }
            octets.append(0)
        case .subsection:
            octets.append(5)
            let name = state.name(of: node)
            octets.append(UInt8(truncatingIfNeeded: name.utf8.count))
            octets.append(contentsOf: name.utf8)
            append(UInt32(truncatingIfNeeded: node.value), to: &octets)
            for child in state.children(of: index) { append(child, of: state, to: &octets) }
        }
    }

    private static func append<T: FixedWidthInteger>(_ value: T, to octets: inout [UInt8]) {
        for shift in stride(from: T.bitWidth - 8, through: 0, by: -8) {
            octets.append(UInt8(truncatingIfNeeded: value >> T(shift)))
        }
    }
}
