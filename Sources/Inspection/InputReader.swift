public import ByteIO
public import Containers
public import Migration
internal import MigrationBER
public import QEMUStream

/// Reads a stream in whatever form it comes, and tells a visitor what it holds.
public enum InputReader {
    /// - Parameters:
    ///   - kind: what ``FileKind/detect(_:zerosLimit:)`` said of the source.
    ///   - origin: what the stream came in, as far as that is to be kept.
    ///   - schemaVersion: set to a BER file's version as soon as it is known.
    ///   - position: set to how many octets were read and understood, also if an error ends that.
    /// - Throws: ``MigrationError``; `unsupported` for kinds that hold no stream directly.
    public static func read<V: MigrationVisitor & ~Copyable>(
        _ source: consuming ByteSource, kind: FileKind, options: StreamOptions,
        origin: StreamOrigin? = nil, into visitor: inout V, schemaVersion: inout Int?,
        position: inout UInt64
    ) throws(MigrationError) {
        switch kind {
        case .binaryStream:
            var reader = StreamReader(source, options: options)
            reader.container = origin?.container
            reader.packed = origin?.packed
            defer { position = reader.position }
            try reader.read(into: &visitor)
        case .migrationBER:
            let reader = try MigrationFileReader(source)
            schemaVersion = reader.version
            try reader.read(into: &visitor, position: &position)
        default: throw unsupported(kind)
        }
    }

    private static func unsupported(_ kind: FileKind) -> MigrationError {
        let expected = "a migration stream (QEVM) or a BER file (7f cd c5 51)"
        if kind == .empty {
            return MigrationError(
                .truncated, at: 0, expected: expected, found: "an empty input",
                hint: "nothing was saved into it, or the program before it in the pipe failed")
        }
        let found = kind == .unknown ? "neither" : "a file of kind: \(kind.rawValue)"
        return MigrationError(
            .unsupported, at: 0, expected: expected, found: found, hint: hint(kind))
    }

    private static func hint(_ kind: FileKind) -> String? {
        switch kind {
        case .cprState:
            "the state that goes ahead of a CPR transfer: the stream itself follows apart"
        case .elf: "a memory dump or a program: it holds no migration stream"
        case .unknown:
            "another kind of file, or one that is encrypted or damaged at its start"
        case .multifdChannel: "one channel of several: the main one begins with QEVM"
        default: nil
        }
    }
}
