internal import Migration
public import QEMUStream

/// The devices of one or several streams, and what their states look like; or those that a
/// `-dump-vmstate` file tells of.
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

    /// The devices of a dump that share a description, wherever they may be plugged.
    struct Family: Hashable {
        /// The description's name, with which the section's ends.
        var name: String
        var versions: Set<Int64>
        var state: StructureShape
    }

    /// In the order of the stream.
    private(set) var devices: [Device] = []
    /// Machine types, in the order in which they were seen.
    public private(set) var machines: [String] = []
    /// In the order of the dump.
    private(set) var families: [Family] = []
    private var indices: [Key: Int] = [:]
    private var familyIndices: [String: Int] = [:]

    private struct Key: Hashable {
        var name: String
        var version: UInt32
    }

    public init() {}

    public var isEmpty: Bool { devices.isEmpty && families.isEmpty }
    /// Whether sections were seen, of a stream.
    public var hasSections: Bool { !devices.isEmpty }
    /// Whether a dump was added.
    public var hasDump: Bool { !families.isEmpty }

    /// Adds what a `-dump-vmstate` file tells.
    public mutating func add(_ dump: DumpDescription) {
        if let machine = dump.machine { add(machine: machine) }
        for device in dump.devices where !device.body.name.isEmpty {
            let body = device.body
            let shape = DumpShapes.structure(body)
            guard let index = familyIndices[body.name] else {
                familyIndices[body.name] = families.count
                families.append(
                    Family(name: body.name, versions: [body.version], state: shape))
                continue
            }
            families[index].versions.insert(body.version)
            if families[index].state != shape {
                families[index].state = families[index].state.merged(with: shape)
            }
        }
    }

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
