public import ByteIO
internal import Migration
internal import Synchronization

/// Stands between two QEMUs: what the source sends goes to the destination and back, connection by
/// connection, as it is. Meanwhile it is looked at, and recorded.
public final class Relay: Sendable {
    private let state: RelayState

    public init(_ options: RelayOptions) { state = RelayState(options) }

    /// What has passed so far; from any thread.
    public var watch: RelayWatch { state.watch }

    /// Why there will be no recording, though one is wanted; from any thread.
    public var recordingFailure: String? { state.recording?.failureText }

    /// Waits for a source, and relays its migration to the end.
    /// - Parameters:
    ///   - ready: told the address when connections can come.
    ///   - tick: called ten times a second, or so.
    /// - Throws: ``ByteIOError`` if it can't listen or connect, or make the recording's file.
    public func run(
        ready: (SocketAddress) -> Void, tick: () -> Void
    ) throws(ByteIOError) -> RelayReport {
        if let path = state.options.record {
            state.recording = try RelayRecording(path: path, producer: state.options.producer)
        }
        // They know the state: neither would ever go.
        defer { state.forgetConnections() }
        let listener = try SocketListener(on: state.options.listen)
        ready(listener.address)
        var connections: [RelayConnection] = []
        var begun: ContinuousClock.Instant?
        while true {
            tick()
            guard let source = try listener.accept(within: 100) else {
                // None waits to be accepted either.
                if begun != nil, connections.allSatisfy(\.isDone) { break }
                continue
            }
            begun = begun ?? .now
            let target: StreamSocket
            // In the order in which the source connects: that tells the destination what they are.
            do throws(ByteIOError) {
                target = try StreamSocket.connect(to: state.options.connect)
            } catch {
                source.cut()
                for connection in connections { connection.cut() }
                for connection in connections { connection.join() }
                throw error
            }
            let connection = RelayConnection(source, target, state)
            connections.append(connection)
            state.add(connection)
            connection.start()
        }
        let end = ContinuousClock.now
        for connection in connections { connection.join() }
        return report(connections, begun.map { end - $0 } ?? .zero)
    }

    private func report(_ connections: [RelayConnection], _ time: Duration) -> RelayReport {
        var report = RelayReport()
        report.connections = connections.map(\.report)
        report.seconds = time / .seconds(1)
        let counts = watch.counts
        report.total = counts.total
        report.pages = counts.pages
        report.zeroPages = counts.zeroPages
        report.rounds = counts.rounds
        report.postcopy = counts.isPostcopy
        report.watched = !counts.isBlind
        report.complete = state.isComplete
        report.refusal = state.refusal
        guard let recording = state.recording else { return report }
        if recording.failureText == nil {
            do throws(MigrationError) {
                var channels = 0
                for connection in connections { channels += try connection.record(into: recording) }
                report.recorded = try recording.finish(channels: channels)
            } catch { recording.fail("\(error)") }
        }
        report.recordingFailure = recording.failureText
        return report
    }
}

/// What all connections of a relay share.
@safe final class RelayState: @unchecked Sendable {
    let options: RelayOptions
    let watch = RelayWatch()
    // Set before the first connection comes.
    var recording: RelayRecording?
    private let begun = ContinuousClock.now
    private let shared = Mutex(Shared())

    private struct Shared {
        var connections: [RelayConnection] = []
        var first = true
        var hasMain = false
        var mainEnded: Bool?
        var refusal: String?
    }

    init(_ options: RelayOptions) { self.options = options }

    func add(_ connection: RelayConnection) {
        shared.withLock { $0.connections.append(connection) }
    }

    func forgetConnections() { shared.withLock { $0.connections = [] } }

    /// Whether this is the first connection: the main channel is.
    func isFirst() -> Bool {
        shared.withLock { shared in
            defer { shared.first = false }
            return shared.first
        }
    }

    /// Whether a main channel may begin.
    func takesMain() -> Bool {
        shared.withLock { shared in
            defer { shared.hasMain = true }
            return !shared.hasMain
        }
    }

    /// The main channel was read to its end.
    func endMain() { shared.withLock { $0.mainEnded = true } }

    /// Whether the stream came to its end mark; `nil` if nobody has read so far.
    var isComplete: Bool? {
        let ended = shared.withLock { $0.mainEnded }
        return ended == nil ? nil : watch.hasEnded
    }

    // MARK: Refusing

    var refusal: String? { shared.withLock { $0.refusal } }
    var hasRefused: Bool { refusal != nil }

    /// Ends the migration.
    func refuse(_ text: String) {
        let connections = shared.withLock { shared in
            shared.refusal = shared.refusal ?? text
            return shared.connections
        }
        for connection in connections { connection.cut() }
    }

    // MARK: Waiting

    /// For how long forwarding may wait for a reader now, in nanoseconds: in all for a twelfth of the
    /// time, or, if nothing is recorded, a fiftieth; and for a tenth of a second.
    func patience(_ waited: Int) -> Int {
        if options.waits { return .max }
        let passed = (ContinuousClock.now - begun).components
        let nanoseconds =
            Int(passed.seconds) * 1_000_000_000 + Int(passed.attoseconds / 1_000_000_000)
        let share = recording == nil ? 50 : 12
        return nanoseconds / share + 100_000_000 - waited
    }
}
