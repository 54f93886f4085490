internal import ByteIO
public import Migration
internal import QEMUStream

/// Makes a ``StreamInventory`` of what goes by.
public struct InventoryVisitor: ~Copyable, ObservingVisitor {
    private var inventory = StreamInventory()
    private var current: Int?
    /// Octets of each described device, to be held against what the vmdesc claims.
    private var lengths: [Int: UInt64] = [:]
    private var description: [UInt8]?
    private var startOffset: UInt64 = 0
    private var hasEnded = false

    public init() {}

    /// What was seen. The vmdesc, which comes last, adds types and names to it.
    public consuming func finish() -> StreamInventory {
        guard let description, let described = try? VMDescription(json: description) else {
            return inventory
        }
        if inventory.pageSize == nil { inventory.pageSize = described.pageSize }
        let devices = inventory.sections.indices.filter { inventory.sections[$0].isDevice }
        guard devices.count == described.devices.count else { return inventory }
        for (index, device) in zip(devices, described.devices) {
            let header = inventory.sections[index].header
            guard header.name == device.name, header.instanceID == device.instanceID,
                !device.body.name.isEmpty
            else { continue }
            if device.body.total == lengths[index] {
                var body = SentBody(device.body, at: 0)
                if let sent = inventory.sections[index].body { body.takeVersions(of: sent) }
                inventory.sections[index].body = body
            } else {
                inventory.sections[index].body.change { $0.name = device.body.name }
            }
        }
        return inventory
    }

    public mutating func configuration(
        _ configuration: Configuration
    ) throws(MigrationError) {
        var settings = StreamInventory.Settings()
        let state = configuration.subsections
        for index in state.children(of: 0) {
            switch state.name(of: state.nodes[index]) {
            case "configuration/target-page-bits":
                settings.pageBits = state.children(of: index).map { state.nodes[$0].value }.first
            case "configuration/capabilities":
                for child in state.children(of: index) {
                    for name in state.children(of: child) where state.nodes[name].kind == .text {
                        settings.capabilities.append(
                            String(decoding: state.octets(of: state.nodes[name]), as: UTF8.self))
                    }
                }
            case "configuration/uuid": settings.hasUUID = true
            default: break
            }
        }
        inventory.configuration = (configuration.machine, settings)
        if let bits = settings.pageBits, bits < 64 { inventory.pageSize = 1 << bits }
    }

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {
        startOffset = offset
        guard header.isNamed else { return }
        current = inventory.sections.count
        inventory.sections.append(StreamInventory.Section(header: header, offset: offset))
    }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        // A stream that is cut off in a section has no footer there, whatever it has elsewhere.
        if footer { inventory.hasFooters = true }
        if !footer, inventory.hasFooters == nil { inventory.hasFooters = false }
        current = nil
    }

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        guard let current else { return }
        inventory.sections[current].body = SentBody(state)
        inventory.sections[current].rules = LoaderRules(
            inventory.sections[current].header, copy state)
        lengths[current] = UInt64(DeviceEncoder.encode(state).count)
    }

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        inventory.blocks = blocks
        inventory.blocksOffset = startOffset
    }

    public mutating func ramMapped(total: UInt64) throws(MigrationError) {
        inventory.blocks = []
        inventory.blocksOffset = startOffset
        inventory.isMapped = true
    }

    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {
        inventory.blocks.append(block)
        if let size = block.mapped?.pageSize { inventory.pageSize = size }
    }

    public mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        inventory.pageSize = group.pageSize
        for (index, entry) in group.entries.enumerated() {
            switch entry.kind {
            case .fill where entry.fill != 0 && inventory.records.fill == nil:
                inventory.records.fill = (entry.fill, startOffset)
            case .zlib where inventory.records.compressed == nil:
                let isNamed = index == 0 && group.isNameSpelled
                inventory.records.compressed = (
                    RAMFlag.compressed | (isNamed ? 0 : RAMFlag.continued), startOffset
                )
            default: break
            }
        }
    }

    public mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError) {
        let command = StreamInventory.Command(code: code, length: payload.byteCount)
        if !inventory.commands.contains(command) { inventory.commands.append(command) }
    }

    public mutating func beginPackage(length: UInt32) throws(MigrationError) {
        inventory.commands.append(
            StreamInventory.Command(code: StreamCommand.packaged, length: 4))
    }

    public mutating func endOfStream() throws(MigrationError) { hasEnded = true }

    public mutating func raw(_ piece: RawSpan) throws(MigrationError) {
        // What stands behind the stream is nobody's.
        guard !hasEnded, !inventory.isCut else { return }
        inventory.isCut = true
        inventory.unread = Self.header(piece)
    }

    /// The section that octets begin with, which no reader takes.
    private static func header(_ octets: RawSpan) -> SectionHeader? {
        guard octets.byteCount > 5, let kind = SectionKind(rawValue: octets.octet(at: 0)) else {
            return nil
        }
        let length = Int(octets.octet(at: 5))
        guard kind.isNamed, octets.byteCount >= 14 + length,
            let name = octets.text(at: 6, count: length)
        else { return nil }
        return SectionHeader(
            kind: kind, sectionID: octets.bigEndian(at: 1), name: name,
            instanceID: octets.bigEndian(at: 6 + length),
            versionID: octets.bigEndian(at: 10 + length))
    }

    public mutating func description(_ json: RawSpan) throws(MigrationError) {
        description = json.octets
    }

    public mutating func beginChannel(
        _ channel: Channel, at offset: UInt64
    ) throws(MigrationError) {
        if !inventory.channels.contains(channel.kind) { inventory.channels.append(channel.kind) }
    }
}
