import BER
import ByteIO
import Migration

/// The entries of a RAM section, and those that version 3 lacks.
extension Version3Reader {
    mutating func ram<V: MigrationVisitor & ~Copyable>(
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
            let blocks = try BlockListCoding.read(&input, isPlain: true)
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

    /// RAM records that version 3 lacks, as version 4 has them.
    mutating func records<V: MigrationVisitor & ~Copyable>(
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

    mutating func take(_ blocks: [RAMBlock]) {
        decoder.take(blocks)
        scanner.blocks = [:]
        for block in blocks { scanner.blocks[block.name] = block.length }
    }
}
