internal import ByteIO
internal import Inspection
internal import Migration
internal import QEMUStream
internal import Synchronization
internal import SystemPackage

/// One connection of a migration, from the source to the destination and back: a thread forwards each
/// direction, another reads what it has forwarded.
@safe final class RelayConnection: @unchecked Sendable {
    private let source: StreamSocket
    private let target: StreamSocket
    private let relay: RelayState
    private let forward: ChunkQueue
    private let backward: ChunkQueue
    private var threads: [WorkThread] = []
    private let state = Mutex(State())

    private struct State {
        var kind: FileKind?
        var sent: UInt64 = 0
        var received: UInt64 = 0
        var forwarding = 2
    }

    /// What was received of a channel, when it has ended: for the recording.
    struct Recorded: ~Copyable {
        var kind: ChannelKind
        var file: OutputFile
    }

    // Written by the reading threads, read when they have ended.
    private var forwardFile: OutputFile?
    private var backwardFile: OutputFile?

    init(_ source: StreamSocket, _ target: StreamSocket, _ relay: RelayState) {
        self.source = source
        self.target = target
        self.relay = relay
        let isFirst = relay.isFirst()
        forward = ChunkQueue(limit: isFirst ? relay.options.buffer : relay.options.channelBuffer)
        backward = ChunkQueue(limit: relay.options.channelBuffer)
    }

    var report: RelayReport.Connection {
        state.withLock { state in
            let kind =
                state.kind == .binaryStream ? "main" : state.kind?.channel?.rawValue ?? "unknown"
            return RelayReport.Connection(
                kind: kind, sent: state.sent, received: state.received)
        }
    }

    /// Whether both directions have ended.
    var isDone: Bool { state.withLock { $0.forwarding == 0 } }

    func start() {
        threads = [
            WorkThread { self.pump(self.source, self.target, self.forward, isForward: true) },
            WorkThread { self.pump(self.target, self.source, self.backward, isForward: false) },
            WorkThread { self.readForward() },
            WorkThread { self.readBackward() },
        ]
    }

    func join() {
        for thread in threads { thread.join() }
        threads = []
    }

    func cut() {
        source.cut()
        target.cut()
    }

    // MARK: Forwarding

    private func pump(
        _ from: StreamSocket, _ to: StreamSocket, _ queue: ChunkQueue, isForward: Bool
    ) {
        var isRead = true
        let verifies = relay.options.verifies
        do throws(ByteIOError) {
            while true {
                let chunk = queue.takeChunk()
                chunk.count = try unsafe from.receive(into: chunk.storage)
                guard chunk.count > 0 else { break }
                let count = chunk.count
                if verifies {
                    _ = queue.push(chunk) { .max }
                    queue.waitUntilRead()
                    guard !relay.hasRefused else { break }
                    try unsafe to.send(chunk.octets)
                } else {
                    try unsafe to.send(chunk.octets)
                }
                state.withLock { state in
                    if isForward { state.sent += UInt64(count) }
                    if !isForward { state.received += UInt64(count) }
                }
                if isForward { relay.watch.sent(count) } else { relay.watch.received(count) }
                if verifies { continue }
                if isRead { isRead = queue.push(chunk) { self.relay.patience(queue.waited) } }
                if !isRead { queue.giveBack(chunk) }
            }
            to.endSending()
        } catch {
            // One side is gone: the other has to know.
            cut()
        }
        if relay.hasRefused { cut() }
        queue.end()
        state.withLock { $0.forwarding -= 1 }
    }

    // MARK: Reading

    /// Ends the reading of a queue, and tells why.
    private func fail(_ queue: ChunkQueue, _ error: MigrationError, _ kind: String) {
        if queue.wasClosed {
            relay.recording?.fail(
                "the recording could not keep up, and the migration is not slowed down for it")
        } else {
            let text = "\(kind): \(error)"
            relay.recording?.fail(text)
            if relay.options.verifies { relay.refuse(text) }
        }
        queue.close()
    }

    private func readForward() {
        var source = ByteSource(producer: forward, capacity: 1 << 20)
        let isMain: Bool
        do throws(MigrationError) {
            do throws(ByteIOError) {
                // A magic, where there is one: more may not come for a while.
                isMain =
                    try source.ensure(4) >= 4
                    && source.window.octets.prefix(4) == [0x51, 0x45, 0x56, 0x4d]
            } catch { throw MigrationError(.io, expected: "", found: "\(error)") }
            if isMain, relay.takesMain() {
                state.withLock { $0.kind = .binaryStream }
                try readMain(source)
                relay.endMain()
            } else {
                try readChannel(source)
            }
        } catch { fail(forward, error, report.kind == "unknown" ? "connection" : report.kind) }
        forward.close()
    }

    private func readMain(_ source: consuming ByteSource) throws(MigrationError) {
        let options = StreamOptions()
        if let recording = relay.recording {
            return try recording.readMain(source, options, watch: relay.watch)
        }
        var visitor = ProgressVisitor(
            NoVisitor(), Progress(total: nil, quiet: true), watch: relay.watch)
        var reader = StreamReader(source, options: options)
        try reader.readMain(channels: 0, into: &visitor)
    }

    private func readChannel(_ source: consuming ByteSource) throws(MigrationError) {
        var source = source
        if let recording = relay.recording {
            let file = try recording.scratchFile()
            source = ByteSource(producer: Keeping(source, file.descriptor), capacity: 1 << 20)
            forwardFile = consume file
        }
        let kind: FileKind
        do throws(ByteIOError) { kind = try FileKind.detect(&source) } catch {
            throw MigrationError(.io, expected: "", found: "\(error)")
        }
        guard kind != .empty else { return }
        state.withLock { $0.kind = kind }
        guard let channel = kind.channel else {
            throw MigrationError(
                .unsupported, expected: "a channel of a migration", found: "other octets",
                hint: "what goes through TLS can't be looked at")
        }
        try read(source, channel)
    }

    private func readBackward() {
        do throws(MigrationError) {
            var source = ByteSource(producer: backward, capacity: 64 << 10)
            if let recording = relay.recording {
                let file = try recording.scratchFile()
                source = ByteSource(
                    producer: Keeping(source, file.descriptor), capacity: 64 << 10)
                backwardFile = consume file
            }
            let count: Int
            do throws(ByteIOError) { count = try source.ensure(1) } catch {
                throw MigrationError(.io, expected: "", found: "\(error)")
            }
            if count > 0 { try read(source, .returnPath) }
        } catch { fail(backward, error, "return path") }
        backward.close()
    }

    private func read(
        _ source: consuming ByteSource, _ kind: ChannelKind
    ) throws(MigrationError) {
        var visitor = ProgressVisitor(
            NoVisitor(), Progress(total: nil, quiet: true),
            watch: kind == .returnPath ? nil : relay.watch)
        var reader = StreamReader(source, context: StreamContext())
        try reader.readChannel(kind, into: &visitor)
    }

    // MARK: The recording

    /// Adds what was received, behind the channels before; to be called when the threads have ended.
    /// - Returns: how many channels that were.
    func record(into recording: RelayRecording) throws(MigrationError) -> Int {
        var count = 0
        if let kind = state.withLock({ $0.kind })?.channel, let file = forwardFile.take() {
            try recording.add(Self.start(of: file), kind)
            count += 1
        }
        if report.received > 0, let file = backwardFile.take() {
            try recording.add(Self.start(of: file), .returnPath)
            count += 1
        }
        return count
    }

    private static func start(of file: borrowing OutputFile) -> ByteSource {
        _ = try? file.descriptor.seek(offset: 0, from: .start)
        return ByteSource(descriptor: file.descriptor, closes: false)
    }
}

/// Looks at nothing: what is read is checked by its reader.
private struct NoVisitor: ObservingVisitor {
    mutating func endChannel(mark: Bool) throws(MigrationError) {}
}
