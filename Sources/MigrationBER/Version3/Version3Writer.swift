internal import BER
public import ByteIO
public import Migration

/// Writes version 3 files: the schema of March 2014 as it was posted (`Schemas/qemu-v3.asn`), with
/// annotations for what it has no place for.
public struct Version3Writer: ~Copyable, MigrationVisitor {
    private var writer: BERWriter
    private let producer: String
    private var section: SectionHeader?
    private var contents = SectionContents.ram
    /// Whether a piece of a RAM section is open.
    private var isOpen = false
    /// The mapped block that was told last.
    private var mappedBlock = ""
    private var opaqueContents = OpaqueContents(length: nil)
    /// The `SecFull` of an opaque section: an annotation's for PART and END.
    private var opaqueHeader: SectionHeader?
    private var iterator: IteratorPayload?
    /// Octets that stand in place of an iterator's last records.
    private var rest: [UInt8]?
    /// Whether the section before had a footer.
    private var expectsFooter = false

    /// The only page size that the schema has.
    static let pageSize: UInt64 = 4096

    public init(_ sink: consuming ByteSink, producer: String) {
        writer = BERWriter(sink)
        self.producer = producer
    }

    public consuming func takeSink() -> ByteSink { writer.takeSink() }

    private mutating func write(
        _ body: (inout BERWriter) throws(ByteIOError) -> Void
    ) throws(MigrationError) {
        do { try body(&writer) } catch { throw BERFailure.wrap(error) }
    }

    private mutating func annotate(
        _ annotation: Annotation, _ octets: [UInt8] = []
    ) throws(MigrationError) {
        try write { (writer) throws(ByteIOError) in
            // An array of octets has no padding that could be read.
            try Version3Coding.annotate(annotation, unsafe octets.span.bytes, to: &writer)
        }
    }

    // MARK: Stream

    public mutating func begin(_ header: StreamHeader) throws(MigrationError) {
        guard header.fileVersion != 0, header.channels ?? 0 == 0 else {
            throw Version3Writer.noChannels
        }
        let producer = producer
        try write { (writer) throws(ByteIOError) in
            try writer.beginIndefinite(SchemaTag.qemuFile)
            try writer.integer(.integer, 3 as UInt64)
            try writer.beginIndefinite(.sequence)
            try Version3Coding.annotate(.stream, to: &writer) { (inner) throws(ByteIOError) in
                try StreamInfo.write(header, producer: producer, to: &inner)
            }
        }
    }

    public mutating func beginChannel(
        _ channel: Channel, at offset: UInt64
    ) throws(MigrationError) {
        throw Version3Writer.noChannels
    }

    private static var noChannels: MigrationError {
        MigrationError(
            .unsupported, expected: "a main channel alone", found: "a channel beside it",
            hint: "version 3 has no place for channels: leave --schema-version 3 away")
    }

    public mutating func configuration(
        _ configuration: Configuration
    ) throws(MigrationError) {
        expectsFooter = true
        try write { (writer) throws(ByteIOError) in
            try Version3Coding.annotate(.configuration, to: &writer) {
                (inner) throws(ByteIOError) in
                try ConfigurationCoding.write(configuration, to: &inner)
            }
        }
    }

    public mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError) {
        do {
            var inner = BERWriter(.inMemory())
            try CommandCoding.write(code, payload, to: &inner)
            let octets = try inner.sink.takeOctets()
            try Version3Coding.annotate(.command, unsafe octets.span.bytes, to: &writer)
        } catch { throw BERFailure.wrap(error) }
    }

    public mutating func beginPackage(length: UInt32) throws(MigrationError) {
        try annotate(
            .package,
            (0..<4).map { UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * $0)) })
    }

    public mutating func endPackage() throws(MigrationError) { try annotate(.packageEnd) }

    public mutating func endOfStream() throws(MigrationError) { try annotate(.eof) }

    public mutating func description(_ json: RawSpan) throws(MigrationError) {
        do { try Version3Coding.annotate(.description, json, to: &writer) } catch {
            throw BERFailure.wrap(error)
        }
    }

    public mutating func raw(_ piece: RawSpan) throws(MigrationError) {
        do { try Version3Coding.annotate(.raw, piece, to: &writer) } catch {
            throw BERFailure.wrap(error)
        }
    }

    public mutating func beginPacked(_ packed: PackedOctets) throws(MigrationError) {
        try write { (writer) throws(ByteIOError) in
            try Version3Coding.annotate(.packed, to: &writer) { (inner) throws(ByteIOError) in
                try PackedCoding.writeFacts(packed, to: &inner)
            }
        }
    }

    public mutating func packed(_ piece: RawSpan) throws(MigrationError) {
        do { try Version3Coding.annotate(.packedOctets, piece, to: &writer) } catch {
            throw BERFailure.wrap(error)
        }
    }

    public mutating func end() throws(MigrationError) {
        try write { (writer) throws(ByteIOError) in
            try writer.endIndefinite()
            try writer.endIndefinite()
            try writer.sink.flush()
        }
    }

    // MARK: Sections

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {
        section = header
        self.contents = contents
        switch contents {
        case .ram:
            if header.kind == .end || header.kind == .full {
                try annotate(.section, [header.kind.rawValue])
            }
            isOpen = true
            try write { (writer) throws(ByteIOError) in
                if header.isNamed {
                    try Version3Coding.beginSecFull(header, to: &writer)
                } else {
                    try writer.beginIndefinite(SchemaTag.secMin)
                    try writer.integer(.integer, UInt64(header.sectionID))
                }
                try writer.beginIndefinite(SchemaTag.ramSection)
            }
        case .device:
            if header.kind != .full { try annotate(.section, [header.kind.rawValue]) }
        case .iterator(let layout):
            iterator = IteratorPayload(layout)
            try beginOpaque(header, nil)
        case .opaque(let length): try beginOpaque(header, length)
        }
    }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        switch contents {
        case .ram: try closePiece()
        case .device: break
        case .iterator: try endIterator()
        case .opaque: try endOpaque()
        }
        section = nil
        if footer != expectsFooter {
            try annotate(footer ? .footer : .noFooter)
            expectsFooter = footer
        }
    }

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        guard let header = section else { return }
        let state = copy state
        do {
            var inner = BERWriter(.inMemory())
            try FieldLayout.write(state, inside: 0, to: &inner)
            let layout = try inner.sink.takeOctets()
            try Version3Coding.annotate(.fields, unsafe layout.span.bytes, to: &writer)
            let encoder = VMStateEncoder(state)
            try Version3Coding.writeSecFull(
                header, contentsSize: BERSize.element(.sequence, encoder.contentSize),
                to: &writer)
            try writer.head(.sequence, constructed: true, length: encoder.contentSize)
            try encoder.writeContent(&writer)
        } catch { throw BERFailure.wrap(error) }
    }

    // MARK: Opaque sections

    private mutating func beginOpaque(
        _ header: SectionHeader, _ length: UInt64?
    ) throws(MigrationError) {
        var header = header
        switch header.kind {
        case .start, .full:
            if header.kind == .start { try annotate(.section, [header.kind.rawValue]) }
            if header.name.hasPrefix(Annotation.prefix) { try annotate(.literal) }
        case .part, .end:
            header.name = (header.kind == .part ? Annotation.part : .end).name
            header.instanceID = 0
            header.versionID = 0
        }
        opaqueHeader = header
        opaqueContents = OpaqueContents(length: length)
        guard length != nil else { return }
        let contents = opaqueContents
        try write { (writer) throws(ByteIOError) in
            try Version3Coding.writeSecFull(header, contentsSize: contents.size, to: &writer)
            try contents.begin(&writer)
        }
    }

    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {
        guard let header = opaqueHeader else { return }
        try opaqueContents.append(piece, path: header.name, to: &writer) {
            (writer) throws(ByteIOError) in
            try Version3Coding.beginSecFull(header, to: &writer)
        }
    }

    private mutating func endOpaque() throws(MigrationError) {
        guard let header = opaqueHeader.take() else { return }
        try opaqueContents.end(path: header.name, to: &writer) {
            (writer, size) throws(ByteIOError) in
            try Version3Coding.writeSecFull(header, contentsSize: size, to: &writer)
        }
        if opaqueContents.isStreaming {
            try write { (writer) throws(ByteIOError) in try writer.endIndefinite() }
        }
    }

    // MARK: Iterators: their payload as it is in the binary stream

    public mutating func iteratorRecord(
        _ record: borrowing IteratorRecord
    ) throws(MigrationError) {
        iterator?.take(record)
        try payload()
    }

    public mutating func iteratorData(_ piece: RawSpan) throws(MigrationError) {
        try opaque(piece)
    }

    public mutating func iteratorRest(_ octets: RawSpan) throws(MigrationError) {
        iterator?.takeRest()
        rest = octets.octets
    }

    private mutating func endIterator() throws(MigrationError) {
        iterator?.takeEnd()
        try payload()
        iterator = nil
        try endOpaque()
        if let octets = rest.take() { try annotate(.rest, octets) }
    }

    private mutating func payload() throws(MigrationError) {
        guard let octets = iterator?.octets, !octets.isEmpty else { return }
        try opaque(unsafe octets.span.bytes)
    }

    // MARK: RAM

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        let isPlain = blocks.allSatisfy {
            $0.pageSize == nil && $0.address == nil && !$0.name.isEmpty
        }
        guard isPlain else {
            return try records { (inner) throws(ByteIOError) in
                try BlockListCoding.write(blocks, to: &inner)
            }
        }
        try openPiece()
        try write { (writer) throws(ByteIOError) in
            try RAMSecEntryCoding.write(blocks, to: &writer)
        }
    }

    public mutating func ramMapped(total: UInt64) throws(MigrationError) {
        try records { (inner) throws(ByteIOError) in
            try inner.integer(SchemaTag.mapped, total)
        }
    }

    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {
        mappedBlock = block.name
        try records { (inner) throws(ByteIOError) in
            try MappedRAMCoding.write(block, to: &inner)
        }
    }

    public mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError) {
        do {
            try closePieceOrThrow()
            var inner = BERWriter(.inMemory())
            try MappedRAMCoding.write(part, of: mappedBlock, at: offset, octets, to: &inner)
            let element = try inner.sink.takeOctets()
            try Version3Coding.annotate(.records, unsafe element.span.bytes, to: &writer)
        } catch { throw BERFailure.wrap(error) }
    }

    public mutating func ramMappedPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        do {
            try closePieceOrThrow()
            var inner = BERWriter(.inMemory())
            try PageGroupEncoder(group, isStored: true).write(group, content, to: &inner)
            let element = try inner.sink.takeOctets()
            try Version3Coding.annotate(.records, unsafe element.span.bytes, to: &writer)
        } catch { throw BERFailure.wrap(error) }
    }

    public mutating func ramHook() throws(MigrationError) {
        try records { (inner) throws(ByteIOError) in try inner.null(SchemaTag.hook) }
    }

    public mutating func ramFlush() throws(MigrationError) {
        try records { (inner) throws(ByteIOError) in try inner.null(SchemaTag.flush) }
    }

    public mutating func ramCut(_ rest: RawSpan) throws(MigrationError) {
        do {
            try closePieceOrThrow()
            var inner = BERWriter(.inMemory())
            try Segments.write(SchemaTag.cut, rest, to: &inner)
            let octets = try inner.sink.takeOctets()
            try Version3Coding.annotate(.records, unsafe octets.span.bytes, to: &writer)
        } catch { throw BERFailure.wrap(error) }
    }

    public mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        let isPlain =
            group.pageSize == Version3Writer.pageSize && !group.block.isEmpty
            && group.entries.allSatisfy { $0.kind == .full || $0.kind == .fill }
        do {
            if isPlain {
                try openPieceOrThrow()
                try RAMSecEntryCoding.write(group, content, to: &writer)
            } else {
                try closePieceOrThrow()
                var inner = BERWriter(.inMemory())
                try PageGroupEncoder(group).write(group, content, to: &inner)
                let octets = try inner.sink.takeOctets()
                try Version3Coding.annotate(.records, unsafe octets.span.bytes, to: &writer)
            }
        } catch { throw BERFailure.wrap(error) }
    }

    private mutating func records(
        _ body: (inout BERWriter) throws(ByteIOError) -> Void
    ) throws(MigrationError) {
        do {
            try closePieceOrThrow()
            try Version3Coding.annotate(.records, to: &writer, body)
        } catch { throw BERFailure.wrap(error) }
    }

    private mutating func openPiece() throws(MigrationError) {
        do { try openPieceOrThrow() } catch { throw BERFailure.wrap(error) }
    }

    private mutating func closePiece() throws(MigrationError) {
        do { try closePieceOrThrow() } catch { throw BERFailure.wrap(error) }
    }

    /// Goes on with the RAM section behind an annotation.
    private mutating func openPieceOrThrow() throws(ByteIOError) {
        if isOpen { return }
        isOpen = true
        let none: [UInt8] = []
        try Version3Coding.annotate(.continued, unsafe none.span.bytes, to: &writer)
        try writer.beginIndefinite(SchemaTag.secMin)
        try writer.integer(.integer, UInt64(section?.sectionID ?? 0))
        try writer.beginIndefinite(SchemaTag.ramSection)
    }

    private mutating func closePieceOrThrow() throws(ByteIOError) {
        guard isOpen else { return }
        isOpen = false
        try writer.endIndefinite()
        try writer.endIndefinite()
    }
}
