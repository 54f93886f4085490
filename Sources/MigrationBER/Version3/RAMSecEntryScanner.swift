import BER
import ByteIO
import Migration

/// Reads `RAMSecEntry` elements of version 3 from a window into a group of pages, until the group
/// must end (``RAMGroupRule``). Nothing is copied.
struct RAMSecEntryScanner {
    enum Outcome {
        /// The next entry does not belong to the group, or is none of a page.
        case complete
        /// The window ends inside an entry.
        case needsMore
    }

    private(set) var group = RAMPageGroup(pageSize: Version3Writer.pageSize)
    /// Octets of the window that whole entries of the group take.
    private(set) var scanned = 0
    private var rule = RAMGroupRule(pageSize: Version3Writer.pageSize)
    private var cursor: UInt64 = 0
    private var isFirst = true
    /// The lengths of the blocks in the list, which pages must not go beyond.
    var blocks: [String: UInt64] = [:]
    /// Whether `flags` must be what the rest of an entry says. Other makers' files put there what
    /// they like.
    var checksFlags = false
    /// Whether a block has been named, in which pages can go on.
    private var hasBlock = false

    /// Pages without a name go on in `block`.
    mutating func goOn(in block: String?) {
        guard let block else { return }
        group.block = block
        hasBlock = true
    }

    mutating func begin() {
        group.entries.removeAll(keepingCapacity: true)
        group.isNameSpelled = false
        scanned = 0
        isFirst = true
        rule = RAMGroupRule(pageSize: Version3Writer.pageSize)
    }

    /// Takes entries from the first `end` octets of the window.
    /// - Parameter base: octets from the start of the input to the window.
    mutating func scan(
        _ window: RawSpan, end: Int, base: UInt64, _ path: String
    ) throws(MigrationError) -> Outcome {
        while true {
            // The largest head of an entry has some 300 octets, a name and all.
            guard end - scanned >= 2 else { return .needsMore }
            guard window.octet(at: scanned) == 0x7f else { return .complete }
            let entry: BERElement
            do {
                entry = try BERElement.parse(
                    window, at: scanned, end: window.byteCount, base: base)
            } catch {
                // Cut by the window, or not of definite length: element by element will tell.
                return error.code == .lengthOverrunsParent ? .needsMore : .complete
            }
            guard entry.tag == SchemaTag.ramSecEntry, entry.isConstructed else {
                return .complete
            }
            guard try take(entry, window, base, path) else { return .complete }
        }
    }

    private mutating func take(
        _ entry: BERElement, _ window: RawSpan, _ base: UInt64, _ path: String
    ) throws(MigrationError) -> Bool {
        let start = scanned + entry.headSize
        let end = start + Int(clamping: entry.length ?? 0)
        do {
            let addr = try BERElement.parse(window, at: start, end: end, base: base)
            var at = start + addr.headSize + Int(clamping: addr.length ?? 0)
            let flags = try BERElement.parse(window, at: at, end: end, base: base)
            guard addr.tag == .integer, flags.tag == .integer else { return false }
            let offset = try addr.signedInteger(window, at: start + addr.headSize)
            at += flags.headSize + Int(clamping: flags.length ?? 0)
            var body = try BERElement.parse(window, at: at, end: end, base: base)
            var isSpelled = false
            if body.tag == .utf8String {
                if !isFirst { return false }
                guard !body.isConstructed else { return false }
                let length = Int(clamping: body.length ?? 0)
                guard let name = window.text(at: at + body.headSize, count: length),
                    (1...255).contains(length)
                else { return false }
                isSpelled = true
                if group.block != name { group.block = name }
                hasBlock = true
                at += body.headSize + length
                body = try BERElement.parse(window, at: at, end: end, base: base)
            }
            let length = Int(clamping: body.length ?? 0)
            guard !body.isConstructed, at + body.headSize + length == end else { return false }
            try check(
                flags: try flags.signedInteger(
                    window,
                    at: start + addr.headSize
                        + Int(clamping: addr.length ?? 0) + flags.headSize),
                body.tag, isSpelled, entry, path)
            if body.tag == .integer {
                let fill = try body.signedInteger(window, at: at + body.headSize)
                guard let octet = UInt8(exactly: fill) else { return false }
                return try add(
                    .fill, octet, offset, content: 0, isSpelled, entry, path, next: end)
            }
            guard body.tag == .octetString, length == Int(Version3Writer.pageSize) else {
                return false
            }
            return try add(
                .full, 0, offset, content: at + body.headSize, isSpelled, entry, path, next: end)
        } catch let error as MigrationError {
            throw error
        } catch {
            // Element by element will tell what is wrong, and where.
            return false
        }
    }

    private mutating func add(
        _ kind: RAMPageEntry.Kind, _ fill: UInt8, _ offset: Int64, content: Int,
        _ isSpelled: Bool, _ entry: BERElement, _ path: String, next: Int
    ) throws(MigrationError) -> Bool {
        let size = Version3Writer.pageSize
        guard let place = UInt64(exactly: offset), place % size == 0 else { return false }
        try check(place, entry, path)
        let last = group.entries.count - 1
        let adjoins =
            last >= 0 && place == cursor && kind == group.entries[last].kind
            && fill == group.entries[last].fill
        let recordLength = kind == .full ? 8 + size : 9
        guard
            rule.take(
                kind, isZero: fill == 0, at: place, length: recordLength, merges: adjoins)
        else { return false }
        if isFirst { group.isNameSpelled = isSpelled }
        isFirst = false
        if adjoins, extends(last, content, kind) {
            group.entries[last].count += 1
        } else {
            group.entries.append(
                RAMPageEntry(
                    kind: kind, fill: fill, offset: place, count: 1, contentOffset: content,
                    contentLength: kind == .full ? Int(size) : 0,
                    stride: kind == .full ? Int(size) : 0))
        }
        cursor = place + size
        scanned = next
        return true
    }

    /// Whether a page's content lies where the entry's stride wants it; the second page sets it.
    private mutating func extends(
        _ index: Int, _ content: Int, _ kind: RAMPageEntry.Kind
    ) -> Bool {
        if kind == .fill { return true }
        let distance = content - group.entries[index].contentOffset
        if group.entries[index].count == 1 {
            group.entries[index].stride = distance
            return true
        }
        return distance == Int(clamping: group.entries[index].count) * group.entries[index].stride
    }

    /// Holds an entry's flags against its body and its name.
    func check(
        flags: Int64, _ body: Tag, _ isSpelled: Bool, _ entry: BERElement, _ path: String
    ) throws(MigrationError) {
        guard checksFlags else { return }
        let kind =
            body == .integer
            ? RAMFlag.zero : body == .octetString ? RAMFlag.page : RAMFlag.memSize
        let isContinued = body != .sequence && !isSpelled
        let expected = isContinued ? kind | RAMFlag.continued : kind
        guard UInt64(bitPattern: flags) == expected else {
            throw MigrationError(
                .corrupt, at: entry.offset, path: path + ".flags",
                expected: "\(expected), as the entry's name and body are", found: "\(flags)")
        }
    }

    /// A single page whose entry was read element by element.
    mutating func single(
        _ kind: RAMPageEntry.Kind, fill: UInt8, offset: UInt64, name: String?,
        _ entry: BERElement, _ path: String
    ) throws(MigrationError) {
        begin()
        if let name {
            group.block = name
            hasBlock = true
        }
        guard offset % Version3Writer.pageSize == 0 else {
            throw MigrationError(
                .corrupt, at: entry.offset, path: path + ".addr",
                expected: "a multiple of \(Version3Writer.pageSize)", found: "\(offset)")
        }
        try check(offset, entry, path)
        let size = Int(Version3Writer.pageSize)
        group.isNameSpelled = name != nil
        group.entries.append(
            RAMPageEntry(
                kind: kind, fill: fill, offset: offset, count: 1,
                contentLength: kind == .full ? size : 0, stride: size))
    }

    private func check(
        _ offset: UInt64, _ entry: BERElement, _ path: String
    ) throws(MigrationError) {
        guard hasBlock else {
            throw MigrationError(
                .corrupt, at: entry.offset, path: path, expected: "the name of a RAM block",
                found: "an entry that goes on in none")
        }
        guard !blocks.isEmpty else { return }
        guard let length = blocks[group.block] else {
            throw MigrationError(
                .corrupt, at: entry.offset, path: path, expected: "a RAM block of the list",
                found: MigrationError.excerpt(group.block))
        }
        guard offset < length, length - offset >= Version3Writer.pageSize else {
            throw MigrationError(
                .corrupt, at: entry.offset, path: path,
                expected: "a page within \(group.block), which has \(length) octets",
                found: "offset \(offset)")
        }
    }
}
