import BER
import ByteIO
import Migration

/// Reads version 4 files. Begins behind `version`; the file's element is open.
struct Version4Reader: ~Copyable {
    var input: ElementReader
    var decoder = PageGroupDecoder()
    var mapped = MappedRAMDecoder()

    /// What items stand in. Packages in packages don't occur, nor channels in either.
    enum Nesting { case none, package, channel, packageInChannel }

    var nesting = Nesting.none

    /// Stretches of groups that need not be read, for their pages are counted.
    private var passed: PassedStretches?

    init(
        _ input: consuming ElementReader, passesPages: Bool = false,
        totals: RAMTotalsCoding.Read? = nil
    ) {
        self.input = input
        decoder.passesPages = passesPages
        passed = totals.map { PassedStretches($0) }
    }

    mutating func read<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        try visitor.begin(try StreamInfo.read(&input))
        _ = try input.next(.sequence, constructed: true, "top")
        input.path.append("top")
        try items(into: &visitor)
        input.path.removeLast()
        try input.end()
        let end = input.reader.position
        guard try input.next() == nil else {
            throw MigrationError(
                .corrupt, at: end, expected: "the end of the file", found: "more octets")
        }
        try visitor.end()
    }

    // MARK: Items

    mutating func items<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        var number = 0
        var isIndexed = false
        while let item = try input.next() {
            input.path.append("[\(number)]")
            guard !isIndexed, item.tag != SchemaTag.index || nesting == .none else {
                throw input.unexpected(item, "the index as the last item")
            }
            isIndexed = item.tag == SchemaTag.index
            try self.item(item, into: &visitor)
            input.path.removeLast()
            number += 1
        }
    }

    /// Reads the item that comes next, and none behind it.
    mutating func nextItem<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        guard let item = try input.next() else { return }
        try self.item(item, into: &visitor)
    }

    private mutating func item<V: MigrationVisitor & ~Copyable>(
        _ item: BERElement, into visitor: inout V
    ) throws(MigrationError) {
        switch item.tag {
        case SchemaTag.secStart where item.isConstructed:
            try section(.start, "start", at: item.offset, into: &visitor)
        case SchemaTag.secPart where item.isConstructed:
            try section(.part, "part", at: item.offset, into: &visitor)
        case SchemaTag.secEnd where item.isConstructed:
            try section(.end, "end", at: item.offset, into: &visitor)
        case SchemaTag.secFull where item.isConstructed:
            try section(.full, "full", at: item.offset, into: &visitor)
        case SchemaTag.configuration where item.isConstructed:
            try visitor.configuration(try ConfigurationCoding.read(&input))
        case SchemaTag.command where item.isConstructed: try command(into: &visitor)
        case SchemaTag.endOfStream where item.length == 0 && !item.isConstructed:
            try visitor.endOfStream()
        case SchemaTag.description:
            let json = try input.octets(item)
            // An array of octets has no padding that could be read.
            try visitor.description(unsafe json.span.bytes)
        case SchemaTag.rawBytes:
            try input.pieces(item) { (piece) throws(MigrationError) in try visitor.raw(piece) }
        case SchemaTag.packedOctets where item.isConstructed && nesting == .none:
            try PackedCoding.read(&input, into: &visitor)
        case SchemaTag.checkpoint: try Checkpoint.verify(item, &input)
        case SchemaTag.index where item.isConstructed:
            if let totals = passed?.totals { try visitor.ramTotals(totals) }
            try IndexCoding.check(item, &input)
        default:
            guard try channel(item, into: &visitor) else {
                throw input.unexpected(item, "an Item")
            }
        }
    }

    private mutating func command<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        input.path.append("command")
        let element = try input.next(.integer, constructed: false, "code")
        let code = UInt16(try input.unsigned(element, limit: 0xffff, "code"))
        let payload = try input.next("payload")
        if payload.tag == .context(0), payload.isConstructed {
            guard nesting == .none || nesting == .channel, code == CommandCoding.packaged else {
                throw input.unexpected(payload, "octets")
            }
            try visitor.beginPackage(length: try input.unsigned32("length"))
            _ = try input.next(.sequence, constructed: true, "items")
            let outer = nesting
            nesting = outer == .channel ? .packageInChannel : .package
            try items(into: &visitor)
            nesting = outer
            try input.end()
            try input.end()
            try visitor.endPackage()
        } else {
            let octets = try CommandCoding.read(code, payload, &input)
            try input.end()
            try visitor.command(code, payload: unsafe octets.span.bytes)
        }
        input.path.removeLast()
    }

    // MARK: Sections

    private mutating func section<V: MigrationVisitor & ~Copyable>(
        _ kind: SectionKind, _ name: String, at offset: UInt64, into visitor: inout V
    ) throws(MigrationError) {
        input.path.append(name)
        var header = SectionHeader(
            kind: kind, sectionID: try input.unsigned32("sectionid"), name: "", instanceID: 0,
            versionID: 0)
        if header.isNamed {
            header.name = try input.text("name")
            header.instanceID = try input.unsigned32("instanceid")
            header.versionID = try input.unsigned32("versionid")
            if kind == .start { started[header.sectionID] = header }
            guard started.count <= StreamLimit.startedSections else {
                throw StreamLimit.tooManySections(at: offset, path: input.pathText)
            }
        } else if let start = started[header.sectionID] {
            header.name = start.name
            header.instanceID = start.instanceID
            header.versionID = start.versionID
        }
        let contents = try input.next("contents")
        switch contents.tag {
        case SchemaTag.ramSection where contents.isConstructed:
            try visitor.beginSection(header, contents: .ram, at: offset)
            input.path.append("contents")
            try RAMRecords.read(&input, &decoder, &mapped, passing: &passed, into: &visitor)
            try mapped.end(at: input.reader.position, input.pathText)
            input.path.removeLast()
        case SchemaTag.deviceState where contents.isConstructed:
            try visitor.beginSection(header, contents: .device, at: offset)
            var state = DeviceStateDecoder()
            try state.parts(&input)
            try visitor.device(state.finish())
        case .octetString:
            try input.opaque(header, contents, at: offset, into: &visitor)
        default:
            guard let layout = IteratorCoding.layout(for: contents.tag), contents.isConstructed
            else {
                throw input.unexpected(contents, "contents")
            }
            try visitor.beginSection(header, contents: .iterator(layout), at: offset)
            input.path.append("contents")
            var decoder = IteratorRecordDecoder(layout)
            try decoder.read(&input, into: &visitor)
            input.path.removeLast()
        }
        let footer = try input.boolean("footer")
        try input.end()
        try visitor.endSection(footer: footer)
        input.path.removeLast()
    }

    private var started: [UInt32: SectionHeader] = [:]
}
