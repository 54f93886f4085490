import ByteIO
public import Migration
import SystemPackage

extension StreamWriter {
    /// What is written.
    public enum Form: Hashable, Sendable {
        /// The stream alone.
        case stream
        /// The file that it came in, to the octet.
        case container
        /// That file, but with the stream as it is: not compressed, where the file says so.
        case uncompressedContainer
    }
}

/// The state of writing a container.
struct ContainerOutput: ~Copyable {
    /// The output, while the stream itself is only counted: its compressed octets follow.
    var waiting: ByteSink?
    var null: NullOutput?
    /// Where the compressed octets end in the output, once they come.
    var end: UInt64?
}

/// A place for octets that only count.
final class NullOutput {
    let descriptor: FileDescriptor

    init() throws(ByteIOError) {
        do {
            descriptor = try FileDescriptor.open(FilePath("/dev/null"), .writeOnly)
        } catch { throw ByteIOError(.open, errno: error as? Errno, path: "/dev/null") }
    }

    deinit { try? descriptor.close() }
}

/// Writing the file that the stream came in.
extension StreamWriter {
    private static let hint = "--uncompressed writes the container with the stream as it is"

    /// Writes what stands before the stream.
    mutating func beginContainer(_ container: Container?) throws(MigrationError) {
        guard form != .stream else { return }
        var octets: [UInt8] = []
        var isPacked = false
        switch container {
        case .libvirt(var image):
            isPacked = image.isCompressed && form == .container
            if image.isCompressed, !isPacked { image.format = 0 }
            octets = image.octets
        case .compressed: isPacked = form == .container
        case .snapshot(let snapshot):
            throw MigrationError(
                .unsupported, path: "container", expected: "a container that was kept",
                found: "snapshot \(snapshot.id) of a disk image, which has more than the stream",
                hint: "without --container the stream comes out, for -incoming")
        case nil:
            throw MigrationError(
                .unsupported, path: "container", expected: "a container that was kept",
                found: "none",
                hint: "the stream came in none, or encode left it out: decode without --container")
        }
        do {
            try sink.append(octets)
            guard isPacked else { return }
            let null = try NullOutput()
            var stream = ByteSink(descriptor: null.descriptor)
            try stream.beginChecksum()
            swap(&stream, &sink)
            self.container.null = null
            self.container.waiting = consume stream
        } catch { throw StreamReader.wrap(error) }
    }

    /// The stream is complete: the octets that come now must be those of that very stream.
    public mutating func beginPacked(_ packed: PackedOctets) throws(MigrationError) {
        guard var output = container.waiting.take() else { return }
        let length = sink.position
        let crc: UInt32?
        do { crc = try sink.checksum()?.value } catch { throw StreamReader.wrap(error) }
        guard length == packed.streamLength, crc == packed.streamChecksum else {
            throw MigrationError(
                .checksum, path: "packed",
                expected: "compressed octets of this stream: \(length) octets, "
                    + "CRC-32C \(String(crc ?? 0, radix: 16))",
                found: "those of one of \(packed.streamLength) octets, "
                    + "CRC-32C \(String(packed.streamChecksum, radix: 16))",
                hint: "the stream was changed since it was encoded; " + Self.hint)
        }
        do { try sink.flush() } catch { throw StreamReader.wrap(error) }
        swap(&output, &sink)
        container.end = sink.position &+ packed.length
    }

    public mutating func packed(_ piece: RawSpan) throws(MigrationError) {
        guard container.end != nil else { return }
        do { try sink.append(piece) } catch { throw StreamReader.wrap(error) }
    }

    /// All octets must have come, and nothing of the stream behind them.
    mutating func endContainer() throws(MigrationError) {
        if let end = container.end.take(), end != sink.position {
            throw MigrationError(
                .corrupt, path: "packed", expected: "a container that ends at \(hex(end))",
                found: "an end at \(hex(sink.position))")
        }
        if container.waiting != nil {
            throw MigrationError(
                .unsupported, path: "packed", expected: "the container's compressed octets",
                found: "none: encode left them out", hint: Self.hint)
        }
    }
}
