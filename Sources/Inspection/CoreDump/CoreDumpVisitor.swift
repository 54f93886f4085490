internal import ByteIO
public import Migration

/// Writes a guest's memory and its processors' registers as an ELF core.
///
/// The blocks stand in the file one behind the other; its segments say which of their octets have
/// which address. So nothing need be known beforehand, nor moved.
public struct CoreDumpVisitor: ~Copyable, ObservingVisitor {
    private var ram: RAMImageVisitor
    private var gathered = MachineFactsVisitor()
    private let options: GuestMemory.Options

    public init(_ image: consuming RAMImage, options: GuestMemory.Options) {
        var image = image
        image.reserve(CoreFile.frontSize)
        ram = RAMImageVisitor(image, block: nil)
        self.options = options
    }

    /// What a core tells of itself.
    public struct Result: Sendable {
        public var memory: GuestMemory
        /// The parts of memory, and where they stand in the file.
        public var places: [(region: GuestMemoryMap.Region, place: UInt64)]
        /// Processors whose registers are there.
        public var processors: Int
    }

    /// Completes the file.
    public consuming func finish() throws(MigrationError) -> Result {
        let facts = gathered.facts
        var memory = try GuestMemory(facts, options: options)
        var core = try CoreFile(facts, end: memory.map.regions.last?.end ?? 0)
        if core.processors == 0 {
            memory.notes.append(
                facts.opaqueProcessors > 0
                    ? "the processors' states have no fields: there are no registers (--like)"
                    : "the stream has no processors' states: there are no registers")
        }
        let image = ram.image
        var places: [(region: GuestMemoryMap.Region, place: UInt64)] = []
        for region in memory.map.regions {
            guard let part = image.parts(of: region.block).first else { continue }
            places.append((region, part.offset &+ region.offset))
        }
        try Self.add(GuestNote.find(facts), places, image.file, to: &core, &memory)
        let notesPlace = core.notesPlace(end: image.size)
        let head = try core.head(
            places.map {
                CoreFile.Segment(
                    address: $0.region.address, length: $0.region.length, place: $0.place)
            }, notesPlace: notesPlace)
        do throws(ByteIOError) {
            // Arrays of octets have no padding that could be read.
            try image.file.write(unsafe core.notes.span.bytes, at: notesPlace)
            try image.file.write(unsafe head.span.bytes, at: 0)
        } catch { throw MigrationError(.io, expected: "", found: "\(error)") }
        try image.commit()
        return Result(memory: memory, places: places, processors: core.processors)
    }

    private static func add(
        _ found: Swift.Result<GuestNote, GuestNote.Absence>?,
        _ places: [(region: GuestMemoryMap.Region, place: UInt64)], _ file: borrowing OutputFile,
        to core: inout CoreFile, _ memory: inout GuestMemory
    ) throws(MigrationError) {
        let why: String
        switch found {
        case nil: return
        case .failure(let absence): why = absence.text
        case .success(let note):
            do throws(ByteIOError) {
                if let octets = try note.read(places, file) { return core.add(octets) }
            } catch { throw MigrationError(.io, expected: "", found: "\(error)") }
            why = "there is none in the place that it tells"
        }
        memory.notes.append("the core has no note of the guest's (vmcoreinfo): \(why)")
    }
}

// MARK: The stream

extension CoreDumpVisitor {
    public mutating func configuration(
        _ configuration: Configuration
    ) throws(MigrationError) { try gathered.configuration(configuration) }

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {
        try gathered.beginSection(header, contents: contents, at: offset)
        try ram.beginSection(header, contents: contents, at: offset)
    }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        try gathered.endSection(footer: footer)
        try ram.endSection(footer: footer)
    }

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        try gathered.device(state)
    }

    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {
        try gathered.opaque(piece)
        // A packet's data are pages.
        try ram.opaque(piece)
    }

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        try gathered.ramBlocks(blocks)
        try ram.ramBlocks(blocks)
    }

    public mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) { try ram.ramPages(group, content) }

    public mutating func ramMapped(total: UInt64) throws(MigrationError) {
        try gathered.ramMapped(total: total)
        try ram.ramMapped(total: total)
    }

    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {
        try gathered.ramMappedBlock(block)
        try ram.ramMappedBlock(block)
    }

    public mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError) { try ram.ramMappedOctets(part, at: offset, octets) }

    public mutating func ramMappedPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) { try ram.ramMappedPages(group, content) }

    public mutating func ramFlush() throws(MigrationError) { try ram.ramFlush() }

    public mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError) {
        try ram.command(code, payload: payload)
    }

    public mutating func beginChannel(
        _ channel: Channel, at offset: UInt64
    ) throws(MigrationError) { try ram.beginChannel(channel, at: offset) }

    public mutating func beginPacket(_ packet: MultifdPacket) throws(MigrationError) {
        try ram.beginPacket(packet)
    }

    public mutating func beginDevicePacket(
        _ packet: DeviceStatePacket
    ) throws(MigrationError) { try ram.beginDevicePacket(packet) }

    public mutating func endPacket() throws(MigrationError) { try ram.endPacket() }
}
