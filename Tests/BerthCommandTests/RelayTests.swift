import ByteIO
import Foundation
import Relay
import SystemPackage
import TestSupport
import Testing

/// A destination of our own: takes one connection after another, and keeps what comes.
private final class Destination: @unchecked Sendable {
    private let listener: SocketListener
    private let lock = NSLock()
    private var kept: [[UInt8]] = []
    private var threads: [WorkThread] = []

    /// - Parameters:
    ///   - answer: what is sent back when so many octets have come.
    ///   - count: connections that are taken.
    init(_ path: String, count: Int = 1, answer: [UInt8] = [], behind: Int = 1) throws {
        let listener = try SocketListener(on: .unix(path))
        self.listener = listener
        threads = [
            WorkThread {
                var pumps: [WorkThread] = []
                for number in 0..<count {
                    guard let socket = try? listener.accept(within: 20_000) else { break }
                    self.lock.withLock { self.kept.append([]) }
                    pumps.append(
                        WorkThread {
                            self.take(socket, number, number == 0 ? answer : [], behind)
                        })
                }
                for pump in pumps { pump.join() }
            }
        ]
    }

    private func take(_ socket: StreamSocket, _ number: Int, _ answer: [UInt8], _ behind: Int) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var isAnswered = answer.isEmpty
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                (try? unsafe socket.receive(into: $0)) ?? 0
            }
            if count == 0 { break }
            let total = lock.withLock {
                kept[number] += buffer[..<count]
                return kept[number].count
            }
            if !isAnswered, total >= behind {
                isAnswered = true
                try? unsafe answer.withUnsafeBytes { try unsafe socket.send($0) }
            }
        }
        socket.endSending()
    }

    /// What came, when all connections have ended.
    var octets: [[UInt8]] {
        for thread in threads { thread.join() }
        threads = []
        return lock.withLock { kept }
    }
}

@Suite("relay")
struct RelayTests {
    private struct Run {
        var outcome: Outcome
        var received: [[UInt8]]
        var back: [[UInt8]]
    }

    /// Sends octets through a relay, a connection each, and takes what comes back.
    private func relay(
        _ connections: [[UInt8]], _ arguments: [String] = [], folder: TemporaryFolder,
        answer: [UInt8] = [], behind: Int = 1, blocks: Int? = nil
    ) throws -> Run {
        let destination = try Destination(
            folder.file("out"), count: connections.count, answer: answer, behind: behind)
        let output = try Program.pipe()
        let error = try Program.pipe()
        let null = try FileDescriptor.open(FilePath("/dev/null"), .readOnly)
        var command =
            [
                "relay", "--listen", "unix:" + folder.file("in"), "--connect",
                "unix:" + folder.file("out"),
            ] + arguments
        if let blocks {
            command =
                ["-c", "ulimit -f \(blocks); exec \"$0\" \"$@\"", Program.path] + command
        }
        let program = try Program.start(
            command, input: null, output: output.writing, error: error.writing,
            program: blocks == nil ? Program.path : "/bin/sh")
        try output.writing.close()
        try error.writing.close()
        // Its first line tells that it listens.
        var told: [UInt8] = []
        while !told.contains(10) {
            let more = try octets(of: error.reading, limit: 1)
            if more.isEmpty { break }
            told += more
        }
        var sockets: [StreamSocket] = []
        for octets in connections {
            let socket = try StreamSocket.connect(to: .unix(folder.file("in")))
            sockets.append(socket)
            // A relay that refuses breaks the connection.
            try? unsafe octets.withUnsafeBytes { try unsafe socket.send($0) }
        }
        var back: [[UInt8]] = []
        for socket in sockets { socket.endSending() }
        for socket in sockets {
            var kept: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = unsafe buffer.withUnsafeMutableBytes {
                    (try? unsafe socket.receive(into: $0)) ?? 0
                }
                if count == 0 { break }
                kept += buffer[..<count]
            }
            back.append(kept)
        }
        let text = try octets(of: output.reading)
        told += try octets(of: error.reading)
        let status = try program.wait()
        for end in [output.reading, error.reading, null] { try end.close() }
        return Run(
            outcome: Outcome(status: status, output: text, errorOctets: told),
            received: destination.octets, back: back)
    }

    @Test(
        "A stream passes as it is, and its recording gives it back", arguments: [false, true])
    func passes(verify: Bool) throws {
        let folder = try TemporaryFolder()
        let stream = try Fixture.octets("x86-microvm-guest-11.1")
        let run = try relay(
            [stream], ["--record", folder.file("vm.ber"), "--wait"] + (verify ? ["--verify"] : []),
            folder: folder)
        try succeed(run.outcome)
        #expect(run.received == [stream])
        #expect(run.outcome.text.contains("connections  main\n"))
        #expect(run.outcome.text.contains("sent         \(stream.count) octets in "))
        #expect(run.outcome.text.contains("whole        yes\n"))
        try succeed(berth("decode", folder.file("vm.ber"), "-o", folder.file("back")))
        #expect(try contents(of: folder.file("back")) == stream)
        // It is what encode makes of a pipe, but for the room that was kept behind the name.
        let piped = try berth("encode", "-q", "-", input: .pipe(stream))
        let recorded = try contents(of: folder.file("vm.ber"))
        #expect(recorded.count == piped.output.count + 4)
        #expect(try folder.names == ["back", "vm.ber"])
    }

    @Test("Channels and the return path go into the one file, each whole")
    func channels() throws {
        let folder = try TemporaryFolder()
        let names = (0...2).map { "Channels/avr-uno-multifd-7.2.ch\($0)" }
        let streams = try names.map(Fixture.octets)
        // OPEN_ACK-like PONG: type 2 (PONG), four octets; SHUT: type 1, status 0.
        let answer: [UInt8] = [0, 2, 0, 4, 0, 0, 0, 7, 0, 1, 0, 4, 0, 0, 0, 0]
        let run = try relay(
            streams, ["--record", folder.file("vm.ber"), "--wait", "--json"], folder: folder,
            answer: answer)
        try succeed(run.outcome)
        #expect(run.received == streams)
        #expect(run.back[0] == answer)
        #expect(run.outcome.text.contains("\"complete\" : true"))
        var arguments = ["decode", folder.file("vm.ber"), "-o", folder.file("0")]
        for number in 1...3 { arguments += ["--channel", folder.file("\(number)")] }
        try succeed(berth(arguments))
        #expect(try contents(of: folder.file("0")) == streams[0])
        #expect(try contents(of: folder.file("1")) == answer)
        #expect(try contents(of: folder.file("2")) == streams[1])
        #expect(try contents(of: folder.file("3")) == streams[2])
        try succeed(berth("validate", folder.file("vm.ber")))
    }

    @Test("With --verify nothing goes on that is malformed, and the offset is told")
    func verifies() throws {
        let folder = try TemporaryFolder()
        var octets = SmallStream.octets
        // The PART's first record: no flags at all.
        octets[129] = 0
        let run = try relay(
            [octets], ["--verify", "--record", folder.file("vm.ber")], folder: folder)
        #expect(run.outcome.status == 1)
        #expect(run.outcome.error.contains("berth: main: offset 0x7a"), "\(run.outcome.error)")
        #expect(run.outcome.error.contains("corrupt"))
        // A chunk is looked at before it goes on, and this was one.
        #expect(run.received == [[]])
        #expect(try folder.names == [])
        // Without, it passes.
        let passed = try relay([octets], folder: folder)
        #expect(passed.received == [octets])
    }

    @Test("A recording that can't be made is told, and the migration passes")
    func unrecordable() throws {
        let folder = try TemporaryFolder()
        let octets = Array("no migration at all, but encrypted, say".utf8)
        let run = try relay([octets], ["--record", folder.file("vm.ber")], folder: folder)
        #expect(run.outcome.status == 1)
        #expect(run.received == [octets])
        #expect(run.outcome.error.contains("was not written: "))
        #expect(run.outcome.error.contains("the migration itself was passed on"))
        #expect(try folder.names == [])
    }

    @Test(
        "A disk that is full ends the recording, not the migration",
        arguments: [[], ["--verify"]], [0, 1])
    func full(arguments: [String], channel: Int) throws {
        let folder = try TemporaryFolder()
        // Files may have 16 KiB, of which the main channel has more, or 4, of which a multifd one has.
        let names = (0...1).map { "Channels/avr-uno-multifd-7.2.ch\($0)" }
        let streams =
            try channel == 0
            ? [Fixture.octets("x86-microvm-guest-11.1")] : names.map(Fixture.octets)
        let room = channel == 0 ? 32 : 8
        let run = try relay(
            streams, ["--record", folder.file("vm.ber")] + arguments, folder: folder, blocks: room)
        #expect(run.outcome.status == 1)
        #expect(run.received == streams)
        #expect(run.outcome.error.contains("vm.ber was not written: "), "\(run.outcome.error)")
        #expect(
            run.outcome.error.contains("the recording is given up, the migration goes on: ")
                || !run.outcome.error.contains("warning"))
        #expect(run.outcome.text.contains("whole        yes\n") || channel == 0)
        #expect(try folder.names == [])
    }

    @Test(
        "The line on a terminal tells round, octets, rate, what is left, pages; as far as there is room"
    )
    func line() {
        var counts = RelayCounts()
        counts.sent = 1200 << 20
        #expect(RelayLine.text(counts, rate: 0, width: 80) == "1200 MiB at 0 MiB/s")
        counts.total = 4 << 30
        counts.reached = 1 << 30
        counts.rounds = 2
        counts.zeroPages = 1000
        counts.fullPages = 307_200
        // 3072 MiB at 100 MiB a second are 31 seconds, rounded up.
        let rate = Double(100 << 20)
        #expect(
            RelayLine.text(counts, rate: rate, width: 81)
                == "round 2: 25 %, 1200 MiB at 100 MiB/s, at most 3072 MiB (31 s) left, 308200 pages"
        )
        #expect(
            RelayLine.text(counts, rate: rate, width: 80)
                == "round 2: 25 %, 1200 MiB at 100 MiB/s, at most 3072 MiB (31 s) left")
        #expect(RelayLine.text(counts, rate: rate, width: 30) == "round 2: 25 %")
        counts.isPostcopy = true
        #expect(
            RelayLine.text(counts, rate: rate, width: 80)
                == "post-copy, 1200 MiB at 100 MiB/s, 308200 pages")
        counts.isPostcopy = false
        counts.isBlind = true
        #expect(
            RelayLine.text(counts, rate: rate, width: 80)
                == "1200 MiB at 100 MiB/s, no longer looked at")
        // A guest of 16 TiB has room.
        counts = RelayCounts()
        counts.sent = 12 << 40
        counts.total = 16 << 40
        counts.rounds = 17
        counts.fullPages = 1 << 33
        let line = RelayLine.text(counts, rate: Double(25_000 << 20), width: 80)
        #expect(
            line == "round 17: 0 %, 12582912 MiB at 25000 MiB/s, at most 16777216 MiB (672 s) left")
        #expect(line.count < 80)
    }

    @Test("A stream that ends early is told, and no recording stays")
    func cutOff() throws {
        let folder = try TemporaryFolder()
        let octets = Array(SmallStream.octets.prefix(3000))
        let run = try relay([octets], ["--record", folder.file("vm.ber")], folder: folder)
        #expect(run.outcome.status == 1)
        #expect(run.received == [octets])
        #expect(run.outcome.error.contains("truncated"))
        #expect(try folder.names == [])
    }

    @Test("A destination that is not there is an error, and the source hears of it")
    func unreachable() throws {
        let folder = try TemporaryFolder()
        let outcome = try berth(
            "relay", "--listen", "unix:" + folder.file("no/such"), "--connect", "unix:/none")
        #expect(outcome.status == 2)
        #expect(outcome.error.hasPrefix("berth: cannot listen on unix:"))
    }

    @Test(
        "An address without a host is refused",
        arguments: ["tcp::4444", "tcp:4444", "unix:", "fd:3", "tcp:localhost:http"])
    func usage(uri: String) throws {
        let outcome = try berth("relay", "--listen", uri, "--connect", "unix:/tmp/x")
        #expect(outcome.status == 64)
    }
}
