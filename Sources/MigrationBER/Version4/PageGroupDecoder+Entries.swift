import BER
import ByteIO
import Migration

/// Groups whose entries don't lie whole in the window, in forms that other writers may choose.
extension PageGroupDecoder {
    // MARK: Entry by entry

    /// - Parameter tell: gets the group with one entry, and its octets.
    mutating func entryByEntry(
        _ element: BERElement, _ input: inout ElementReader,
        _ tell: (RAMPageGroup, [UInt8]) throws(MigrationError) -> Void
    ) throws(MigrationError) {
        let path = input.pathText
        try head(&input, path)
        while let entry = try input.next() {
            group.entries.removeAll(keepingCapacity: true)
            var octets: [UInt8] = []
            switch entry.tag {
            case .octetString, SchemaTag.xbzrle, SchemaTag.zlib:
                octets = try input.octets(entry, limit: PageGroupDecoder.heldLimit)
                try add(content: 0, octets.count, entry, path)
            default: try addNumbers(entry, &input, path)
            }
            if group.entries.isEmpty { continue }
            try tell(group, octets)
            group.isNameSpelled = false
        }
        try input.end()
    }

    /// Reads what stands before the entries of a group that was just opened.
    private mutating func head(
        _ input: inout ElementReader, _ path: String
    ) throws(MigrationError) {
        group.block = try input.blockName("block")
        hasBlock = true
        group.isNameSpelled = isStored ? false : try input.boolean("spelled")
        let size = try input.next(.integer, constructed: false, "pagesize")
        try take(pageSize: try input.signed(size, "pagesize"), size, path)
        let addr = try input.next(.integer, constructed: false, "addr")
        try begin(at: try input.signed(addr, "addr"), addr, path)
        _ = try input.next(.sequence, constructed: true, "pages")
    }

    /// Reads an entry that has no octets of pages.
    private mutating func addNumbers(
        _ entry: BERElement, _ input: inout ElementReader, _ path: String
    ) throws(MigrationError) {
        guard entry.tag != SchemaTag.fill || !entry.isConstructed else {
            let value = try input.next(.integer, constructed: false, "value")
            let number = try input.signed(value, "value")
            let count = try input.next(.integer, constructed: false, "count")
            try add(fill: number, count: try input.signed(count, "count"), entry, path)
            return try input.end()
        }
        guard !entry.isConstructed else { throw input.unexpected(entry, "a RAMPage") }
        try number(try input.signed(entry, "pages"), entry, path)
    }

    // MARK: Without contents

    /// Entries that are told at once where contents are passed over.
    private static let passedEntries = 4096

    /// Reads a group that was just opened, and its end, but for its contents.
    mutating func pass<V: MigrationVisitor & ~Copyable>(
        _ input: inout ElementReader, into visitor: inout V
    ) throws(MigrationError) {
        let path = input.pathText
        try head(&input, path)
        let none: [UInt8] = []
        while let entry = try input.next() {
            switch entry.tag {
            case .octetString, SchemaTag.xbzrle, SchemaTag.zlib:
                // The next call of `next` passes over it; segments are read, other programs' work.
                let length =
                    entry.isConstructed
                    ? try input.octets(entry, limit: PageGroupDecoder.heldLimit).count
                    : Int(clamping: entry.length ?? 0)
                try add(content: 0, length, entry, path)
            default: try addNumbers(entry, &input, path)
            }
            if group.entries.count >= PageGroupDecoder.passedEntries {
                try visitor.ramPages(group, unsafe none.span.bytes)
                group.entries.removeAll(keepingCapacity: true)
                group.isNameSpelled = false
            }
        }
        if !group.entries.isEmpty { try visitor.ramPages(group, unsafe none.span.bytes) }
        try input.end()
    }

    /// Octets of one entry that other programs may write, held in memory.
    static let heldLimit = 16 << 20

    // MARK: Entries

    mutating func take(
        pageSize: Int64, _ element: BERElement, _ path: String
    ) throws(MigrationError) {
        guard (256...(1 << 24)).contains(pageSize), pageSize & (pageSize - 1) == 0 else {
            throw PageGroupDecoder.unexpected(
                element, path, "a page size that is a power of two", "\(pageSize)")
        }
        group.pageSize = UInt64(pageSize)
        guard !isStored || group.pageSize == mappedPageSize else {
            throw PageGroupDecoder.unexpected(
                element, path, "the block's page size, \(mappedPageSize)", "\(pageSize)")
        }
    }

    mutating func begin(
        at addr: Int64, _ element: BERElement, _ path: String
    ) throws(MigrationError) {
        guard addr >= 0, UInt64(addr) % group.pageSize == 0 else {
            throw PageGroupDecoder.unexpected(
                element, path, "an address that is a multiple of the page size", "\(addr)")
        }
        cursor = UInt64(addr)
        pages = 0
        group.entries.removeAll(keepingCapacity: true)
        blockLength = .max
        if !blocks.isEmpty {
            guard let length = blocks[group.block] else {
                throw PageGroupDecoder.unexpected(
                    element, path, "a RAM block of the list", "\"\(group.block)\"")
            }
            blockLength = length
        }
    }

    mutating func add(
        content: Int, _ length: Int, _ element: BERElement, _ path: String
    ) throws(MigrationError) {
        let pageSize = Int(group.pageSize)
        switch element.tag {
        case .octetString:
            guard length > 0, length % pageSize == 0 else {
                throw PageGroupDecoder.unexpected(
                    element, path, "whole pages of \(pageSize) octets", "\(length) octets")
            }
            try append(
                RAMPageEntry(
                    kind: .full, offset: cursor, count: UInt64(length / pageSize),
                    contentOffset: content, contentLength: pageSize, stride: pageSize),
                element, path)
        default:
            let isDelta = element.tag == SchemaTag.xbzrle
            guard length <= (isDelta ? min(pageSize, 0xffff) : 2 * pageSize + 1024) else {
                throw PageGroupDecoder.unexpected(
                    element, path, "one page in fewer octets", "\(length) octets")
            }
            try append(
                RAMPageEntry(
                    kind: isDelta ? .xbzrle : .zlib, offset: cursor, count: 1,
                    contentOffset: content, contentLength: length, stride: length),
                element, path)
        }
    }

    mutating func add(
        fill: Int64, count: Int64, _ element: BERElement, _ path: String
    ) throws(MigrationError) {
        guard let octet = UInt8(exactly: fill), count > 0 else {
            throw PageGroupDecoder.unexpected(
                element, path, "an octet and a count of at least 1", "\(fill) and \(count)")
        }
        try append(
            RAMPageEntry(kind: .fill, fill: octet, offset: cursor, count: UInt64(count)), element,
            path)
    }

    /// `zero`, `packed` or `skip`.
    mutating func number(
        _ value: Int64, _ element: BERElement, _ path: String
    ) throws(MigrationError) {
        if element.tag == SchemaTag.zero {
            guard value > 0 else {
                throw PageGroupDecoder.unexpected(element, path, "at least one page", "\(value)")
            }
            return try append(
                RAMPageEntry(kind: .fill, offset: cursor, count: UInt64(value)), element, path)
        }
        if element.tag == SchemaTag.packed, isInPacket {
            guard value > 0 else {
                throw PageGroupDecoder.unexpected(element, path, "at least one page", "\(value)")
            }
            return try append(
                RAMPageEntry(kind: .packed, offset: cursor, count: UInt64(value)), element, path)
        }
        guard element.tag == SchemaTag.skip else {
            throw PageGroupDecoder.unexpected(element, path, "a RAMPage")
        }
        let (step, overflow) = value.multipliedReportingOverflow(by: Int64(group.pageSize))
        let (place, beyond) = Int64(bitPattern: cursor).addingReportingOverflow(step)
        guard !overflow, !beyond, place >= 0 else {
            throw PageGroupDecoder.unexpected(element, path, "a place in the block", "\(value)")
        }
        cursor = UInt64(place)
    }

    mutating func append(
        _ entry: RAMPageEntry, _ element: BERElement, _ path: String
    ) throws(MigrationError) {
        let (size, overflow) = entry.count.multipliedReportingOverflow(by: group.pageSize)
        guard !overflow, cursor <= blockLength, size <= blockLength - cursor,
            size <= UInt64(Int64.max) - cursor
        else {
            throw PageGroupDecoder.unexpected(
                element, path, "pages within \(group.block)",
                "\(entry.count) pages from offset \(cursor)")
        }
        pages += min(entry.count, StreamLimit.groupPages + 1)
        guard pages <= StreamLimit.groupPages else {
            throw MigrationError(
                .limit, at: element.offset, path: path,
                expected: "at most \(StreamLimit.groupPages) pages in a group", found: "more")
        }
        if isStored {
            guard entry.kind == .full, cursor >= mappedFloor else {
                throw PageGroupDecoder.unexpected(
                    element, path, "full pages from offset \(mappedFloor) on",
                    entry.kind == .full ? "offset \(cursor)" : "others")
            }
            mappedFloor = cursor + size
        }
        group.entries.append(entry)
        cursor += size
    }

    static func unexpected(
        _ element: BERElement, _ path: String, _ expected: String, _ found: String? = nil
    ) -> MigrationError {
        MigrationError(
            .corrupt, at: element.offset, path: path, expected: expected,
            found: found ?? "\(element.tag)")
    }
}
