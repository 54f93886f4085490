internal import BER
public import ByteIO
public import Migration

/// Reads a BER file of either version and tells a visitor what it holds.
public struct MigrationFileReader: ~Copyable {
    private var input: ElementReader
    /// The schema's version, 3 or 4.
    public let version: Int
    /// Whether contents of pages are passed over, see `init`.
    public let passesPages: Bool
    private let totals: RAMTotalsCoding.Read?

    /// The octets that every file begins with: the outer tag (X.690 8.1.2.4).
    public static let magic: [UInt8] = [0x7f, 0xcd, 0xc5, 0x51]

    /// Octets that are read at a time where contents are passed over.
    private static let sparseWindow = 4096

    /// Opens a file and reads its version.
    /// - Parameters:
    ///   - opener: for devices that the file has as octets.
    ///   - passesPages: pass over the contents of pages, if the file is one of version 4 that ends
    ///     with a right index: groups come with their entries and without octets, and checkpoints
    ///     are not verified.
    /// - Throws: `MigrationError` if it is none of a migration stream, or of another version.
    public init(
        _ source: consuming ByteSource, opener: DeviceOpener? = nil, passesPages: Bool = false
    ) throws(MigrationError) {
        let isIndexed = passesPages && IndexCoding.isAtEnd(of: source)
        totals = isIndexed ? IndexCoding.totals(atEndOf: source) : nil
        var input = ElementReader(source)
        input.opener = opener
        if isIndexed {
            input.reader.usualWindow = MigrationFileReader.sparseWindow
        } else {
            input.reader.checksum = CRC32C()
        }
        guard let file = try input.next(), file.tag == SchemaTag.qemuFile, file.isConstructed
        else {
            throw MigrationError(
                .unsupported, at: 0, expected: "a QemuFile (7f cd c5 51)", found: "something else",
                hint: "this is no BER file of a migration stream; berth info tells what it may be")
        }
        input.path.append("QemuFile")
        let element = try input.next(.integer, constructed: false, "version")
        let version = try input.unsigned(element, "version")
        guard version == 3 || version == 4 else {
            throw MigrationError(
                .unsupported, at: element.contentOffset, path: "QemuFile.version",
                expected: "version 3 or 4", found: "\(version)",
                hint: "a newer Berth may know it")
        }
        self.version = Int(version)
        self.passesPages = isIndexed
        self.input = input
    }

    /// Whether a file ends with a right index, so that `init` can pass over pages.
    public static func hasIndex(_ source: borrowing ByteSource) -> Bool {
        IndexCoding.isAtEnd(of: source)
    }

    /// Reads everything.
    /// - Throws: `MigrationError`; what the visitor throws goes through.
    public consuming func read<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        var position: UInt64 = 0
        try read(into: &visitor, position: &position)
    }

    /// Reads everything.
    /// - Parameter position: set to how many octets were read, also if an error ends that.
    /// - Throws: `MigrationError`; what the visitor throws goes through.
    public consuming func read<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V, position: inout UInt64
    ) throws(MigrationError) {
        do throws(MigrationError) {
            if version == 4 {
                var reader = Version4Reader(
                    input, passesPages: passesPages, totals: V.takesTotals ? totals : nil)
                defer { position = reader.input.reader.position }
                try reader.read(into: &visitor)
            } else {
                var reader = Version3Reader(input)
                defer { position = reader.position }
                try reader.read(into: &visitor)
            }
        } catch {
            // A writer does not know where in the file the element stands that it refuses.
            var error = error
            if error.offset == nil, error.code != .io, !error.path.isEmpty {
                error.offset = position
            }
            throw error
        }
    }
}
