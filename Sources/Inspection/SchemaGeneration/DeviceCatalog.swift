internal import Migration

/// The devices of one or several streams, and what their states look like.
///
/// It sees the sections in stream order, and holds no more than their shapes.
public struct DeviceCatalog: ~Copyable {
    /// The states of the FULL sections that have one name and version.
    struct Device: Hashable {
        var name: String
        var version: UInt32
        /// `nil` for those whose octets were not described.
        var state: StructureShape?
        /// Whether some section of this name and version was opaque.
        var isOpaque = false
    }

    /// In the order of the stream.
    private(set) var devices: [Device] = []
    /// Machine types, in the order in which they were seen.
    public private(set) var machines: [String] = []
    private var indices: [Key: Int] = [:]

    private struct Key: Hashable {
        var name: String
        var version: UInt32
    }

    public init() {}

    public var isEmpty: Bool { devices.isEmpty }

    /// Takes these machine types for those that were seen.
    public mutating func replaceMachines(with names: [String]) { machines = names }

    mutating func add(machine: String) {
        if !machines.contains(machine) { machines.append(machine) }
    }

    /// - Parameter state: `nil` for an opaque section.
    mutating func add(_ header: SectionHeader, _ state: StructureShape?) {
        let key = Key(name: header.name, version: header.versionID)
        let index = indices[key] ?? devices.count
        if index == devices.count {
            devices.append(Device(name: header.name, version: header.versionID))
            indices[key] = index
        }
        if let state {
            devices[index].state = devices[index].state?.merged(with: state) ?? state
        } else {
            devices[index].isOpaque = true
        }
    }
}
