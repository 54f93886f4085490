import ByteIO
public import Migration

/// A kind of file that has a stream inside: one type each, listed in ``ContainerRegistry``.
protocol ContainerFormat: Sendable {
    /// As `info` shows it.
    static var name: String { get }
    /// Whether a file begins like this, told by up to ``ContainerRegistry/probeSize`` octets.
    static func begins(_ start: RawSpan) -> Bool
    /// Opens it.
    /// - Parameter opening: takes what is found on the way.
    /// - Returns: what is inside, from its start.
    /// - Throws: `MigrationError`.
    static func open(
        _ source: consuming ByteSource, _ opening: inout ContainerOpening
    ) throws(MigrationError) -> ByteSource
}

/// All that is known. Magics exclude each other, so that the order doesn't matter.
enum ContainerRegistry {
    /// Octets that tell every kind.
    static let probeSize = 16

    static let formats: [any (ContainerFormat & Sendable).Type] = [
        Compressed<GzipDecompressor>.self,
        Compressed<BZip2Decompressor>.self,
        Compressed<XZDecompressor>.self,
        Compressed<ZstdDecompressor>.self,
        Lzop.self,
        LibvirtContainer.self,
        QCOW2Container.self,
    ]
}

/// What the user settles about containers.
public struct ContainerOptions: Sendable {
    /// What goes into the BER file besides the stream.
    public enum Keeping: String, Sendable, CaseIterable {
        /// A libvirt image's header, XML and compressed octets; not compression around a file.
        case usual
        /// Compression around a file too.
        case all
        case nothing
    }

    /// The name or the ID of the snapshot to take out of an image.
    public var snapshot: String?
    /// What to record for `Container`.
    public var keeping = Keeping.nothing
    /// Octets that may be unpacked from each packed one, once there are more than 1 GiB.
    public var unpackRatio: UInt64 = 100_000
    /// Called with what the user should know of.
    public var warn: @Sendable (MigrationWarning) -> Void = { _ in }

    public init() {}
}

/// What is found while one container after another is opened.
struct ContainerOpening {
    let options: ContainerOptions
    var layers: [ContainerLayer] = []
    /// For the BER file: the outermost container that is kept.
    var container: Container?
    var packed: PackedRecord?
    /// There are more containers than are kept: then none is.
    private var isDropped = false
    /// Nothing is kept yet.
    var mayKeep: Bool { container == nil && !isDropped }
    let budget: UnpackBudget

    init(options: ContainerOptions) {
        self.options = options
        budget = UnpackBudget(ratio: max(options.unpackRatio, 1))
    }

    /// A container of a kind comes next. If one is kept already whose octets are not recorded, the
    /// next would be lost: then neither is kept.
    mutating func dropUnkept(_ name: String) {
        guard container != nil, packed == nil else { return }
        container = nil
        isDropped = true
        options.warn(
            MigrationWarning(
                .containerDropped, at: 0,
                "a \(name) inside of \(layers.last?.kind ?? "another container"): the stream is "
                    + "read, but decode --container can't make such a file again"))
    }

    /// Begins to record what `source` still has, unless a container around it is recorded.
    /// - Returns: the source to go on with.
    mutating func record(_ source: consuming ByteSource) throws(MigrationError) -> ByteSource {
        guard packed == nil else { return source }
        if let range = source.range() {
            packed = PackedRecord(range)
            return source
        }
        let path = source.path
        let spool: Spool
        do { spool = try Spool(source) } catch { throw MigrationError(error) }
        packed = PackedRecord(spool)
        return ByteSource(producer: spool, path: path)
    }
}

extension MigrationError {
    /// A failure to read, as an error of the input.
    init(_ error: ByteIOError) {
        guard let fault = error.fault else {
            self.init(.io, at: error.offset, expected: "", found: error.description)
            return
        }
        self.init(
            Code(rawValue: fault.code.rawValue) ?? .corrupt, at: fault.offset, path: fault.format,
            expected: fault.expected, found: fault.foundWithPlace, hint: fault.hint)
    }
}
