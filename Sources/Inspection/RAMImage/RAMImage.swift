public import ByteIO
internal import Containers
public import Migration

/// The content of RAM blocks in one file, one block behind the other. Pages that were never sent, or
/// were zero from the start, are holes.
public struct RAMImage: ~Copyable {
    /// Where a block lies in the file.
    public struct Place: Hashable, Sendable {
        public var block: RAMBlock
        /// Octets from the start of the file.
        public var offset: UInt64
    }

    /// A part of a block, and where it lies in the file.
    struct Piece {
        /// Octets from the start of the block.
        var range: Range<UInt64>
        /// Octets from the start of the file.
        var offset: UInt64
    }

    /// Blocks that lie in the file whole.
    private(set) var places: [Place] = []
    private var pieces: [String: [Piece]] = [:]
    private var lengths: [String: UInt64] = [:]
    /// Octets of the file that blocks have taken.
    private(set) var size: UInt64 = 0
    let file: OutputFile
    private var page: [UInt8] = []
    /// For pages that were compressed one by one; made when the first one comes.
    private var decompressor: PageDecompressor?
    /// Where the contents of the group under way lie in the input.
    private var position: UInt64?
    private let fillPiece = 1 << 16
    /// Where several channels come one after another: when each page was last written.
    private var epochs: PageEpochs?
    /// The stretch between two marks of synchronization that pages now come from.
    var epoch: UInt16 = 0

    /// - Parameters:
    ///   - file: a regular file, for pages come in any order.
    ///   - epochs: another, which is used if the pages come from several channels, and is never
    ///     completed.
    public init(_ file: consuming OutputFile, epochs: consuming OutputFile? = nil) {
        self.file = file
        self.epochs = nil
        if let epochs { self.epochs = PageEpochs(epochs) }
    }

    /// Closes the file and gives it its name.
    consuming func commit() throws(MigrationError) {
        do { try file.commit() } catch {
            throw MigrationError(.io, expected: "", found: "\(error)")
        }
    }

    /// Makes room for a block, behind those that are there.
    mutating func add(_ block: RAMBlock) throws(MigrationError) {
        guard pieces[block.name] == nil else { return }
        places.append(Place(block: block, offset: size))
        try add(block, [Piece(range: 0..<block.length, offset: size)])
    }

    /// Makes room for parts of a block, each where it says. What none of them has is left out.
    /// - Parameter parts: ascending in the block; none overlaps another, here or there.
    mutating func add(_ block: RAMBlock, _ parts: [Piece]) throws(MigrationError) {
        guard pieces[block.name] == nil else { return }
        for part in parts {
            let (end, overflows) = part.offset.addingReportingOverflow(
                part.range.upperBound - part.range.lowerBound)
            guard !overflows, part.range.upperBound <= block.length else {
                throw failure(
                    block.name, .limit, "blocks of less than 2^64 octets", "\(block.length) more")
            }
            guard end > size else { continue }
            do { try file.setSize(end) } catch { throw failed(block.name, error) }
            size = end
        }
        pieces[block.name] = parts
        lengths[block.name] = block.length
    }

    /// Makes room in front of all blocks.
    mutating func reserve(_ octets: UInt64) { size = max(size, octets) }

    /// Where the parts of a block lie in the file.
    func parts(of block: String) -> [Piece] { pieces[block] ?? [] }

    /// Puts the pages of a group in their places, if their block has one.
    /// - Parameter content: the octets of the group.
    mutating func apply(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        guard let parts = pieces[group.block] else { return }
        let length = lengths[group.block] ?? 0
        position = group.position
        for entry in group.entries {
            let (octets, overflows) = entry.count.multipliedReportingOverflow(by: group.pageSize)
            let (end, passes) = entry.offset.addingReportingOverflow(octets)
            guard !overflows, !passes, end <= length else {
                throw failure(
                    group.block, .corrupt, "pages within the block", "pages behind its end")
            }
            for part in parts
            where part.range.lowerBound < end && part.range.upperBound > entry.offset {
                let clipped = try clip(entry, to: part.range, group)
                try apply(clipped, group.block, part, pageSize: group.pageSize, content)
            }
        }
    }

    /// The pages of an entry that lie in a part of the block, which has some of them.
    private func clip(
        _ entry: RAMPageEntry, to part: Range<UInt64>, _ group: borrowing RAMPageGroup
    ) throws(MigrationError) -> RAMPageEntry {
        let pageSize = group.pageSize
        let end = entry.offset &+ entry.count &* pageSize
        let first = max(part.lowerBound, entry.offset) - entry.offset
        let last = min(part.upperBound, end) - entry.offset
        guard first % pageSize == 0, last % pageSize == 0 else {
            throw failure(
                group.block, .unsupported, "parts of whole pages of \(pageSize) octets",
                "one from 0x\(String(part.lowerBound, radix: 16)) on")
        }
        var clipped = entry
        clipped.offset = entry.offset &+ first
        clipped.count = (last - first) / pageSize
        clipped.contentOffset += Int(clamping: first / pageSize) * entry.stride
        return clipped
    }

    /// - Parameter entry: lies within the part.
    private mutating func apply(
        _ entry: RAMPageEntry, _ name: String, _ part: Piece, pageSize: UInt64, _ content: RawSpan
    ) throws(MigrationError) {
        // Within the part, whose end lies within the file.
        let start = part.offset &+ (entry.offset &- part.range.lowerBound)
        let range = start..<start &+ entry.count &* pageSize
        guard epochs != nil else { return try put(entry, name, range, content) }
        var runs: [RAMPageEntry] = []
        do {
            try epochs?.forEachRun(of: range, pageSize: pageSize, epoch: epoch) { first, count in
                var run = entry
                run.offset = entry.offset &+ first &* pageSize
                run.count = count
                run.contentOffset += Int(clamping: first) * entry.stride
                runs.append(run)
            }
        } catch { throw failed(name, error) }
        for run in runs {
            let start = part.offset &+ (run.offset &- part.range.lowerBound)
            try put(run, name, start..<start &+ run.count &* pageSize, content)
        }
    }

    private mutating func put(
        _ entry: RAMPageEntry, _ name: String, _ range: Range<UInt64>, _ content: RawSpan
    ) throws(MigrationError) {
        switch entry.kind {
        case .full: try full(entry, name, range, content)
        case .fill: try fill(entry.fill, name, range)
        case .xbzrle: try patch(entry, name, range, content)
        case .zlib: try inflate(entry, name, range, content)
        // Its content is not here but in the packet's data (``PackedPages``).
        case .packed: break
        }
    }

    private func full(
        _ entry: RAMPageEntry, _ name: String, _ range: Range<UInt64>, _ content: RawSpan
    ) throws(MigrationError) {
        let pages = Int(clamping: entry.count)
        // Pages whose contents adjoin go out as one.
        let perWrite = entry.stride == entry.contentLength ? pages : 1
        var page = 0
        while page < pages {
            let start = entry.contentOffset + page * entry.stride
            let piece = content.extracting(start..<start + perWrite * entry.contentLength)
            let place = range.lowerBound &+ UInt64(page) &* UInt64(entry.contentLength)
            do { try file.write(piece, at: place) } catch { throw failed(name, error) }
            page += perWrite
        }
    }

    private mutating func fill(
        _ octet: UInt8, _ name: String, _ range: Range<UInt64>
    ) throws(MigrationError) {
        if octet == 0, file.isHole(range) { return }
        if page.count != fillPiece { page = Array(repeating: octet, count: fillPiece) }
        for index in page.indices { page[index] = octet }
        var place = range.lowerBound
        while place < range.upperBound {
            let size = Int(clamping: min(UInt64(fillPiece), range.upperBound - place))
            // An array of octets has no padding that could be read.
            let piece = unsafe page.span.bytes.extracting(0..<size)
            do { try file.write(piece, at: place) } catch { throw failed(name, error) }
            place += UInt64(size)
        }
    }

    private mutating func patch(
        _ entry: RAMPageEntry, _ name: String, _ range: Range<UInt64>, _ content: RawSpan
    ) throws(MigrationError) {
        let size = try pageSize(range, name)
        if page.count != size { page = Array(repeating: 0, count: size) }
        do { try file.read(into: &page, at: range.lowerBound) } catch { throw failed(name, error) }
        let delta = content.extracting(
            entry.contentOffset..<entry.contentOffset + entry.contentLength)
        do { try XBZRLE.apply(delta, to: &page) } catch {
            throw failure(
                name, .corrupt, "an XBZRLE difference that fits the page",
                "\(error) at page 0x\(String(entry.offset, radix: 16))",
                at: entry.contentOffset)
        }
        // An array of octets has no padding that could be read.
        let piece = unsafe page.span.bytes
        do { try file.write(piece, at: range.lowerBound) } catch { throw failed(name, error) }
    }

    /// A page that was compressed by itself (COMPRESS_PAGE).
    private mutating func inflate(
        _ entry: RAMPageEntry, _ name: String, _ range: Range<UInt64>, _ content: RawSpan
    ) throws(MigrationError) {
        let size = try pageSize(range, name)
        let packed = content.extracting(
            entry.contentOffset..<entry.contentOffset + entry.contentLength)
        // An octet more tells data that would unpack to more than a page.
        if page.count != size + 1 { page = Array(repeating: 0, count: size + 1) }
        do throws(PageFault) {
            if decompressor == nil { decompressor = try PageDecompressor(.zlib) }
            try decompressor?.unpackPage(packed, into: &page, at: 0, size: size)
        } catch {
            throw failure(
                name, MigrationError.Code(error.code), error.expected,
                "\(error.found) (page 0x\(String(entry.offset, radix: 16)), zlib)",
                at: entry.contentOffset + error.consumed)
        }
        // An array of octets has no padding that could be read.
        let piece = unsafe page.span.bytes.extracting(0..<size)
        do { try file.write(piece, at: range.lowerBound) } catch { throw failed(name, error) }
    }

    /// Octets of the one page that a range is.
    private func pageSize(
        _ range: Range<UInt64>, _ name: String
    ) throws(MigrationError) -> Int {
        let size = range.upperBound - range.lowerBound
        guard size <= 1 << 24 else {
            throw failure(name, .limit, "a page of at most 16 MiB", "one of \(size) octets")
        }
        return Int(size)
    }

    /// - Parameter offset: octets from the start of the group's contents.
    private func failure(
        _ block: String, _ code: MigrationError.Code, _ expected: String, _ found: String,
        at offset: Int? = nil
    ) -> MigrationError {
        var place: UInt64?
        if let position, let offset { place = position &+ UInt64(offset) }
        return MigrationError(
            code, at: place, path: "ram/\(block)", expected: expected, found: found)
    }

    private func failed(_ block: String, _ error: ByteIOError) -> MigrationError {
        failure(block, .io, "", "\(error)")
    }
}

extension MigrationError.Code {
    init(_ code: ContentFault.Code) {
        self =
            switch code {
            case .truncated: .truncated
            case .corrupt: .corrupt
            case .unsupported: .unsupported
            case .limit: .limit
            }
    }
}
