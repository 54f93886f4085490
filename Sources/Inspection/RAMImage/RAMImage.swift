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

    private(set) var places: [Place] = []
    private var indices: [String: Int] = [:]
    private var size: UInt64 = 0
    private let file: OutputFile
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
        guard indices[block.name] == nil else { return }
        let (end, overflows) = size.addingReportingOverflow(block.length)
        guard !overflows else {
            throw failure(
                block.name, .limit, "blocks of less than 2^64 octets", "\(block.length) more")
        }
        do { try file.setSize(end) } catch { throw failed(block.name, error) }
        indices[block.name] = places.count
        places.append(Place(block: block, offset: size))
        size = end
    }

    /// Puts the pages of a group in their places, if their block has one.
    /// - Parameter content: the octets of the group.
    mutating func apply(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        guard let index = indices[group.block] else { return }
        let place = places[index]
        position = group.position
        for entry in group.entries {
            try apply(entry, place, pageSize: group.pageSize, content)
        }
    }

    private mutating func apply(
        _ entry: RAMPageEntry, _ place: Place, pageSize: UInt64, _ content: RawSpan
    ) throws(MigrationError) {
        let name = place.block.name
        let (octets, overflows) = entry.count.multipliedReportingOverflow(by: pageSize)
        let (end, passes) = entry.offset.addingReportingOverflow(octets)
        guard !overflows, !passes, end <= place.block.length else {
            throw failure(name, .corrupt, "pages within the block", "pages behind its end")
        }
        // Within the block, whose end lies within the file.
        let range = place.offset &+ entry.offset..<place.offset &+ end
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
            let start = place.offset &+ run.offset
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
