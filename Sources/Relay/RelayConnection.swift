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
    /// For the recording, where it is made beside the look that octets wait for.
    private let forwardCopy: ChunkQueue?
    private let backwardCopy: ChunkQueue?
    private var threads: [WorkThread] = []
    private let state = Mutex(State())

    private struct State {
        var kind: FileKind?
        var sent: UInt64 = 0
        var received: UInt64 = 0
        var forwarding = 2
        /// Whether this is the main channel, once that is known.
        var isMain: Bool?
    }

    /// What is done with what was received.
    private enum Task {
        case look, record, both

        var looks: Bool { self != .record }
        var records: Bool { self != .look }
    }

    // Written by the reading threads, read when they have ended.
    private var forwardFile: OutputFile?
    private var backwardFile: OutputFile?

    init(_ source: StreamSocket, _ target: StreamSocket, _ relay: RelayState) {
        self.source = source
        self.target = target
        self.relay = relay
        let limit = relay.isFirst() ? relay.options.buffer : relay.options.channelBuffer
        let isParted = relay.options.verifies && relay.recording != nil
        forward = ChunkQueue(limit: limit, recycles: !isParted)
        backward = ChunkQueue(limit: relay.options.channelBuffer, recycles: !isParted)
        forwardCopy = isParted ? ChunkQueue(limit: limit) : nil
        backwardCopy = isParted ? ChunkQueue(limit: relay.options.channelBuffer) : nil
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
            WorkThread {
                self.pump(self.source, self.target, self.forward, self.forwardCopy, isForward: true)
            },
            WorkThread {
                self.pump(
                    self.target, self.source, self.backward, self.backwardCopy, isForward: false)
            },
        ]
        // What nobody waits for leaves the processor to those who forward, and to the two QEMUs.
        let yields = !relay.options.waits
        if let forwardCopy, let backwardCopy {
            threads += [
                WorkThread { self.readForward(self.forward, .look) },
                WorkThread { self.readBackward(self.backward, .look) },
                WorkThread(yields: yields) { self.readForward(forwardCopy, .record) },
                WorkThread(yields: yields) { self.readBackward(backwardCopy, .record) },
            ]
        } else {
            let task: Task = relay.recording == nil ? .look : .both
            let yields = yields && !relay.options.verifies
            threads += [
                WorkThread(yields: yields) { self.readForward(self.forward, task) },
                WorkThread(yields: yields) { self.readBackward(self.backward, task) },
            ]
        }
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

    /// - Parameter copy: gets what `queue` has let pass.
    private func pump(
        _ from: StreamSocket, _ to: StreamSocket, _ queue: ChunkQueue, _ copy: ChunkQueue?,
        isForward: Bool
    ) {
        var isRead = true
        let verifies = relay.options.verifies
        // Whose chunks are filled, and which may be given up.
        let last = copy ?? queue
        do throws(ByteIOError) {
            while true {
                let chunk = last.takeChunk()
                chunk.count = try unsafe from.receive(into: chunk.storage)
                guard chunk.count > 0 else { break }
                let count = chunk.count
                if verifies {
                    _ = queue.push(chunk) { .max }
                    queue.waitUntilRead()
                    guard !relay.hasRefused else { break }
                }
                try unsafe to.send(chunk.octets)
                state.withLock { state in
                    if isForward { state.sent += UInt64(count) }
                    if !isForward { state.received += UInt64(count) }
                }
                if isForward { relay.watch.sent(count) } else { relay.watch.received(count) }
                if verifies, copy == nil { continue }
                if isRead { isRead = last.push(chunk) { self.relay.patience(last.waited) } }
                if !isRead { last.giveBack(chunk) }
            }
            to.endSending()
        } catch {
            // One side is gone: the other has to know.
            cut()
        }
        if relay.hasRefused { cut() }
        queue.end()
        copy?.end()
        state.withLock { $0.forwarding -= 1 }
    }

    // MARK: Reading

    /// Ends the reading of a queue, and tells why.
    private func fail(
        _ queue: ChunkQueue, _ task: Task, _ error: MigrationError, _ kind: String
    ) {
        if queue.wasClosed {
            if task.records {
                relay.recording?.fail(
                    "the recording could not keep up, and the migration is not slowed down for it")
            }
        } else {
            let text = "\(kind): \(error)"
            relay.recording?.fail(text)
            if task.looks, relay.options.verifies { relay.refuse(text) }
        }
        queue.close()
    }

    /// Whether this connection is the main channel: whoever reads it finds the same.
    private func isMain(_ source: inout ByteSource) throws(MigrationError) -> Bool {
        let hasMagic: Bool
        do throws(ByteIOError) {
            // A magic, where there is one: more may not come for a while.
            hasMagic =
                try source.ensure(4) >= 4
                && source.window.octets.prefix(4) == [0x51, 0x45, 0x56, 0x4d]
        } catch { throw MigrationError(.io, expected: "", found: "\(error)") }
        return state.withLock { state in
            let isMain = state.isMain ?? (hasMagic && relay.takesMain())
            state.isMain = isMain
            return isMain
        }
    }

    private func readForward(_ queue: ChunkQueue, _ task: Task) {
        var source = ByteSource(producer: queue, capacity: 1 << 20)
        do throws(MigrationError) {
            if try isMain(&source) {
                state.withLock { $0.kind = .binaryStream }
                try readMain(source, task)
                if task.looks { relay.endMain() }
            } else {
                try readChannel(source, task)
            }
        } catch {
            // Whatever went wrong: what follows is not looked at.
            if task.looks { relay.watch.loseSight() }
            fail(queue, task, error, report.kind == "unknown" ? "connection" : report.kind)
        }
        queue.close()
    }

    private func readMain(
        _ source: consuming ByteSource, _ task: Task
    ) throws(MigrationError) {
        let options = StreamOptions()
        let watch = task.looks ? relay.watch : nil
        if task.records, let recording = relay.recording {
            return try recording.readMain(source, options, watch: watch)
        }
        var visitor = ProgressVisitor(
            NoVisitor(), Progress(total: nil, quiet: true), watch: watch)
        var reader = StreamReader(source, options: options)
        try reader.readMain(channels: 0, into: &visitor)
    }

    private func readChannel(
        _ source: consuming ByteSource, _ task: Task
    ) throws(MigrationError) {
        var source = source
        if task.records, let recording = relay.recording {
            let file = try recording.scratchFile()
            source = ByteSource(producer: Keeping(source, file.descriptor), capacity: 1 << 20)
            forwardFile = consume file
        }
        guard task.looks else { return try Self.drain(source) }
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

    private func readBackward(_ queue: ChunkQueue, _ task: Task) {
        do throws(MigrationError) {
            var source = ByteSource(producer: queue, capacity: 64 << 10)
            if task.records, let recording = relay.recording {
                let file = try recording.scratchFile()
                source = ByteSource(
                    producer: Keeping(source, file.descriptor), capacity: 64 << 10)
                backwardFile = consume file
            }
            if task.looks {
                let count: Int
                do throws(ByteIOError) { count = try source.ensure(1) } catch {
                    throw MigrationError(.io, expected: "", found: "\(error)")
                }
                if count > 0 { try read(source, .returnPath) }
            } else {
                try Self.drain(source)
            }
        } catch { fail(queue, task, error, "return path") }
        queue.close()
    }

    /// Reads to the end.
    private static func drain(_ source: consuming ByteSource) throws(MigrationError) {
        var source = source
        do throws(ByteIOError) {
            while try source.ensure(1) > 0 { source.consume(source.available) }
        } catch { throw MigrationError(.io, expected: "", found: "\(error)") }
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
