internal import ByteIO
public import Migration
internal import QEMUStream

/// What a stream tells of its machine that says where memory lies: gathered as the stream goes by.
public struct MachineFacts: Sendable {
    /// The machine type of the configuration, as in `pc-q35-10.0`.
    public internal(set) var machine: String?
    /// The RAM blocks, in the stream's order.
    public internal(set) var blocks: [RAMBlock] = []
    /// The sections of devices, by name.
    private(set) var sections: Set<String> = []
    /// The octets of those that are looked into, of the first instance of each.
    private var octets: [String: [UInt8]] = [:]
    /// The processors' states in the order of their instances, where they have fields.
    public private(set) var processors: [UInt32: DeviceState] = [:]
    /// Processors whose states have no fields.
    public private(set) var opaqueProcessors = 0

    private var current: SectionHeader?

    /// Octets of a section that are kept.
    private static let kept = 8192
    /// Sections that are kept; a stream may have any number.
    private static let limit = 4096

    public init() {}

    public func block(named name: String) -> RAMBlock? { blocks.first { $0.name == name } }

    /// The octets, on the wire, of the first section whose name is this, or is it behind a slash: a
    /// device's path stands before.
    func section(_ name: String) -> [UInt8]? {
        octets[name] ?? octets.first { $0.key.hasSuffix("/" + name) }?.value
    }

    func hasSection(_ name: String) -> Bool {
        sections.contains(name) || sections.contains { $0.hasSuffix("/" + name) }
    }

    private static func isLookedInto(_ name: String) -> Bool {
        name == "mc146818rtc" || name == "vmcoreinfo" || name.hasSuffix("/I440FX")
            || name.hasSuffix("/mch")
    }

    // MARK: Gathering

    mutating func beginSection(_ header: SectionHeader) {
        current = header
        if sections.count < Self.limit { sections.insert(header.name) }
    }

    mutating func endSection() { current = nil }

    mutating func device(_ state: borrowing DeviceState) {
        guard let current else { return }
        if current.name == "cpu", processors.count < Self.limit {
            processors[current.instanceID] = copy state
        }
        if Self.isLookedInto(current.name) { keep(DeviceEncoder.encode(state)[...], current.name) }
    }

    mutating func opaque(_ piece: RawSpan) {
        guard let current else { return }
        if current.name == "cpu" { opaqueProcessors += 1 }
        guard Self.isLookedInto(current.name), octets[current.name] == nil else { return }
        // What is looked at stands in the first piece.
        let count = min(piece.byteCount, Self.kept)
        keep((0..<count).map { piece.octet(at: $0) }[...], current.name)
    }

    private mutating func keep(_ piece: ArraySlice<UInt8>, _ name: String) {
        guard octets[name] == nil, octets.count < 16 else { return }
        octets[name] = Array(piece.prefix(Self.kept))
    }
}

/// Gathers what a stream tells of its machine.
public struct MachineFactsVisitor: ~Copyable, ObservingVisitor {
    public private(set) var facts = MachineFacts()
    private let endsAtPages: Bool
    /// Whether an error was thrown to end the reading: what was wanted is known.
    public private(set) var hasEnded = false

    /// - Parameter endsAtPages: whether to read no further than to the list of RAM blocks.
    public init(endsAtPages: Bool = false) { self.endsAtPages = endsAtPages }

    public mutating func configuration(
        _ configuration: Configuration
    ) throws(MigrationError) { facts.machine = configuration.machine }

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) { facts.beginSection(header) }

    public mutating func endSection(footer: Bool) throws(MigrationError) { facts.endSection() }

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        facts.blocks = blocks
        guard endsAtPages else { return }
        hasEnded = true
        throw MigrationError(.unsupported, expected: "no more", found: "enough")
    }

    public mutating func ramMapped(total: UInt64) throws(MigrationError) { facts.blocks = [] }

    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {
        facts.blocks.append(block)
    }

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        facts.device(state)
    }

    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) { facts.opaque(piece) }
}
