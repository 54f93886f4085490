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
    /// Whether a piece of a RAM section, or an opaque one of unknown length, is open.
    private var isOpen = false
    /// Opaque octets that wait for a whole segment.
    private var held: [UInt8] = []
    /// Opaque octets still to come, where their number is known, and in the begun segment.
    private var left: UInt64 = 0
    private var segmentLeft = 0
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
        case .device: break
        case .opaque(let length): try beginOpaque(header, length)
        }
    }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        switch contents {
        case .ram: try closePiece()
        case .device: break
        case .opaque(let length): try endOpaque(isLengthKnown: length != nil)
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
            if header.kind != .full {
                let kind = [header.kind.rawValue]
                try Version3Coding.annotate(.section, unsafe kind.span.bytes, to: &writer)
            }
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
        case .start: try annotate(.section, [header.kind.rawValue])
        case .full where header.name.hasPrefix(Annotation.prefix):
            // So that it is not taken for an annotation.
            try annotate(.section, [header.kind.rawValue])
        case .full: break
        case .part, .end:
            header.name = (header.kind == .part ? Annotation.part : .end).name
            header.instanceID = 0
            header.versionID = 0
        }
        held = []
        segmentLeft = 0
        left = length ?? 0
        try write { (writer) throws(ByteIOError) in
            if let length {
                try Version3Coding.writeSecFull(
                    header, contentsSize: Segments.size(.octetString, length), to: &writer)
                try Segments.writeHead(.octetString, length: length, to: &writer)
            } else {
                try Version3Coding.beginSecFull(header, to: &writer)
                try writer.beginIndefinite(.octetString)
            }
        }
        if let length, length <= UInt64(FormatLimit.piece) { segmentLeft = Int(length) }
    }

    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {
        do {
            var at = 0
            if case .opaque(_?) = contents {
                guard UInt64(piece.byteCount) <= left else {
                    throw MigrationError(
                        .corrupt, path: section?.name ?? "", expected: "\(left) octets more",
                        found: "\(piece.byteCount)")
                }
                while at < piece.byteCount {
                    if segmentLeft == 0 {
                        segmentLeft = Int(min(left, UInt64(FormatLimit.piece)))
                        try writer.head(.octetString, constructed: false, length: segmentLeft)
                    }
                    let count = min(segmentLeft, piece.byteCount - at)
                    try writer.sink.append(piece.extracting(at..<at + count))
                    at += count
                    segmentLeft -= count
                    left -= UInt64(count)
                }
                return
            }
            while at < piece.byteCount {
                let count = min(FormatLimit.piece - held.count, piece.byteCount - at)
                held.append(contentsOf: piece.extracting(at..<at + count).octets)
                at += count
                if held.count == FormatLimit.piece { try flushHeld() }
            }
        } catch let error as ByteIOError {
            throw BERFailure.wrap(error)
        } catch let error as MigrationError {
            throw error
        } catch {
            throw MigrationError(.io, expected: "", found: "\(error)")
        }
    }

    private mutating func flushHeld() throws(ByteIOError) {
        if held.isEmpty { return }
        try writer.head(.octetString, constructed: false, length: held.count)
        try writer.sink.append(held)
        held.removeAll(keepingCapacity: true)
    }

    private mutating func endOpaque(isLengthKnown: Bool) throws(MigrationError) {
        if isLengthKnown { return }
        do {
            try flushHeld()
            try writer.endIndefinite()
            try writer.endIndefinite()
        } catch { throw BERFailure.wrap(error) }
    }

    // MARK: RAM

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        let isPlain = blocks.allSatisfy { $0.pageSize == nil && $0.address == nil }
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
            group.pageSize == Version3Writer.pageSize
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
