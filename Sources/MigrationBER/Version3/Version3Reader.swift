import BER
import ByteIO
import Migration

/// Reads version 3 files, with Berth's annotations or without. Begins behind `version`.
struct Version3Reader: ~Copyable {
    private var input: ElementReader
    private var scanner = RAMSecEntryScanner()
    private var decoder = PageGroupDecoder()
    private var mapped = MappedRAMDecoder()
    private var isAnnotated = false
    private var hasBegun = false
    private var hasEnded = false
    /// What annotations say of the section that comes next.
    private var nextKind: SectionKind?
    private var nextContinues = false
    private var nextIsLiteral = false
    private var nextLayouts: [FieldLayouts.Node]?
    /// The section whose end has not been told, since a footer or more of it may follow.
    private var open: SectionHeader?
    private var isOpenRAM = false
    /// Whether it is an iterator's and its payload has not come to its end.
    private var isOpenIterator = false
    private var expectsFooter = false
    private var started: [UInt32: SectionHeader] = [:]
    private var isInPackage = false

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

    private mutating func begin<V: MigrationVisitor & ~Copyable>(
        _ header: StreamHeader = StreamHeader(), into visitor: inout V
    ) throws(MigrationError) {
        if hasBegun { return }
        hasBegun = true
        try visitor.begin(header)
    }

    // MARK: Items

    private mutating func full<V: MigrationVisitor & ~Copyable>(
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

    private mutating func section<V: MigrationVisitor & ~Copyable>(
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
    private mutating func closeSection<V: MigrationVisitor & ~Copyable>(
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
    private mutating func rest<V: MigrationVisitor & ~Copyable>(
        _ octets: [UInt8], into visitor: inout V
    ) throws(MigrationError) {
        isOpenIterator = false
        try visitor.iteratorRest(unsafe octets.span.bytes)
    }

    // MARK: Annotations

    private mutating func annotation<V: MigrationVisitor & ~Copyable>(
        _ annotation: Annotation, _ id: UInt32, _ contents: BERElement, at offset: UInt64,
        into visitor: inout V
    ) throws(MigrationError) {
        // Whether the file is annotated must be known before anything is read by it.
        guard annotation == .stream ? !hasBegun : isAnnotated else {
            throw misplaced(annotation, at: offset, "\(Annotation.stream.name) first, and once")
        }
        switch annotation {
        case .records:
            let octets = try input.octets(contents)
            do { return try records(octets, into: &visitor) } catch {
                throw Version3Reader.placed(error, in: contents)
            }
        case .rest:
            guard isOpenIterator else {
                throw MigrationError(
                    .corrupt, at: offset, path: input.pathText,
                    expected: "an iterator's section whose payload has not ended", found: "none")
            }
            return try rest(try input.octets(contents), into: &visitor)
        case .continued:
            nextContinues = true
            return try nothing(contents)
        case .footer, .noFooter:
            expectsFooter = annotation == .footer
            return try nothing(contents)
        default: try closeSection(into: &visitor)
        }
        if annotation != .stream { try begin(into: &visitor) }
        switch annotation {
        case .description:
            let json = try input.octets(contents)
            // An array of octets has no padding that could be read.
            try visitor.description(unsafe json.span.bytes)
        case .raw:
            try input.pieces(contents) { (piece) throws(MigrationError) in try visitor.raw(piece) }
        case .packedOctets:
            try input.pieces(contents) { (piece) throws(MigrationError) in
                try visitor.packed(piece)
            }
        case .part, .end:
            var header =
                started[id]
                ?? SectionHeader(
                    kind: .part, sectionID: id, name: "", instanceID: 0, versionID: 0)
            header.kind = annotation == .part ? .part : .end
            try section(header, contents, at: offset, into: &visitor)
        case .literal:
            nextIsLiteral = true
            try nothing(contents)
        case .eof:
            try visitor.endOfStream()
            try nothing(contents)
        case .package:
            let length = try input.octets(contents, limit: 4)
            guard !isInPackage else {
                throw misplaced(annotation, at: offset, "items that are no package")
            }
            isInPackage = true
            try visitor.beginPackage(length: length.reduce(0) { $0 << 8 | UInt32($1) })
        case .packageEnd:
            guard isInPackage else {
                throw misplaced(annotation, at: offset, "a package that has begun")
            }
            isInPackage = false
            try visitor.endPackage()
            try nothing(contents)
        default:
            let octets = try input.octets(contents)
            do { try element(annotation, octets, contents, into: &visitor) } catch {
                throw Version3Reader.placed(error, in: contents)
            }
        }
    }

    private func misplaced(
        _ annotation: Annotation, at offset: UInt64, _ expected: String
    ) -> MigrationError {
        MigrationError(
            .corrupt, at: offset, path: input.pathText, expected: expected,
            found: annotation.name)
    }

    private func misplaced(
        _ kind: SectionKind, at offset: UInt64, _ expected: String
    ) -> MigrationError {
        MigrationError(
            .corrupt, at: offset, path: input.pathText,
            expected: "a section's type \(expected)", found: "0\(kind.rawValue)")
    }

    /// An error inside an annotation's octets, with its place in the file.
    private static func placed(
        _ error: MigrationError, in contents: BERElement
    ) -> MigrationError {
        guard error.code != .io, let offset = error.offset else { return error }
        var error = error
        // In segments the octets lie apart: the whole string's place must do.
        error.offset = contents.isConstructed ? contents.offset : contents.contentOffset + offset
        return error
    }

    private mutating func nothing(_ contents: BERElement) throws(MigrationError) {
        let octets = try input.octets(contents, limit: 0)
        _ = octets
    }

    /// Annotations whose contents are elements of version 4, or numbers.
    private mutating func element<V: MigrationVisitor & ~Copyable>(
        _ annotation: Annotation, _ octets: [UInt8], _ contents: BERElement,
        into visitor: inout V
    ) throws(MigrationError) {
        var inner = ElementReader(ByteSource(octets: octets))
        inner.path = input.path + [annotation.name]
        switch annotation {
        case .stream:
            isAnnotated = true
            scanner.checksFlags = true
            try begin(try StreamInfo.read(&inner), into: &visitor)
        case .configuration:
            expectsFooter = true
            _ = try inner.next(SchemaTag.configuration, constructed: true, "a Configuration")
            try visitor.configuration(try ConfigurationCoding.read(&inner))
        case .command:
            _ = try inner.next(SchemaTag.command, constructed: true, "a Command")
            let element = try inner.next(.integer, constructed: false, "code")
            let code = UInt16(try inner.unsigned(element, limit: 0xffff, "code"))
            let payload = try inner.next("payload")
            let octets = try CommandCoding.read(code, payload, &inner)
            try visitor.command(code, payload: unsafe octets.span.bytes)
        case .section:
            guard octets.count == 1, let kind = SectionKind(rawValue: octets[0]) else {
                throw MigrationError(
                    .corrupt, at: 0, path: input.pathText, expected: "a section's type, 01 to 04",
                    found: "\(octets.count) octets, or another")
            }
            nextKind = kind
        case .packed: try visitor.beginPacked(try PackedCoding.readFacts(&inner))
        case .fields: nextLayouts = try FieldLayouts(octets, input.pathText).nodes
        default: break
        }
    }

    /// RAM records that version 3 lacks, as version 4 has them.
    private mutating func records<V: MigrationVisitor & ~Copyable>(
        _ octets: [UInt8], into visitor: inout V
    ) throws(MigrationError) {
        guard isOpenRAM else {
            throw MigrationError(
                .corrupt, at: 0, path: input.pathText,
                expected: "a RAM section before \(Annotation.records.name)", found: "none")
        }
        var inner = ElementReader(ByteSource(octets: octets))
        inner.path = input.path + [Annotation.records.name]
        var passed: PassedStretches?
        let blocks = try RAMRecords.read(
            &inner, &decoder, &mapped, passing: &passed, into: &visitor)
        if let blocks { take(blocks) }
        scanner.goOn(in: decoder.block)
    }

    private mutating func take(_ blocks: [RAMBlock]) {
        decoder.take(blocks)
        scanner.blocks = [:]
        for block in blocks { scanner.blocks[block.name] = block.length }
    }

    // MARK: RAM

    private mutating func ram<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        while true {
            if try scanGroup(into: &visitor) { continue }
            guard let entry = try input.next() else { return }
            guard entry.tag == SchemaTag.ramSecEntry, entry.isConstructed else {
                throw input.unexpected(entry, "a RAMSecEntry")
            }
            try self.entry(entry, into: &visitor)
        }
    }

    /// Reads entries from the window as long as they are pages in the usual form.
    /// - Returns: whether there were any.
    private mutating func scanGroup<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) -> Bool {
        scanner.begin()
        scan: while true {
            let end = input.reader.loadedCount
            let outcome = try scanner.scan(
                input.reader.window, end: end, base: input.reader.position, "ramsec")
            switch outcome {
            case .complete: break scan
            case .needsMore:
                guard input.reader.loadedCount - scanner.scanned < 2 * FormatLimit.piece else {
                    break scan
                }
                let isMore: Bool
                do { isMore = try input.reader.extendWindow() } catch {
                    throw BERFailure.wrap(error, path: input.pathText)
                }
                if !isMore || input.reader.loadedCount == end { break scan }
            }
        }
        if scanner.scanned == 0 { return false }
        try visitor.ramPages(
            scanner.group, input.reader.window.extracting(first: scanner.scanned))
        input.reader.consumeLoaded(scanner.scanned)
        return true
    }

    private mutating func entry<V: MigrationVisitor & ~Copyable>(
        _ entry: BERElement, into visitor: inout V
    ) throws(MigrationError) {
        let addr = try input.next(.integer, constructed: false, "addr")
        let offset = try input.unsigned(addr, "addr")
        let flags = try input.next(.integer, constructed: false, "flags")
        let word = try input.signed(flags, "flags")
        var body = try input.next("body")
        var name: String?
        if body.tag == .utf8String {
            name = try input.text(body, "name")
            body = try input.next("body")
        }
        try scanner.check(flags: word, body.tag, name != nil, entry, input.pathText)
        switch body.tag {
        case .sequence where body.isConstructed:
            let blocks = try BlockListCoding.read(&input)
            guard !isAnnotated || blocks.reduce(0, { $0 &+ $1.length }) == offset else {
                throw MigrationError(
                    .corrupt, at: addr.offset, path: input.pathText + ".addr",
                    expected: "the sum of the blocks' lengths", found: "\(offset)")
            }
            take(blocks)
            try visitor.ramBlocks(blocks)
        case .integer:
            let fill = try input.unsigned(body, limit: 255, "compr")
            try scanner.single(
                .fill, fill: UInt8(fill), offset: offset, name: name, entry, input.pathText)
            let none: [UInt8] = []
            try visitor.ramPages(scanner.group, unsafe none.span.bytes)
        case .octetString:
            let page = try input.octets(body, limit: Int(Version3Writer.pageSize))
            guard page.count == Int(Version3Writer.pageSize) else {
                throw MigrationError(
                    .corrupt, at: body.offset, path: input.pathText + ".body.page",
                    expected: "a page of \(Version3Writer.pageSize) octets",
                    found: "\(page.count)")
            }
            try scanner.single(
                .full, fill: 0, offset: offset, name: name, entry, input.pathText)
            try visitor.ramPages(scanner.group, unsafe page.span.bytes)
        default: throw input.unexpected(body, "bl, compr or page")
        }
        try input.end()
    }
}
