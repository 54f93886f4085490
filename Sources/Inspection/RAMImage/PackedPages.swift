import ByteIO
import Containers
import Migration

/// Unpacks the pages of a channel's compressed packets, and puts them into an image.
///
/// A packet tells its pages first, then come its data. What they unpack to has no room but for these
/// pages: more is an error, and so is less.
struct PackedPages: ~Copyable {
    private var method: PacketMethod?
    private var decompressor: PageDecompressor?
    private var packet: MultifdPacket?
    private var path = ""
    /// The packet's pages, adjoining ones together, and how far they are done.
    private var group = RAMPageGroup()
    private var run = 0
    private var pagesOfRun: UInt64 = 0
    private var total: UInt64 = 0
    private var whole: UInt64 = 0
    /// Some pages of the run, and one octet more.
    private var buffer: [UInt8] = []
    private var filled = 0
    private var wanted = 0
    /// Octets of the packet's data that were used.
    private var used: UInt64 = 0
    private var isEnded = false
    private var table = PageTable()
    private static let batch = 256 << 10

    /// A channel begins: its packets' data have nothing to do with those of another.
    mutating func beginChannel() {
        method = nil
        decompressor = nil
        packet = nil
    }

    /// Takes the pages of a packet whose data follow.
    mutating func begin(
        _ packet: MultifdPacket, _ pages: borrowing RAMPageGroup
    ) throws(MigrationError) {
        path = "packet \(packet.number)/\(pages.block)"
        let found = try PacketMethod(flags: packet.flags, path, at: pages.position)
        guard method == nil || method == found else {
            throw MigrationError(
                .corrupt, at: pages.position, path: path,
                expected: "pages compressed by \(method?.name ?? ""), as in the packets before",
                found: "pages compressed by \(found.name)")
        }
        self.packet = packet
        method = found
        group.block = pages.block
        group.pageSize = pages.pageSize
        group.position = pages.position
        group.entries.removeAll(keepingCapacity: true)
        for entry in pages.entries where entry.kind == .packed { group.entries.append(entry) }
        (run, pagesOfRun, whole, used) = (0, 0, 0, 0)
        total = 0
        for entry in group.entries { total += entry.count }
        isEnded = false
        do throws(PageFault) {
            if let decompressor {
                if found.form == .members { try decompressor.begin() }
            } else {
                decompressor = try PageDecompressor(found.compression)
            }
        } catch { throw failure(error) }
        openBatch()
        guard found.form == .pages else { return }
        do throws(PageFault) {
            try table.begin(pages: total, pageSize: Int(clamping: group.pageSize))
        } catch { throw failure(error) }
    }

    /// The pages that come next, as many as adjoin and the buffer holds.
    private mutating func openBatch() {
        (filled, wanted) = (0, 0)
        guard run < group.entries.count else { return }
        let size = Int(clamping: group.pageSize)
        let left = group.entries[run].count - pagesOfRun
        let pages = min(Int(clamping: left), max(1, Self.batch / max(size, 1)))
        wanted = pages * size
        if buffer.count < wanted + 1 { buffer = Array(repeating: 0, count: wanted + 1) }
    }

    /// Puts the pages in the buffer into the image.
    private mutating func closeBatch(_ image: inout RAMImage) throws(MigrationError) {
        let size = Int(clamping: group.pageSize)
        let pages = UInt64(wanted / size)
        var entry = group.entries[run]
        entry.kind = .full
        entry.offset += pagesOfRun * group.pageSize
        entry.count = pages
        (entry.contentOffset, entry.contentLength, entry.stride) = (0, size, size)
        let content = RAMPageGroup(
            block: group.block, pageSize: group.pageSize, entries: [entry])
        // An array of octets has no padding that could be read.
        try image.apply(content, unsafe buffer.span.bytes)
        pagesOfRun += pages
        whole += pages
        if pagesOfRun == group.entries[run].count {
            run += 1
            pagesOfRun = 0
        }
        openBatch()
    }

    /// Takes a piece of the packet's data.
    mutating func take(
        _ piece: RawSpan, into image: inout RAMImage
    ) throws(MigrationError) {
        guard packet != nil, let method else { return }
        if method.form == .pages {
            try onePage(piece, &image)
        } else {
            try stream(piece, method, &image)
        }
    }

    // MARK: A stream

    private mutating func stream(
        _ piece: RawSpan, _ method: PacketMethod, _ image: inout RAMImage
    ) throws(MigrationError) {
        guard let decompressor else { return }
        var at = 0
        while true {
            let step: PageStep
            do throws(PageFault) {
                if isEnded, method.form == .members, at < piece.byteCount {
                    try decompressor.begin()
                    isEnded = false
                }
                // Behind the last page there is room for one octet, to see that none comes.
                step = try decompressor.step(
                    piece.extracting(at..<piece.byteCount), into: &buffer,
                    filled..<max(wanted, 1))
            } catch { throw failure(error) }
            at += step.consumed
            used += UInt64(step.consumed)
            filled += step.produced
            if step.isEnd { isEnded = true }
            if filled > wanted { throw tooMuch() }
            if wanted > 0, filled == wanted { try closeBatch(&image) }
            if step.produced > 0 { continue }
            if at == piece.byteCount { return }
            guard step.consumed == 0 else { continue }
            throw failure(
                PageFault(
                    .corrupt, expected: "the end of the packet's data",
                    found: "\(piece.byteCount - at) octets behind the end of what is compressed"))
        }
    }

    // MARK: Page by page

    private mutating func onePage(
        _ piece: RawSpan, _ image: inout RAMImage
    ) throws(MigrationError) {
        guard let decompressor else { return }
        let size = Int(clamping: group.pageSize)
        var at = 0
        while at < piece.byteCount {
            let taken: Int
            do throws(PageFault) { taken = try table.take(piece, from: at) } catch {
                used = 0
                throw failure(error)
            }
            at += taken
            used += UInt64(taken)
            if table.isReady {
                try check(table.sum)
                continue
            }
            guard table.hasPage else { continue }
            guard wanted > 0 else { throw tooMuch() }
            do throws(PageFault) {
                let held = table.held
                // An array of octets has no padding that could be read.
                let page = unsafe held.span.bytes
                if page.byteCount == size {
                    for index in 0..<size { buffer[filled + index] = page.octet(at: index) }
                } else {
                    try decompressor.unpackPage(page, into: &buffer, at: filled, size: size)
                }
            } catch {
                used -= UInt64(table.held.count)
                throw failure(error)
            }
            filled += size
            table.next()
            if filled == wanted { try closeBatch(&image) }
        }
    }

    /// The lengths and all pages must be the packet's data.
    private func check(_ sum: UInt64) throws(MigrationError) {
        let size = UInt64(packet?.size ?? 0)
        guard sum == size else {
            throw failure(
                PageFault(
                    .corrupt, expected: "pages of \(size) octets in all, with their lengths",
                    found: "lengths that make \(sum)"))
        }
    }

    // MARK: The end

    /// The packet's data have ended.
    mutating func end() throws(MigrationError) {
        guard let method, packet != nil else { return }
        defer { packet = nil }
        guard whole == total else {
            let part = filled > 0 ? " and \(filled) octets" : ""
            throw failure(
                PageFault(
                    .truncated, expected: "data that unpack to \(total) pages",
                    found: "data for \(whole)\(part)"))
        }
        guard method.form != .members || isEnded else {
            throw failure(
                PageFault(
                    .truncated, expected: "the end of what is compressed, with its CRC",
                    found: "the packet's end"))
        }
    }

    private func tooMuch() -> MigrationError {
        failure(
            PageFault(
                .corrupt,
                expected: "data that unpack to \(total) pages of \(group.pageSize) octets",
                found: "data that unpack to more"))
    }

    /// The fault with its place, and the page that it befalls.
    private func failure(_ fault: PageFault) -> MigrationError {
        var found = fault.found
        if run < group.entries.count {
            let size = max(group.pageSize, 1)
            let page = group.entries[run].offset + (pagesOfRun + UInt64(filled) / size) * size
            found += " (page 0x\(String(page, radix: 16)))"
        }
        return MigrationError(
            MigrationError.Code(fault.code),
            at: group.position.map { $0 &+ used &+ UInt64(fault.consumed) }, path: path,
            expected: fault.expected, found: "\(found), \(method?.name ?? "")")
    }
}
