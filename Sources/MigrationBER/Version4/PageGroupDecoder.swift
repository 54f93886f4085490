import BER
import ByteIO
import Migration

/// Reads `RAMPages` and `RAMStored` of version 4.
///
/// A group of usual size lies whole in the window and is told in one call, its contents where they
/// are. Others, which other programs may write, go by entry by entry.
struct PageGroupDecoder {
    /// Octets of a group that are held in the window.
    static let windowLimit = 4 << 20

    var group = RAMPageGroup()
    var blocks: [String: UInt64] = [:]
    var cursor: UInt64 = 0
    /// Pages of the group so far.
    var pages: UInt64 = 0
    var blockLength: UInt64 = .max
    /// Whether the group is a multifd packet's, which may have packed pages.
    var isInPacket = false

    /// Whether the group is of pages that have places in the file, and no records.
    var isStored = false
    var mappedPageSize: UInt64 = 0
    /// Where the next stored page may begin: they ascend.
    var mappedFloor: UInt64 = 0

    /// Whether contents of pages are passed over: groups are told without their octets.
    var passesPages = false

    /// The block of the last group.
    var block: String? { hasBlock ? group.block : nil }
    var hasBlock = false

    /// Tells the blocks' lengths, which pages must not go beyond.
    mutating func take(_ list: [RAMBlock]) {
        blocks = [:]
        for block in list { blocks[block.name] = block.length }
    }

    /// Takes the mapped block in which stored pages lie.
    mutating func takeMapped(_ block: RAMBlock, pagesSize: UInt64) {
        blocks = [block.name: pagesSize]
        mappedPageSize = block.mapped?.pageSize ?? 0
    }

    /// Reads the group of a packet whose element was just opened, and its end, and tells both.
    /// - Returns: whether there are packed pages, so that data follow.
    mutating func readPacket<V: MigrationVisitor & ~Copyable>(
        _ element: BERElement, _ packet: MultifdPacket, _ input: inout ElementReader,
        into visitor: inout V
    ) throws(MigrationError) -> Bool {
        isInPacket = true
        isStored = false
        group.position = nil
        defer { isInPacket = false }
        var packet = packet
        if let loaded = try load(element, &input), try parseWindow(element, loaded, &input) {
            packet.hasData = group.entries.contains { $0.kind == .packed }
            try visitor.beginPacket(packet)
            try visitor.ramPages(group, input.reader.window.extracting(first: loaded))
            input.reader.consumeLoaded(loaded)
            try input.end()
            return packet.hasData
        }
        // The pages of a packet are told at once, as its header has them.
        var entries: [RAMPageEntry] = []
        var all: [UInt8] = []
        let path = input.pathText
        try entryByEntry(element, &input) { (group, octets) throws(MigrationError) in
            guard all.count + octets.count <= PageGroupDecoder.heldLimit else {
                throw PageGroupDecoder.unexpected(
                    element, path, "a packet of at most \(PageGroupDecoder.heldLimit) octets",
                    "a larger one")
            }
            for var entry in group.entries {
                entry.contentOffset += all.count
                entries.append(entry)
            }
            all += octets
        }
        group.entries = entries
        group.isNameSpelled = false
        packet.hasData = entries.contains { $0.kind == .packed }
        try visitor.beginPacket(packet)
        // An array of octets has no padding that could be read.
        try visitor.ramPages(group, unsafe all.span.bytes)
        return packet.hasData
    }

    private func load(
        _ element: BERElement, _ input: inout ElementReader
    ) throws(MigrationError) -> Int? {
        do {
            return try input.reader.loadConstructed(element, limit: PageGroupDecoder.windowLimit)
        } catch { throw BERFailure.wrap(error, path: input.pathText) }
    }

    /// Reads a group whose element was just opened, and its end.
    mutating func read<V: MigrationVisitor & ~Copyable>(
        _ element: BERElement, isStored: Bool = false, _ input: inout ElementReader,
        into visitor: inout V
    ) throws(MigrationError) {
        self.isStored = isStored
        group.position = nil
        if passesPages, !isStored { return try pass(&input, into: &visitor) }
        if let loaded = try load(element, &input), try parseWindow(element, loaded, &input) {
            group.position = input.reader.position
            try tell(input.reader.window.extracting(first: loaded), into: &visitor)
            input.reader.consumeLoaded(loaded)
            return try input.end()
        }
        try entryByEntry(element, &input) { (group, octets) throws(MigrationError) in
            // An array of octets has no padding that could be read.
            if isStored {
                try visitor.ramMappedPages(group, unsafe octets.span.bytes)
            } else {
                try visitor.ramPages(group, unsafe octets.span.bytes)
            }
        }
    }

    // MARK: Whole

    /// Reads the group in the window, without consuming it.
    /// - Returns: whether it can be read so: it may have parts of indefinite length or in segments.
    private mutating func parseWindow(
        _ element: BERElement, _ size: Int, _ input: inout ElementReader
    ) throws(MigrationError) -> Bool {
        do {
            // The text of the path is made for an error alone: groups come by the thousand.
            return try parse(input.reader.window, size, element, "")
        } catch let error as BERError {
            if error.code == .indefiniteForbidden { return false }
            throw BERFailure.wrap(error, path: input.pathText)
        } catch var error as MigrationError {
            error.path = input.pathText
            throw error
        } catch {
            throw MigrationError(.io, expected: "", found: "\(error)")
        }
    }

    @inline(__always)
    func tell<V: MigrationVisitor & ~Copyable>(
        _ content: RawSpan, into visitor: inout V
    ) throws(MigrationError) {
        if isStored {
            try visitor.ramMappedPages(group, content)
        } else {
            try visitor.ramPages(group, content)
        }
    }

    private mutating func parse(
        _ window: RawSpan, _ size: Int, _ element: BERElement, _ path: String
    ) throws -> Bool {
        let base = element.contentOffset
        var at = 0
        // block, spelled, pagesize, addr, pages; RAMStored lacks `spelled`.
        for index in 0..<5 {
            if index == 1, isStored {
                group.isNameSpelled = false
                continue
            }
            let field = try BERElement.parse(window, at: at, end: size, base: base)
            let content = at + field.headSize
            let length = Int(clamping: field.length ?? 0)
            let tag: Tag =
                switch index {
                case 0: .utf8String
                case 1: .boolean
                case 4: .sequence
                default: .integer
                }
            guard field.tag == tag else {
                throw PageGroupDecoder.unexpected(field, path, "a group of pages")
            }
            if field.isConstructed != (index == 4) { return false }
            switch index {
            case 0:
                let name = window.extracting(content..<content + length)
                if !PageGroupDecoder.isSame(name, group.block) {
                    group.block = window.text(at: content, count: length) ?? ""
                }
                guard length <= 255, length == 0 || !group.block.isEmpty else {
                    throw PageGroupDecoder.unexpected(field, path, "a name of 0 to 255 octets")
                }
                hasBlock = true
            case 1:
                guard length == 1 else {
                    throw PageGroupDecoder.unexpected(field, path, "a BOOLEAN")
                }
                group.isNameSpelled = window.octet(at: content) != 0
            case 2: try take(pageSize: try field.signedInteger(window, at: content), field, path)
            case 3: try begin(at: try field.signedInteger(window, at: content), field, path)
            default:
                guard content + length == size else {
                    throw PageGroupDecoder.unexpected(field, path, "the group's last component")
                }
                at = content
            }
            if index < 4 { at = content + length }
        }
        while at < size {
            let entry = try BERElement.parse(window, at: at, end: size, base: base)
            let content = at + entry.headSize
            let length = Int(clamping: entry.length ?? 0)
            if entry.tag == SchemaTag.fill {
                try fill(window, entry, at: content, length, base, path)
            } else {
                if entry.isConstructed { return false }
                if entry.tag == .octetString || entry.tag == SchemaTag.xbzrle
                    || entry.tag == SchemaTag.zlib
                {
                    try add(content: content, length, entry, path)
                } else {
                    try number(try entry.signedInteger(window, at: content), entry, path)
                }
            }
            at = content + length
        }
        return true
    }

    private static func isSame(_ octets: RawSpan, _ text: String) -> Bool {
        guard octets.byteCount == text.utf8.count else { return false }
        var index = 0
        for octet in text.utf8 {
            if octets.octet(at: index) != octet { return false }
            index += 1
        }
        return true
    }

    mutating func fill(
        _ window: RawSpan, _ entry: BERElement, at start: Int, _ length: Int, _ base: UInt64,
        _ path: String
    ) throws {
        let end = start + length
        let value = try BERElement.parse(window, at: start, end: end, base: base)
        let second = start + value.headSize + Int(clamping: value.length ?? 0)
        let count = try BERElement.parse(window, at: second, end: end, base: base)
        guard value.tag == .integer, count.tag == .integer, entry.isConstructed,
            second + count.headSize + Int(clamping: count.length ?? 0) == end
        else { throw PageGroupDecoder.unexpected(entry, path, "RAMFill") }
        try add(
            fill: try value.signedInteger(window, at: start + value.headSize),
            count: try count.signedInteger(window, at: second + count.headSize), entry, path)
    }
}
