import ByteIO
import Migration

/// START, PART and END: their headers, footers, and which reader their payload needs.
extension StreamReader {
    mutating func start<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        let offset = source.position
        guard let (header, size) = try namedHeader(.start) else {
            return try cutOr("a section's header", into: &visitor)
        }
        started[header.sectionID] = header
        guard started.count <= StreamLimit.startedSections else {
            throw StreamLimit.tooManySections(at: offset)
        }
        try iterate(header, headSize: size, at: offset, into: &visitor)
    }

    mutating func partOrEnd<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        let offset = source.position
        guard try load(5) >= 5 else { return try cutOr("a section's header", into: &visitor) }
        let kind = SectionKind(rawValue: source.window.octet(at: 0)) ?? .part
        let id: UInt32 = source.window.bigEndian(at: 1)
        var known = started[id]
        if known == nil, infersSections {
            guard try load(13) >= 13 else { return try cutOr("a RAM record", into: &visitor) }
            known = inferredSection(id)
        }
        guard var header = known else {
            throw error(
                .corrupt, at: offset + 1, expected: "the id of a section that has begun",
                found: "\(id)",
                hint: "an octet before this was read wrongly, or the stream is damaged")
        }
        header.kind = kind
        try iterate(header, headSize: 5, at: offset, into: &visitor)
    }

    /// Reads the header of START or FULL, without consuming it.
    /// - Returns: `nil` at the end of the input.
    mutating func namedHeader(
        _ kind: SectionKind
    ) throws(MigrationError) -> (SectionHeader, size: Int)? {
        let offset = source.position
        guard try load(6) >= 6 else { return nil }
        let length = Int(source.window.octet(at: 5))
        let size = 14 + length
        guard try load(size) >= size else { return nil }
        let window = source.window
        guard length > 0, let name = window.text(at: 6, count: length) else {
            throw error(
                .corrupt, at: offset + 5, expected: "a section's name of 1 to 255 octets in UTF-8",
                found: length == 0 ? "an empty one" : "other octets")
        }
        return (
            SectionHeader(
                kind: kind, sectionID: window.bigEndian(at: 1), name: name,
                instanceID: window.bigEndian(at: 6 + length),
                versionID: window.bigEndian(at: 10 + length)), size
        )
    }

    private mutating func iterate<V: MigrationVisitor & ~Copyable>(
        _ header: SectionHeader, headSize: Int, at offset: UInt64, into visitor: inout V
    ) throws(MigrationError) {
        if header.name == "ram" {
            guard header.versionID == 4 else {
                return try unreadable(
                    header, at: offset, "RAM of version \(header.versionID)", into: &visitor)
            }
            source.consume(headSize)
            try visitor.beginSection(header, contents: .ram, at: offset)
            try ram(header, into: &visitor)
            if carriesRest { return try visitor.endSection(footer: false) }
            return try footer(header, into: &visitor)
        }
        if let layout = IteratorRegistry.layout(for: header),
            try iterator(layout, header, headSize: headSize, at: offset, into: &visitor)
        {
            return
        }
        try searchEnd(header, headSize: headSize, at: offset, into: &visitor)
    }

    /// The payload is nothing that Berth reads, and the rest can't be told from it.
    private mutating func unreadable<V: MigrationVisitor & ~Copyable>(
        _ header: SectionHeader, at offset: UInt64, _ what: String, into visitor: inout V
    ) throws(MigrationError) {
        options.warn(
            MigrationWarning(
                .carriedRaw, at: offset, path: header.name,
                "\(what): all from here on is carried as raw octets"))
        carriesRest = true
    }

    /// The footer, if the stream has footers.
    mutating func footer<V: MigrationVisitor & ~Copyable>(
        _ header: SectionHeader, into visitor: inout V
    ) throws(MigrationError) {
        let count = try load(5)
        if count >= 5, source.window.octet(at: 0) == StreamReader.footerMark {
            let id: UInt32 = source.window.bigEndian(at: 1)
            guard id == header.sectionID else {
                throw error(
                    .corrupt, at: source.position + 1, path: header.name,
                    expected: "the footer of section \(header.sectionID)",
                    found: "one of section \(id)")
            }
            source.consume(5)
            footers = .on
            return try visitor.endSection(footer: true)
        }
        let isAtEnd = count < 5 && (count == 0 || source.window.octet(at: 0) == 0x7e)
        if footers == .on || isAtEnd {
            guard isAtEnd else {
                throw error(
                    .corrupt, at: source.position, path: header.name,
                    expected: "the section's footer (7e)",
                    found: "the octet \(hex(UInt64(source.window.octet(at: 0))))",
                    hint: "QEMU says \"Missing section footer\" here: "
                        + "the section's payload is longer or shorter than expected")
            }
            try cutOr("the footer of section \(header.name)", into: &visitor)
        } else {
            footers = .off
        }
        try visitor.endSection(footer: false)
    }

    // MARK: Unknown iterators

    /// Octets in which the end of a section of an unknown iterator is looked for.
    static let searchLimit = 16 << 20

    /// Bounds a section that nobody describes by its footer and the item behind it.
    private mutating func searchEnd<V: MigrationVisitor & ~Copyable>(
        _ header: SectionHeader, headSize: Int, at offset: UInt64, into visitor: inout V
    ) throws(MigrationError) {
        guard let found = try findFooter(header, from: headSize) else {
            return try unreadable(
                header, at: offset, "a section whose end can't be proved", into: &visitor)
        }
        source.consume(headSize)
        try visitor.beginSection(
            header, contents: .opaque(length: UInt64(found - headSize)), at: offset)
        if found > headSize {
            try visitor.opaque(source.window.extracting(first: found - headSize))
        }
        source.consume(found - headSize)
        try footer(header, into: &visitor)
    }

    /// Looks for a section's footer, with an item behind it, in the octets behind `start`.
    /// - Returns: where in the window it stands; `nil` if none is found.
    mutating func findFooter(
        _ header: SectionHeader, from start: Int
    ) throws(MigrationError) -> Int? {
        let probe = SectionProbe(startedIDs: Set(started.keys), isPackage: bound != nil)
        var at = start
        while footers != .off, at - start < StreamReader.searchLimit {
            // An item's header has at most 270 octets.
            let wanted = at + (64 << 10)
            let count = try load(wanted)
            let end = count < wanted ? count : nil
            guard count - at >= 5 else { return nil }
            // No further than the limit, whatever the window holds by chance.
            let last = min(end ?? count - 300, start + StreamReader.searchLimit)
            while at < last {
                if SectionProbe.footer(source.window, at: at, id: header.sectionID),
                    probe.item(source.window, at: at + 5, end: end)
                {
                    return at
                }
                at += 1
            }
            if end != nil { return nil }
        }
        return nil
    }
}
