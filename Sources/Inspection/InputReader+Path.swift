internal import ByteIO
internal import Containers
public import Migration
public import QEMUStream

extension InputReader {
    /// Reads a file of any kind that holds a stream, containers around it opened, and tells a
    /// visitor what it holds.
    /// - Parameters:
    ///   - path: of the file.
    ///   - snapshot: of a disk image, the snapshot to take, by ID or name.
    /// - Throws: `MigrationError`; what the visitor was told before it holds.
    public static func read<V: MigrationVisitor & ~Copyable>(
        path: String, snapshot: String? = nil, options: StreamOptions = StreamOptions(),
        into visitor: inout V
    ) throws(MigrationError) {
        var opening = ContainerOptions()
        opening.snapshot = snapshot
        opening.keeping = .nothing
        var layers: [ContainerLayer] = []
        let file: ByteSource
        do { file = try ByteSource(path: path) } catch {
            throw MigrationError(.io, at: 0, expected: "", found: "\(error)")
        }
        var source = try ContainerOpener.open(file, opening, layers: &layers).takeSource()
        let kind: FileKind
        do { kind = try FileKind.detect(&source) } catch {
            throw MigrationError(.io, at: 0, expected: "", found: "\(error)")
        }
        var version: Int?
        var position: UInt64 = 0
        try read(
            source, kind: kind, options: options, into: &visitor, schemaVersion: &version,
            position: &position)
    }
}
