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
    private var index = IndexBuilder()
    private var checkpointStart: UInt64 = 0

    /// The section that is being written.
    private var section: OpenSection?

    private struct OpenSection {
        var header: SectionHeader
        var contents: SectionContents
        /// Whether its head, of indefinite length, has been written.
        var isStreaming = false
        /// RAM records, or opaque octets, that wait to see whether the section needs streaming.
        var held: [UInt8] = []
        /// Opaque octets that are still to come, where their number is known.
        var left: UInt64 = 0
        /// Octets left in the segment that has begun.
        var segmentLeft = 0
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

    /// Runs something that writes, and tells its failure as a migration error.
    private mutating func write(
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
        index.item(at: writer.position)
        try write { (writer) throws(ByteIOError) in try writer.null(SchemaTag.endOfStream) }
    }

    public mutating func description(_ json: RawSpan) throws(MigrationError) {
        index.item(at: writer.position)
        try write { (writer) throws(ByteIOError) in
            try Segments.write(SchemaTag.description, json, to: &writer)
        }
        try checkpointIfDue()
    }

    public mutating func raw(_ piece: RawSpan) throws(MigrationError) {
        index.item(at: writer.position)
        try write { (writer) throws(ByteIOError) in
            try Segments.write(SchemaTag.rawBytes, piece, to: &writer)
        }
        try checkpointIfDue()
    }

    public mutating func end() throws(MigrationError) {
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

    private mutating func checkpointIfDue() throws(MigrationError) {
        if hasExtras, writer.position - checkpointStart >= FormatLimit.checkpointDistance {
            try checkpoint()
        }
    }

    private mutating func checkpoint() throws(MigrationError) {
        index.close()
        try write { (writer) throws(ByteIOError) in
            let value = try writer.sink.checksum()?.value ?? 0
            try writer.head(SchemaTag.checkpoint, constructed: false, length: 4)
            try writer.sink.append(bigEndian: value)
            try writer.sink.beginChecksum()
        }
        checkpointStart = writer.position
    }

    private mutating func writeIndex() throws(MigrationError) {
        let index = index
        try write { (writer) throws(ByteIOError) in try IndexCoding.write(index, to: &writer) }
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
        var open = OpenSection(header: header, contents: contents)
        if case .opaque(let length?) = contents {
            open.left = length
            open.isStreaming = true
            try write { (writer) throws(ByteIOError) in
                let size = Segments.size(.octetString, length)
                try SectionCoding.writeHead(header, contentsSize: size, to: &writer)
                try Segments.writeHead(.octetString, length: length, to: &writer)
            }
            if length <= UInt64(FormatLimit.piece) { open.segmentLeft = Int(length) }
        }
        section = open
    }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        guard let open = section else { return }
        section = nil
        switch open.contents {
        case .device: break
        case .ram:
            try write { (writer) throws(ByteIOError) in
                if open.isStreaming {
                    try writer.endIndefinite()
                } else {
                    try SectionCoding.writeHead(
                        open.header,
                        contentsSize: BERSize.element(SchemaTag.ramSection, open.held.count),
                        to: &writer)
                    try writer.head(
                        SchemaTag.ramSection, constructed: true, length: open.held.count)
                    try writer.sink.append(open.held)
                }
            }
        case .opaque(let length):
            if length != nil {
                guard open.left == 0 else {
                    throw MigrationError(
                        .corrupt, path: open.header.name, expected: "\(open.left) octets more",
                        found: "the section's end")
                }
            } else {
                try write { (writer) throws(ByteIOError) in
                    if open.isStreaming {
                        if !open.held.isEmpty {
                            try writer.head(
                                .octetString, constructed: false, length: open.held.count)
                            try writer.sink.append(open.held)
                        }
                        try writer.endIndefinite()
                    } else {
                        try SectionCoding.writeHead(
                            open.header,
                            contentsSize: BERSize.element(.octetString, open.held.count),
                            to: &writer)
                        try writer.head(
                            .octetString, constructed: false, length: open.held.count)
                        try writer.sink.append(open.held)
                    }
                }
            }
        }
        let isIndefinite = open.isStreaming && !isLengthKnown(open)
        try write { (writer) throws(ByteIOError) in
            try writer.boolean(.boolean, footer)
            if isIndefinite { try writer.endIndefinite() }
        }
        try checkpointIfDue()
    }

    private func isLengthKnown(_ open: OpenSection) -> Bool {
        if case .opaque(_?) = open.contents { true } else { false }
    }

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        guard let header = section?.header else { return }
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

    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {
        guard var open = section.take() else { return }
        defer { section = open }
        var at = 0
        if isLengthKnown(open) {
            guard UInt64(piece.byteCount) <= open.left else {
                throw MigrationError(
                    .corrupt, path: open.header.name, expected: "\(open.left) octets more",
                    found: "\(piece.byteCount)")
            }
            while at < piece.byteCount {
                let begins = open.segmentLeft == 0
                if begins {
                    open.segmentLeft = Int(min(open.left, UInt64(FormatLimit.piece)))
                }
                let count = min(open.segmentLeft, piece.byteCount - at)
                let length = open.segmentLeft
                do {
                    if begins {
                        try writer.head(.octetString, constructed: false, length: length)
                    }
                    try writer.sink.append(piece.extracting(at..<at + count))
                } catch { throw BERFailure.wrap(error) }
                at += count
                open.segmentLeft -= count
                open.left -= UInt64(count)
            }
            return
        }
        while at < piece.byteCount {
            let count = min(FormatLimit.piece - open.held.count, piece.byteCount - at)
            open.held.append(contentsOf: piece.extracting(at..<at + count).octets)
            at += count
            if open.held.count == FormatLimit.piece, at < piece.byteCount || open.isStreaming {
                try flushOpaque(&open)
            }
        }
    }

    /// Writes a segment of an opaque section whose length is not known.
    private mutating func flushOpaque(_ open: inout OpenSection) throws(MigrationError) {
        do {
            if !open.isStreaming {
                open.isStreaming = true
                try SectionCoding.beginIndefinite(open.header, to: &writer)
                try writer.beginIndefinite(.octetString)
            }
            try writer.head(.octetString, constructed: false, length: open.held.count)
            try writer.sink.append(open.held)
        } catch { throw BERFailure.wrap(error) }
        open.held.removeAll(keepingCapacity: true)
    }

    // MARK: RAM

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        try record { (writer) throws(ByteIOError) in
            try BlockListCoding.write(blocks, to: &writer)
        }
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
        try stream()
        var first = UInt64.max
        var last: UInt64 = 0
        for entry in group.entries {
            first = min(first, entry.offset)
            last = max(last, entry.offset &+ (entry.count &- 1) &* group.pageSize)
        }
        index.group(block: group.block, first: first, last: last, at: writer.position)
        do {
            try PageGroupEncoder(group).write(group, content, to: &writer)
        } catch { throw BERFailure.wrap(error) }
        try checkpointIfDue()
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
        section?.isStreaming = true
        section?.held = []
    }
}
