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
    /// - Throws: `MigrationError`; `unsupported` for kinds that hold no stream directly.
    public static func read<V: MigrationVisitor & ~Copyable>(
        _ source: consuming ByteSource, kind: FileKind, options: StreamOptions,
        origin: StreamOrigin? = nil, into visitor: inout V, schemaVersion: inout Int?,
        position: inout UInt64
    ) throws(MigrationError) {
        _ = try readFirst(
            source, kind: kind, channels: 0, options: options, origin: origin, into: &visitor,
            schemaVersion: &schemaVersion, position: &position)
        if kind != .migrationBER { try visitor.end() }
    }

    /// Reads the first of several inputs, behind which so many channels follow: each by
    /// ``readChannel(_:kind:options:context:into:position:)``, and then the visitor's end is the
    /// caller's. (A BER file's reader tells the end itself.)
    /// - Returns: what it tells for the channels.
    /// - Throws: `MigrationError`; `unsupported` for a BER file with channels to follow.
    public static func readFirst<V: MigrationVisitor & ~Copyable>(
        _ source: consuming ByteSource, kind: FileKind, channels: UInt32, options: StreamOptions,
        origin: StreamOrigin? = nil, into visitor: inout V, schemaVersion: inout Int?,
        position: inout UInt64
    ) throws(MigrationError) -> StreamContext {
        if let channel = kind.channel {
            try visitor.begin(StreamHeader(fileVersion: 0, channels: channels + 1))
            return try readChannel(
                source, kind: channel, options: options, context: StreamContext(), into: &visitor,
                position: &position)
        }
        switch kind {
        case .binaryStream:
            var reader = StreamReader(source, options: options)
            reader.container = origin?.container
            reader.packed = origin?.packed
            defer { position = reader.position }
            do throws(MigrationError) {
                try reader.readMain(channels: channels, into: &visitor)
            } catch { throw located(error, at: reader.position) }
            return reader.context
        case .migrationBER:
            guard channels == 0 else {
                throw MigrationError(
                    .unsupported, at: 0, expected: "a main channel as QEMU wrote it",
                    found: "a BER file",
                    hint: "make it a stream again: berth decode FILE | berth … --channel …")
            }
            let reader = try MigrationFileReader(
                source, opener: opener(options), passesPages: options.passesIndexedPages)
            schemaVersion = reader.version
            do throws(MigrationError) {
                try reader.read(into: &visitor, position: &position)
            } catch { throw located(error, at: position) }
            return StreamContext()
        default: throw unsupported(kind)
        }
    }

    /// Reads a channel beside the main one.
    /// - Parameter context: what was learned from the inputs before.
    /// - Returns: that, and what this one tells.
    public static func readChannel<V: MigrationVisitor & ~Copyable>(
        _ source: consuming ByteSource, kind: ChannelKind, options: StreamOptions,
        context: StreamContext, into visitor: inout V, position: inout UInt64
    ) throws(MigrationError) -> StreamContext {
        var reader = StreamReader(source, options: options, context: context)
        defer { position = reader.position }
        do throws(MigrationError) {
            try reader.readChannel(kind, into: &visitor)
        } catch { throw located(error, at: reader.position) }
        return context
    }

    /// Layouts open what a file has as octets, as they do in a stream without a vmdesc.
    private static func opener(_ options: StreamOptions) -> DeviceOpener? {
        guard !options.layouts.isEmpty else { return nil }
        return DeviceOpener(limit: options.waitLimit) { header, octets, offset in
            options.device(header, octets, at: offset)
        }
    }

    /// A visitor's error, which knows no offset, is about what was just told to it.
    private static func located(_ error: MigrationError, at position: UInt64) -> MigrationError {
        guard error.offset == nil, error.code != .io, error.code != .unsupported else {
            return error
        }
        var located = error
        located.offset = position
        return located
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
        case .elf: "a memory dump or a program: it holds no migration stream"
        case .vmstateDump:
            "it tells of devices, not of a VM: berth schema generate and --vmstate take it"
        case .unknown:
            "another kind of file, or one that is encrypted or damaged at its start"
        default: nil
        }
    }
}
