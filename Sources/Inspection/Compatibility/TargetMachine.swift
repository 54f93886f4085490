internal import Migration
public import QEMUStream

/// The QEMU that is to load a stream, as far as files of it tell.
///
/// A `-dump-vmstate` file tells all devices that the program has, with all their fields, but not which of
/// them the machine has, nor its RAM. Another stream of the same machine tells just those: its
/// sections and blocks are the machine's.
public struct TargetMachine: Sendable {
    /// The machine type, in full.
    public var machine: String?
    /// Lengths of RAM blocks in octets, by name.
    var blocks: [String: UInt64] = [:]
    private var descriptions: [String: [ExpectedBody]] = [:]
    public private(set) var hasDump = false
    /// What another stream of the machine has.
    private(set) var other: StreamInventory?
    private var handlers: [HandlerKey: StreamInventory.Section] = [:]

    private struct HandlerKey: Hashable {
        var name: String
        var instance: UInt32
    }

    public init() {}

    /// Adds what a dump tells.
    public mutating func add(_ dump: DumpDescription) {
        hasDump = true
        if machine == nil { machine = dump.machine }
        let bodies = dump.devices.map { ExpectedBody($0.body) }
        for body in bodies { add(body) }
        // Some handlers are a part of a device elsewhere: vga without PCI, ide without a controller.
        for body in bodies { addParts(of: body) }
    }

    private mutating func add(_ body: ExpectedBody) {
        if descriptions[body.name]?.contains(body) != true {
            descriptions[body.name, default: []].append(body)
        }
    }

    private mutating func addParts(of body: ExpectedBody) {
        for inner in body.fields.flatMap(\.body) {
            if OutsideDumps.has(inner.name) || OutsideDumps.had(inner.name) { add(inner) }
            addParts(of: inner)
        }
    }

    /// Adds what another stream of the machine has.
    public mutating func add(_ stream: StreamInventory) {
        other = stream
        if machine == nil { machine = stream.configuration?.machine }
        for block in stream.blocks where blocks[block.name] == nil {
            blocks[block.name] = block.length
        }
        var next: [String: UInt32] = [:]
        for section in stream.sections.sorted(by: { $0.header.sectionID < $1.header.sectionID }) {
            let header = section.header
            handlers[HandlerKey(name: header.name, instance: header.instanceID)] = section
            // A device with a path is known without it too, as QEMU up to 0.12 named it.
            guard let name = section.body?.name, name != header.name else { continue }
            let old = HandlerKey(name: name, instance: next[name, default: 0])
            next[name, default: 0] += 1
            if handlers[old] == nil { handlers[old] = section }
        }
    }

    /// Adds or replaces a RAM block's length.
    public mutating func setBlock(_ name: String, length: UInt64) { blocks[name] = length }

    /// Whether ``blocks`` has all that the machine has.
    var knowsAllBlocks: Bool { other?.blocks.isEmpty == false }

    /// The section of the other stream that the same handler wrote.
    func section(_ header: SectionHeader) -> StreamInventory.Section? {
        handlers[HandlerKey(name: header.name, instance: header.instanceID)]
    }

    /// Descriptions that a section can be loaded by, if the program has such a device.
    /// - Parameter name: the description's name, where the stream tells it.
    func descriptions(of header: SectionHeader, named name: String?) -> [ExpectedBody] {
        if let name { return descriptions[name] ?? [] }
        var rest = header.name[...]
        while true {
            if let found = descriptions[String(rest)] { return found }
            guard let slash = rest.firstIndex(of: "/") else { return [] }
            rest = rest[rest.index(after: slash)...]
        }
    }

    /// Whether a stream of the machine tells all its sections, so that what it lacks is not there.
    var hasAllSections: Bool { other.map { !$0.isCut } ?? false }

    /// Whether the machine type sends and wants a configuration section and footers.
    var hasConfiguration: Bool? {
        if let other { return other.configuration != nil }
        return machine.flatMap { MachineTypes.hasConfiguration($0) }
    }

    var hasFooters: Bool? {
        if let footers = other?.hasFooters { return footers }
        return machine.flatMap { MachineTypes.hasConfiguration($0) }
    }
}
