public import ByteIO
public import Migration

/// Reads QEMU's binary stream and tells a visitor what it holds (QEMU's `migration/savevm.c`).
///
/// One pass, in bounded memory: RAM goes by in groups of pages that lie in the source's window.
/// Device sections wait for the vmdesc, which comes last.
public struct StreamReader: ~Copyable {
    static let footerMark: UInt8 = 0x7e
    /// Octets of raw stretches handed over at once.
    static let rawPiece = 1 << 20

    enum Footers { case unknown, on, off }

    var source: ByteSource
    let options: StreamOptions
    var footers = Footers.unknown
    /// What START sections have begun, by section id.
    var started: [UInt32: SectionHeader] = [:]
    var capabilities: Set<String> = []
    var hasConfiguration = false
    var blocks: [RAMBlock] = []
    var currentBlock: Int?
    var pageSize: UInt64?
    var scanner = PageGroupScanner()
    /// Whether the blocks' pages have fixed places in the file.
    var isMapped = false
    var mappedScanner = MappedPageScanner()
    /// Whether a package has come: from then on a broken connection is no damage.
    var isPostcopy = false
    /// Whether COLO's rounds have begun: they end with a connection that breaks.
    var isColo = false
    /// Where the package that is being read ends.
    var bound: UInt64?
    var description: VMDescription?
    /// FULL sections so far, which is the next one's place in the vmdesc.
    var fullCount = 0
    /// Ends of FULL sections' payloads that their footers prove, by where the sections begin.
    var provedEnds: [UInt64: UInt64] = [:]
    /// Whether the FULL sections at hand have more than the end mark behind them.
    var isBeforeMore = false
    /// Whether the RAM blocks are not known beforehand, but from their names in page records.
    var learnsBlocks = false
    /// Whether a PART may go on with a section whose START was in another connection.
    var infersSections = false
    /// The length of a block of which just the name is known: what version 4 has room for.
    static let unknownLength = UInt64(Int64.max) & ~0xff_ffff
    /// Places of the blocks by name, of the first ``indexedBlocks`` ones.
    var blockIndices: [String: Int] = [:]
    var indexedBlocks = 0
    /// Which news of blobs have been told.
    var warnedOfBlobs = 0
    /// The file that the stream came in, if that is to be told.
    public var container: Container?
    /// Its own octets, if they are to be told; its tally goes over the source.
    public var packed: PackedRecord?

    public init(_ source: consuming ByteSource, options: StreamOptions = StreamOptions()) {
        self.source = source
        self.options = options
        pageSize = options.pageSize
    }

    /// Octets read and understood so far.
    public var position: UInt64 { source.position }

    /// Reads everything.
    /// - Throws: `MigrationError`; what the visitor throws goes through.
    public mutating func read<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        try readMain(channels: 0, into: &visitor)
        try visitor.end()
    }

    /// Reads a main channel behind which so many others follow: the visitor's end is the caller's.
    /// - Throws: `MigrationError`; what the visitor throws goes through.
    public mutating func readMain<V: MigrationVisitor & ~Copyable>(
        channels: UInt32, into visitor: inout V
    ) throws(MigrationError) {
        var header = try header()
        header.channels = channels
        try findDescriptionInFile()
        try visitor.begin(header)
        if try load(1) >= 1, source.window.octet(at: 0) == 7 {
            guard try configuration(into: &visitor) else {
                try rawRest(into: &visitor)
                return try packed(into: &visitor)
            }
        }
        try items(into: &visitor)
        try packed(into: &visitor)
    }

    // MARK: Header

    private mutating func header() throws(MigrationError) -> StreamHeader {
        var zeros: UInt64 = 0
        while try load(1) >= 1, source.window.octet(at: 0) == 0 {
            let count = source.window.firstNonZero ?? source.available
            zeros += UInt64(count)
            source.consume(count)
            do { zeros += try source.passHole(unit: 4096, limit: .max) } catch {
                throw StreamReader.wrap(error)
            }
            guard zeros <= StreamLimit.leadingZeros else {
                throw error(
                    .limit, at: source.position,
                    expected: "the magic QEVM behind at most \(StreamLimit.leadingZeros) zeros",
                    found: "more of them")
            }
        }
        let count = try load(8)
        guard count > 0 else {
            throw error(
                .truncated, at: source.position, expected: "the magic QEVM",
                found: zeros == 0 ? "an empty input" : "\(zeros) octets of zero and the end")
        }
        let magic = source.window.extracting(first: min(4, count)).octets
        guard magic.elementsEqual([0x51, 0x45, 0x56, 0x4d].prefix(magic.count)) else {
            throw error(
                .unsupported, at: source.position, expected: "the magic QEVM (51 45 56 4d)",
                found: magic.map { String($0, radix: 16) }.joined(separator: " "),
                hint: "this is no migration stream of QEMU; berth info tells what it may be")
        }
        guard count >= 8 else { throw truncated("the file header of 8 octets") }
        let version: UInt32 = source.window.bigEndian(at: 4)
        guard version == 3 else {
            throw error(
                .unsupported, at: source.position + 4, expected: "version 3", found: "\(version)",
                hint: version == 2 ? "QEMU before 0.10 wrote version 2, no QEMU reads it" : nil)
        }
        source.consume(8)
        return StreamHeader(fileVersion: version, leadingZeros: zeros, container: container)
    }

    // MARK: Items

    mutating func items<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        while true {
            if let bound, source.position >= bound { return try endOfPackage(bound) }
            guard try load(1) >= 1 else {
                if isPostcopy { return warnOfCut() }
                throw truncated("the end-of-stream mark")
            }
            let type = source.window.octet(at: 0)
            switch type {
            case 0 where bound == nil:
                source.consume(1)
                try visitor.endOfStream()
                return try trailer(into: &visitor)
            case 1: try start(into: &visitor)
            case 2, 3: try partOrEnd(into: &visitor)
            case 4:
                guard try full(into: &visitor) else { return try rawRest(into: &visitor) }
            case 8: try command(into: &visitor)
            default:
                throw error(
                    .corrupt, at: source.position, expected: "a section, a command or the end mark",
                    found: "an item of type \(hex(UInt64(type)))",
                    hint: footers == .off
                        ? "this stream has no section footers, so damage shows late" : nil)
            }
            if carriesRest {
                carriesRest = false
                if let bound, source.position > bound { try endOfPackage(bound) }
                return try rawRest(into: &visitor)
            }
        }
    }

    /// Set when all from the current position on is to be carried as raw octets.
    var carriesRest = false

    /// Behind the end mark: the vmdesc, and whatever follows.
    private mutating func trailer<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        let count = try load(7)
        if count >= 1, source.window.octet(at: 0) == 6 {
            guard count >= 5 else { throw truncated("the vmdesc's length") }
            let length = Int(source.window.bigEndian(at: 1, as: UInt32.self))
            let isText = length == 0 || count >= 6 && source.window.octet(at: 5) == 0x7b
            if isText || count <= 5 {
                guard try load(5 + length) >= 5 + length else {
                    throw truncated("\(length) octets of vmdesc")
                }
                try visitor.description(source.window.extracting(5..<5 + length))
                source.consume(5 + length)
            }
        }
        try coloRounds(into: &visitor)
        try rawRest(into: &visitor)
    }

    /// Carries everything up to the package's or the input's end as it is.
    mutating func rawRest<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        while true {
            var wanted = StreamReader.rawPiece
            if let bound { wanted = Int(min(UInt64(wanted), bound - min(bound, source.position))) }
            let count = min(try load(wanted), wanted)
            if count == 0 { return }
            try visitor.raw(source.window.extracting(first: count))
            source.consume(count)
        }
    }

    // MARK: Helpers

    /// Whether a target can have pages of so many octets. AVR has the smallest; the largest is what
    /// the configuration section can tell, and version 4 has room for.
    static func isPageSize(_ size: UInt64) -> Bool {
        (1 << 8...1 << 24).contains(size) && size & (size - 1) == 0
    }

    /// Widens the window to `count` octets, or to the end of the input.
    mutating func load(_ count: Int) throws(MigrationError) -> Int {
        do {
            return try source.ensure(count)
        } catch {
            throw StreamReader.wrap(error)
        }
    }

    mutating func extend() throws(MigrationError) -> Bool {
        do {
            return try source.extend()
        } catch {
            throw StreamReader.wrap(error)
        }
    }

    static func wrap(_ error: ByteIOError) -> MigrationError {
        if error.operation == .window {
            return MigrationError(
                .limit, at: error.offset, expected: "a piece that fits in memory",
                found: "a larger one", hint: "--wait-limit raises the limit")
        }
        if let fault = error.fault {
            return MigrationError(
                MigrationError.Code(rawValue: fault.code.rawValue) ?? .corrupt, at: fault.offset,
                path: fault.format, expected: fault.expected, found: fault.foundWithPlace,
                hint: fault.hint)
        }
        return MigrationError(
            .io, at: error.offset, expected: "", found: error.description)
    }

    func error(
        _ code: MigrationError.Code, at offset: UInt64, path: String = "", expected: String,
        found: String, hint: String? = nil
    ) -> MigrationError {
        MigrationError(
            code, at: offset, path: path, expected: expected, found: found, hint: hint)
    }

    /// The input ends too early.
    func truncated(_ expected: String, path: String = "") -> MigrationError {
        error(
            .truncated, at: source.position + UInt64(source.available), path: path,
            expected: expected, found: "the end of the input",
            hint: "the stream was cut off: the copy is incomplete, or the save was broken off")
    }

    func warnOfCut() {
        options.warn(
            MigrationWarning(
                .cutConnection, at: source.position + UInt64(source.available),
                isColo
                    ? "the connection broke here, in a round of COLO"
                    : "the connection broke here after post-copy had begun; "
                        + "the rest comes with its recovery"))
    }
}
