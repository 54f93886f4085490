import BER
import ByteIO
import Migration

/// Reads version 3 files, with Berth's annotations or without. Begins behind `version`.
struct Version3Reader: ~Copyable {
    var input: ElementReader
    var scanner = RAMSecEntryScanner()
    var decoder = PageGroupDecoder()
    var mapped = MappedRAMDecoder()
    var isAnnotated = false
    var hasBegun = false
    /// What annotations say of the section that comes next.
    var nextKind: SectionKind?
    var nextContinues = false
    var nextIsLiteral = false
    var nextLayouts: [FieldLayouts.Node]?
    /// The section whose end has not been told, since a footer or more of it may follow.
    private var open: SectionHeader?
    var isOpenRAM = false
    /// Whether it is an iterator's and its payload has not come to its end.
    var isOpenIterator = false
    var expectsFooter = false
    var started: [UInt32: SectionHeader] = [:]
    var isInPackage = false

    init(_ input: consuming ElementReader) {
        self.input = input
    }

    /// Octets read so far.
    var position: UInt64 { input.reader.position }

    mutating func read<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        _ = try input.next(.sequence, constructed: true, "top")
        input.path.append("top")
        var number = 0
        while let item = try input.next() {
            input.path.append("[\(number)]")
            switch item.tag {
            case SchemaTag.secFull where item.isConstructed:
                try full(item, into: &visitor)
            case SchemaTag.secMin where item.isConstructed:
                try min(item, into: &visitor)
            default: throw input.unexpected(item, "full or min")
            }
            input.path.removeLast()
            number += 1
        }
        try closeSection(into: &visitor)
        input.path.removeLast()
        try input.end()
        let end = input.reader.position
        guard try input.next() == nil else {
            throw MigrationError(
                .corrupt, at: end, expected: "the end of the file", found: "more octets")
        }
        if isInPackage {
            throw MigrationError(
                .corrupt, at: end, expected: Annotation.packageEnd.name, found: "the end")
        }
        try begin(into: &visitor)
        // What the schema alone means: the stream ends where `top` does.
        if !isAnnotated { try visitor.endOfStream() }
        try visitor.end()
    }

    mutating func begin<V: MigrationVisitor & ~Copyable>(
        _ header: StreamHeader = StreamHeader(), into visitor: inout V
    ) throws(MigrationError) {
        if hasBegun { return }
        hasBegun = true
        try visitor.begin(header)
    }

    // MARK: Items

    mutating func full<V: MigrationVisitor & ~Copyable>(
        _ item: BERElement, into visitor: inout V
    ) throws(MigrationError) {
        input.path.append("full")
        let name = try input.text("name")
        let id = try input.unsigned32("sectionid")
        let instance = try input.unsigned32("instanceid")
        let version = try input.unsigned32("versionid")
        let contents = try input.next("contents")
        let isLiteral = nextIsLiteral
        nextIsLiteral = false
        if name.hasPrefix(Annotation.prefix), contents.tag == .octetString, !isLiteral {
            let word = String(name.dropFirst(Annotation.prefix.count))
            guard let annotation = Annotation(rawValue: word) else {
                throw MigrationError(
                    .unsupported, at: item.offset, path: input.pathText,
                    expected: "an annotation that this version knows",
                    found: MigrationError.excerpt(name),
                    hint: "a newer Berth may know it")
            }
            try self.annotation(annotation, id, contents, at: item.offset, into: &visitor)
        } else {
            try closeSection(into: &visitor)
            try begin(into: &visitor)
            let kind = nextKind ?? (contents.tag == SchemaTag.ramSection ? .start : .full)
            guard kind.isNamed else {
                throw misplaced(kind, at: item.offset, "01 or 04 before a section with its name")
            }
            let header = SectionHeader(
                kind: kind, sectionID: id, name: name, instanceID: instance, versionID: version)
            if kind == .start { started[id] = header }
            guard started.count <= StreamLimit.startedSections else {
                throw StreamLimit.tooManySections(at: item.offset, path: input.pathText)
            }
            try section(header, contents, at: item.offset, into: &visitor)
        }
        try input.end()
        input.path.removeLast()
    }

    private mutating func min<V: MigrationVisitor & ~Copyable>(
        _ item: BERElement, into visitor: inout V
    ) throws(MigrationError) {
        input.path.append("min")
        let id = try input.unsigned32("sectionid")
        let contents = try input.next("contents")
        guard contents.tag == SchemaTag.ramSection, contents.isConstructed else {
            throw input.unexpected(contents, "ramsec")
        }
        if nextContinues {
            nextContinues = false
            guard isOpenRAM, open?.sectionID == id else {
                throw MigrationError(
                    .corrupt, at: item.offset, path: input.pathText,
                    expected: "the RAM section that goes on", found: "section \(id)")
            }
            try ram(into: &visitor)
        } else {
            try closeSection(into: &visitor)
            try begin(into: &visitor)
            var header =
                started[id]
                ?? SectionHeader(
                    kind: .part, sectionID: id, name: "ram", instanceID: 0, versionID: 0)
            header.kind = nextKind ?? .part
            guard !header.kind.isNamed else {
                throw misplaced(header.kind, at: item.offset, "02 or 03 before a section's part")
            }
            try section(header, contents, at: item.offset, into: &visitor)
        }
        try input.end()
        input.path.removeLast()
    }

    mutating func section<V: MigrationVisitor & ~Copyable>(
        _ header: SectionHeader, _ contents: BERElement, at offset: UInt64, into visitor: inout V
    ) throws(MigrationError) {
        nextKind = nil
        let layouts = nextLayouts
        nextLayouts = nil
        input.path.append("contents")
        switch contents.tag {
        case SchemaTag.ramSection where contents.isConstructed:
            try visitor.beginSection(header, contents: .ram, at: offset)
            isOpenRAM = true
            try ram(into: &visitor)
        case .sequence where contents.isConstructed:
            try visitor.beginSection(header, contents: .device, at: offset)
            var decoder = VMStateDecoder()
            try decoder.entries(layouts ?? (isAnnotated ? [] : nil), &input)
            try visitor.device(decoder.finish())
        case .octetString:
            if isAnnotated, let layout = IteratorRegistry.layout(for: header) {
                var feeder = IteratorPayloadReader(layout, header, at: offset)
                try feeder.read(contents, &input, into: &visitor)
                isOpenIterator = feeder.isOpen
            } else {
                try input.opaque(header, contents, at: offset, into: &visitor)
            }
        default: throw input.unexpected(contents, "ramsec, vmstate or oldblob")
        }
        open = header
        input.path.removeLast()
    }

    /// Tells the end of the section before, now that nothing more of it comes.
    mutating func closeSection<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        guard open != nil else { return }
        open = nil
        if isOpenRAM { try mapped.end(at: input.reader.position, input.pathText) }
        isOpenRAM = false
        if isOpenIterator { try rest([], into: &visitor) }
        try visitor.endSection(footer: expectsFooter)
    }

    /// Tells what stands in place of the end of an iterator's payload.
    mutating func rest<V: MigrationVisitor & ~Copyable>(
        _ octets: [UInt8], into visitor: inout V
    ) throws(MigrationError) {
        isOpenIterator = false
        try visitor.iteratorRest(unsafe octets.span.bytes)
    }
}
