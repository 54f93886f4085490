internal import ByteIO
internal import Inspection
internal import Migration
internal import MigrationBER
internal import QEMUStream
internal import Synchronization

/// The recording of a migration: the main channel is encoded while it runs; the others wait in
/// files without a name, for a BER file holds channels one behind the other.
@safe final class RelayRecording: @unchecked Sendable {
    private let path: String
    private let producer: String
    // Used by the thread that reads the main channel, and by the relay's own when that has ended.
    private var file: OutputFile?
    private var writer: Version4Writer?
    private var context = StreamContext()
    private let failure = Mutex<String?>(nil)

    /// How many channels there are is known only at the end, and stands at the beginning. So the
    /// producer's name has spaces behind it, of which that number takes its room.
    private static let padding = "    "

    init(path: String, producer: String) throws(ByteIOError) {
        self.path = path
        self.producer = producer
        let file = try OutputFile(path: path)
        guard file.isSeekable else {
            throw ByteIOError(.open, path: path)
        }
        writer = Version4Writer(
            ByteSink(descriptor: file.descriptor, path: path),
            producer: producer + Self.padding)
        self.file = consume file
    }

    /// Why the recording can't be whole.
    var failureText: String? { failure.withLock { $0 } }

    func fail(_ text: String) { failure.withLock { $0 = $0 ?? text } }

    /// A file without a name, for a channel.
    func scratchFile() throws(MigrationError) -> OutputFile {
        do { return try OutputFile(path: path) } catch {
            throw MigrationError(.io, expected: "", found: "\(error)")
        }
    }

    /// Reads the main channel into the recording.
    func readMain(
        _ source: consuming ByteSource, _ options: StreamOptions, watch: RelayWatch?
    ) throws(MigrationError) {
        guard let writer = writer.take() else { return }
        var visitor = ProgressVisitor(
            writer, Progress(total: nil, quiet: true), watch: watch)
        var reader = StreamReader(source, options: options)
        do { try reader.readMain(channels: 0, into: &visitor) } catch {
            // Its octets are of no use any more, and the disk may be full.
            _ = visitor.finish()
            file = nil
            throw error
        }
        context = reader.context
        let finished = visitor.finish()
        self.writer = consume finished
    }

    /// Adds a channel behind those before.
    func add(_ source: consuming ByteSource, _ kind: ChannelKind) throws(MigrationError) {
        guard var writer = writer.take() else { return }
        var reader = StreamReader(source, context: context)
        try reader.readChannel(kind, into: &writer)
        self.writer = consume writer
    }

    /// Completes the file.
    /// - Returns: its size in octets.
    func finish(channels: Int) throws(MigrationError) -> UInt64 {
        guard var writer = writer.take(), let file = file.take() else { return 0 }
        try writer.end()
        let checkpoint = writer.firstCheckpoint
        let size = writer.size
        _ = writer.takeSink()
        do throws(ByteIOError) {
            if channels > 0, let checkpoint {
                try RecordedHeader.patch(
                    file, producer: producer, padding: Self.padding.utf8.count,
                    channels: channels, checkpoint: checkpoint)
            }
            try file.commit()
        } catch { throw MigrationError(.io, expected: "", found: "\(error)") }
        return size
    }
}
