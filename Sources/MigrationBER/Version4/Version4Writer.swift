internal import BER
public import ByteIO
public import Migration

/// Writes version 4 files (`Schemas/qemu-v4.asn`).
///
/// A section's lengths are definite, but for one that has pages, or more opaque octets than are
/// held: those are indefinite. After every few MiB comes a checkpoint, at the end an index.
public struct Version4Writer: ~Copyable, MigrationVisitor {
    var writer: BERWriter
    private let producer: String
    private let hasExtras: Bool
    var index = IndexBuilder()
    var totals = TotalsBuilder()
    private var checkpointStart: UInt64 = 0
    /// Where the first checkpoint begins, if one was written.
    public private(set) var firstCheckpoint: UInt64?
    /// Contents of an iterator's section, and its records while they are held.
    var iterator: IteratorSection?
    var held = BERWriter(.inMemory())

    /// The container's octets that are being written.
    private var packedContents: OpaqueContents?
    /// The section that is being written.
    private var section: OpenSection?
    /// The mapped block that was told last.
    private var mappedBlock = ""
    /// The channel beside the main one that is being written.
    var channel: OpenChannel?

    private struct OpenSection {
        var header: SectionHeader
        var contents: SectionContents
        /// Whether its head, of indefinite length, has been written.
        var isStreaming = false
        /// RAM records that wait to see whether pages follow.
        var held: [UInt8] = []
        var opaque = OpaqueContents(length: nil)
    }

    /// - Parameters:
    ///   - producer: which program encodes, as in `berth 1.0`.
    ///   - checkpointsAndIndex: whether to write them.
    public init(
        _ sink: consuming ByteSink, producer: String, checkpointsAndIndex: Bool = true
    ) {
        writer = BERWriter(sink)
        self.producer = producer
        hasExtras = checkpointsAndIndex
    }

    public consuming func takeSink() -> ByteSink { writer.takeSink() }

    /// Octets written so far.
    public var size: UInt64 { writer.position }

    /// Runs something that writes, and tells its failure as a migration error.
    mutating func write(
        _ body: (inout BERWriter) throws(ByteIOError) -> Void
    ) throws(MigrationError) {
        do { try body(&writer) } catch { throw BERFailure.wrap(error) }
    }

    // MARK: Stream

    public mutating func begin(_ header: StreamHeader) throws(MigrationError) {
        let producer = producer
        let hasExtras = hasExtras
        try write { (writer) throws(ByteIOError) in
            if hasExtras { try writer.sink.beginChecksum() }
            try writer.beginIndefinite(SchemaTag.qemuFile)
            try writer.integer(.integer, 4 as UInt64)
            try StreamInfo.write(header, producer: producer, to: &writer)
            try writer.beginIndefinite(.sequence)
        }
    }

    public mutating func configuration(
        _ configuration: Configuration
    ) throws(MigrationError) {
        index.item(at: writer.position)
        try write { (writer) throws(ByteIOError) in
            try ConfigurationCoding.write(configuration, to: &writer)
        }
        try checkpointIfDue()
    }

    public mutating func endOfStream() throws(MigrationError) {
        totals.history.endOfStream()
        index.item(at: writer.position)
        try write { (writer) throws(ByteIOError) in try writer.null(SchemaTag.endOfStream) }
    }

    public mutating func description(_ json: RawSpan) throws(MigrationError) {
        totals.history.endDowntime()
        index.item(at: writer.position)
        try write { (writer) throws(ByteIOError) in
            try Segments.write(SchemaTag.description, json, to: &writer)
        }
        try checkpointIfDue()
    }

    public mutating func raw(_ piece: RawSpan) throws(MigrationError) {
        totals.history.endDowntime()
        index.item(at: writer.position)
        try write { (writer) throws(ByteIOError) in
            try Segments.write(SchemaTag.rawBytes, piece, to: &writer)
        }
        try checkpointIfDue()
    }

    public mutating func beginPacked(_ packed: PackedOctets) throws(MigrationError) {
        index.item(at: writer.position)
        do { packedContents = try PackedCoding.begin(packed, to: &writer) } catch {
            throw BERFailure.wrap(error)
        }
    }

    public mutating func packed(_ piece: RawSpan) throws(MigrationError) {
        guard var contents = packedContents.take() else { return }
        try contents.append(piece, path: "packed", to: &writer) { _ in }
        packedContents = contents
    }

    /// Behind the octets, where there are any.
    private mutating func endPacked() throws(MigrationError) {
        guard var contents = packedContents.take() else { return }
        try contents.end(path: "packed", to: &writer) { (_, _) in }
    }

    public mutating func end() throws(MigrationError) {
        try endPacked()
        if hasExtras {
            try checkpoint()
            try writeIndex()
        }
        try write { (writer) throws(ByteIOError) in
            try writer.endIndefinite()
            try writer.endIndefinite()
            try writer.sink.flush()
        }
    }

    // MARK: Checkpoints and index

    mutating func checkpointIfDue() throws(MigrationError) {
        if hasExtras, writer.position - checkpointStart >= FormatLimit.checkpointDistance {
            try checkpoint()
        }
    }

    private mutating func checkpoint() throws(MigrationError) {
        index.close()
        let start = writer.position
        firstCheckpoint = firstCheckpoint ?? start
        try write { (writer) throws(ByteIOError) in
            let value = try writer.sink.checksum()?.value ?? 0
            try writer.head(SchemaTag.checkpoint, constructed: false, length: 4)
            try writer.sink.append(bigEndian: value)
            try writer.sink.beginChecksum()
        }
        checkpointStart = writer.position
        totals.checkpoint(from: start, to: checkpointStart)
    }

    private mutating func writeIndex() throws(MigrationError) {
        let index = index
        let totals = totals
        try write { (writer) throws(ByteIOError) in
            try IndexCoding.write(index, totals, to: &writer)
        }
    }

    // MARK: Commands

    public mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError) {
        index.item(at: writer.position, isFrequent: true)
        try write { (writer) throws(ByteIOError) in
            try CommandCoding.write(code, payload, to: &writer)
        }
        try checkpointIfDue()
    }

    public mutating func beginPackage(length: UInt32) throws(MigrationError) {
        totals.history.beginPackage()
        index.item(at: writer.position)
        try write { (writer) throws(ByteIOError) in
            try writer.beginIndefinite(SchemaTag.command)
            try writer.integer(.integer, UInt64(CommandCoding.packaged))
            try writer.beginIndefinite(.context(0))
            try writer.integer(.integer, UInt64(length))
            try writer.beginIndefinite(.sequence)
        }
    }

    public mutating func endPackage() throws(MigrationError) {
        totals.history.endPackage()
        try write { (writer) throws(ByteIOError) in
            try writer.endIndefinite()
            try writer.endIndefinite()
            try writer.endIndefinite()
        }
        try checkpointIfDue()
    }

    // MARK: Sections

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {
        index.item(at: writer.position, isFrequent: header.kind == .part)
        totals.history.beginSection(header.kind)
        var open = OpenSection(header: header, contents: contents)
        if case .opaque(let length) = contents {
            open.opaque = OpaqueContents(length: length)
            if length != nil {
                let opaque = open.opaque
                try write { (writer) throws(ByteIOError) in
                    try SectionCoding.writeHead(header, contentsSize: opaque.size, to: &writer)
                    try opaque.begin(&writer)
                }
            }
        }
        if case .iterator(let layout) = contents { iterator = IteratorSection(layout) }
        section = open
    }

    /// The section that is open.
    var openHeader: SectionHeader? { section?.header }
    var sectionName: String { section?.header.name ?? "" }

    /// A record begins in a section that may be a large one.
    mutating func indexRecord() { index.item(at: writer.position, isFrequent: true) }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        guard var open = section.take() else { return }
        let header = open.header
        var isIndefinite = open.isStreaming
        switch open.contents {
        case .device: break
        case .iterator: isIndefinite = try endIterator(header)
        case .ram:
            try write { (writer) throws(ByteIOError) in
                if open.isStreaming {
                    try writer.endIndefinite()
                } else {
                    try SectionCoding.writeHead(
                        header,
                        contentsSize: BERSize.element(SchemaTag.ramSection, open.held.count),
                        to: &writer)
                    try writer.head(
                        SchemaTag.ramSection, constructed: true, length: open.held.count)
                    try writer.sink.append(open.held)
                }
            }
        case .opaque:
            try open.opaque.end(path: header.name, to: &writer) {
                (writer, size) throws(ByteIOError) in
                try SectionCoding.writeHead(header, contentsSize: size, to: &writer)
            }
        }
        if open.opaque.isStreaming { isIndefinite = true }
        try write { (writer) throws(ByteIOError) in
            try writer.boolean(.boolean, footer)
            if isIndefinite { try writer.endIndefinite() }
        }
        try checkpointIfDue()
    }

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        guard let header = section?.header else { return }
        guard !state.nodes.contains(where: { $0.kind == .number }) else {
            throw MigrationError(
                .unsupported, path: header.name, expected: "fields with known widths",
                found: "an INTEGER that may be of any",
                hint: "a version 3 file tells widths by its annotations, this one has none")
        }
        let encoder = DeviceStateEncoder(copy state)
        do {
            try SectionCoding.writeHead(
                header,
                contentsSize: BERSize.element(SchemaTag.deviceState, encoder.contentSize),
                to: &writer)
            try writer.head(
                SchemaTag.deviceState, constructed: true, length: encoder.contentSize)
            try encoder.writeContent(&writer)
        } catch { throw BERFailure.wrap(error) }
    }

    public mutating func iteratorRecord(
        _ record: borrowing IteratorRecord
    ) throws(MigrationError) { try write(record) }

    public mutating func iteratorData(_ piece: RawSpan) throws(MigrationError) {
        try writeData(piece)
    }

    public mutating func iteratorRest(_ octets: RawSpan) throws(MigrationError) {
        try writeRest(octets)
    }

    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {
        if channel?.string != nil { return try channelOctets(piece) }
        guard var open = section.take() else { return }
        defer { section = open }
        let header = open.header
        try open.opaque.append(piece, path: header.name, to: &writer) {
            (writer) throws(ByteIOError) in
            try SectionCoding.beginIndefinite(header, to: &writer)
        }
    }

    // MARK: RAM

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        totals.history.begin(blocks)
        try record { (writer) throws(ByteIOError) in
            try BlockListCoding.write(blocks, to: &writer)
        }
    }

    public mutating func ramMapped(total: UInt64) throws(MigrationError) {
        // Pages follow, and before them bitmaps of any size.
        try stream()
        index.close()
        try write { (writer) throws(ByteIOError) in
            try writer.integer(SchemaTag.mapped, total)
        }
    }

    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {
        try stream()
        mappedBlock = block.name
        index.mappedBlock(block.name, at: writer.position)
        try write { (writer) throws(ByteIOError) in
            try MappedRAMCoding.write(block, to: &writer)
        }
        try checkpointIfDue()
    }

    public mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError) {
        try stream()
        do {
            try MappedRAMCoding.write(part, of: mappedBlock, at: offset, octets, to: &writer)
        } catch { throw BERFailure.wrap(error) }
        try checkpointIfDue()
    }

    public mutating func ramMappedPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        try pages(group, content, isStored: true)
    }

    public mutating func ramHook() throws(MigrationError) {
        try record { (writer) throws(ByteIOError) in try writer.null(SchemaTag.hook) }
    }

    public mutating func ramFlush() throws(MigrationError) {
        try record { (writer) throws(ByteIOError) in try writer.null(SchemaTag.flush) }
    }

    public mutating func ramCut(_ rest: RawSpan) throws(MigrationError) {
        try stream()
        try write { (writer) throws(ByteIOError) in
            try Segments.write(SchemaTag.cut, rest, to: &writer)
        }
    }

    public mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        if let packet = channel?.packet {
            totals.history.loseOrder()
            return try packetPages(packet, group, content)
        }
        try pages(group, content, isStored: false)
    }

    @inline(__always)
    private mutating func pages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan, isStored: Bool
    ) throws(MigrationError) {
        try stream()
        indexGroup(group)
        let start = writer.position
        do {
            try PageGroupEncoder(group, isStored: isStored).write(group, content, to: &writer)
        } catch { throw BERFailure.wrap(error) }
        if channel != nil {
            totals.history.loseOrder()
        } else if hasExtras, !isStored {
            totals.count(group, from: start, to: writer.position)
        }
        try checkpointIfDue()
    }

    /// Enters the group that begins here in the index.
    mutating func indexGroup(_ group: borrowing RAMPageGroup) {
        var first = UInt64.max
        var last: UInt64 = 0
        for entry in group.entries {
            first = min(first, entry.offset)
            last = max(last, entry.offset &+ (entry.count &- 1) &* group.pageSize)
        }
        index.group(block: group.block, first: first, last: last, at: writer.position)
    }

    /// Writes a RAM record that is no group of pages; it waits if none has come yet.
    private mutating func record(
        _ body: (inout BERWriter) throws(ByteIOError) -> Void
    ) throws(MigrationError) {
        if section?.isStreaming == true {
            index.close()
            return try write(body)
        }
        do {
            var small = BERWriter(.inMemory())
            try body(&small)
            section?.held.append(contentsOf: try small.sink.takeOctets())
        } catch { throw BERFailure.wrap(error) }
    }

    /// Begins the RAM section on the wire, since it is going to have pages.
    private mutating func stream() throws(MigrationError) {
        guard let open = section, !open.isStreaming else { return }
        try write { (writer) throws(ByteIOError) in
            try SectionCoding.beginIndefinite(open.header, to: &writer)
            try writer.beginIndefinite(SchemaTag.ramSection)
            try writer.sink.append(open.held)
        }
        section.change {
            $0.isStreaming = true
            $0.held = []
        }
    }
}
