internal import Migration

/// A PCI device's configuration space: what neither guest nor device can change must be the same
/// (`get_pci_config_device` in QEMU's `hw/pci/pci.c`).
struct PCIConfigSpace: LoaderRule {
    /// Registers of the header that are compared (`pci_init_cmask`), and where they stand. The
    /// programming interface is left out: some devices let the guest change it.
    private static let header: [(name: String, offset: UInt64)] = [
        ("vendor_id", 0x00), ("device_id", 0x02), ("revision_id", 0x08), ("sub_class", 0x0a),
        ("base_class", 0x0b), ("header_type", 0x0e), ("capabilities_pointer", 0x34),
    ]
    /// Of an MSI-X capability: the table's size, its place, and that of the pending bits.
    private static let msix: [(name: String, offset: UInt64, mask: UInt64)] = [
        ("control", 2, 0x7ff), ("table", 4, .max), ("pending", 8, .max),
    ]

    private struct Register: Hashable {
        var path: String
        /// Octets from the start of the configuration space.
        var offset: UInt64
        var value: UInt64
        /// Octets that it has.
        var width: Int
    }

    /// Ascending.
    private var registers: [Register] = []

    init?(_ header: SectionHeader, _ state: DeviceState) {
        guard let (space, path) = Self.find(in: 0, of: state, path: "", depth: 0) else {
            return nil
        }
        for child in state.children(of: space) {
            let node = state.nodes[child]
            let name = state.name(of: node)
            if let (_, offset) = Self.header.first(where: { $0.name == name }) {
                registers.append(
                    Register(
                        path: "\(path).\(name)", offset: offset, value: node.value,
                        width: node.kind.width ?? 1))
            } else if let place = Self.place(name), node.kind == .structure {
                add(child, of: state, at: place, path: "\(path).\(name)")
            }
        }
        registers.sort { $0.offset < $1.offset }
    }

    /// Adds what stays of a capability.
    private mutating func add(
        _ capability: Int, of state: DeviceState, at place: UInt64, path: String
    ) {
        var id: UInt64 = 0
        for child in state.children(of: capability) {
            let node = state.nodes[child]
            let name = state.name(of: node)
            var fixed: (offset: UInt64, mask: UInt64)?
            switch name {
            case "id":
                id = node.value
                fixed = (0, .max)
            case "next": fixed = (1, .max)
            default:
                // MSI-X
                guard id == 0x11 else { continue }
                fixed = Self.msix.first { $0.name == name }.map { ($0.offset, $0.mask) }
            }
            guard let fixed else { continue }
            registers.append(
                Register(
                    path: "\(path).\(name)", offset: place + fixed.offset,
                    value: node.value & fixed.mask, width: node.kind.width ?? 1))
        }
    }

    /// The first configuration space within a container, and its path.
    private static func find(
        in container: Int, of state: DeviceState, path: String, depth: Int
    ) -> (Int, String)? {
        guard depth < 8 else { return nil }
        for child in state.children(of: container) {
            let node = state.nodes[child]
            guard node.kind == .structure else { continue }
            let inner = path + "." + DevicePath.quoted(state.name(of: node))
            let names = state.children(of: child).prefix(2).map { state.name(of: state.nodes[$0]) }
            if names == ["vendor_id", "device_id"] { return (child, inner) }
            if let found = find(in: child, of: state, path: inner, depth: depth + 1) {
                return found
            }
        }
        return nil
    }

    /// Where a capability stands: `msix_98` at 0x98.
    private static func place(_ name: String) -> UInt64? {
        name.split(separator: "_").last.flatMap { UInt64($0, radix: 16) }
            .flatMap { $0 < 4096 ? $0 : nil }
    }

    func fault(_ header: SectionHeader, own: PCIConfigSpace) -> LoaderFault? {
        for register in registers {
            let local = own.registers.first { $0.offset == register.offset }
            guard let local, local.width == register.width, local.value != register.value else {
                continue
            }
            return LoaderFault(
                path: register.path, message: "the target's device has another value there",
                expected: Self.hex(local.value), found: Self.hex(register.value),
                loaderMessages: [Self.message(register, own: local)])
        }
        return nil
    }

    /// QEMU compares octet by octet.
    private static func message(_ register: Register, own: Register) -> String {
        var (sent, local, offset) = (register.value, own.value, register.offset)
        while sent & 0xff == local & 0xff, offset < register.offset + 7 {
            (sent, local, offset) = (sent >> 8, local >> 8, offset + 1)
        }
        return "get_pci_config_device: Bad config data: i=\(hex(offset)) read: "
            + "\(String(sent & 0xff, radix: 16)) device: \(String(local & 0xff, radix: 16))"
    }

    private static func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}
