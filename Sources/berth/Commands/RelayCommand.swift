import ArgumentParser
import ByteIO
import Glibc
import Relay

struct RelayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay",
        abstract: "Stand between two QEMUs: pass a live migration on, and record it.",
        discussion: """
            The destination is started with -incoming CONNECT, this with both, and the source is \
            told: migrate LISTEN. All connections of one migration are passed on, in both \
            directions: multifd, post-copy and the return path too. It ends with the migration.

            --record writes a BER file, as encode --channel does, that decode takes apart again. \
            The migration waits for it for at most a tenth of the time: if the disk or the \
            processor can't keep up, or the disk is full, the recording is given up, with a warning, \
            and the migration goes on. --wait says that it may wait as long as it takes. --verify looks at everything before it goes on, and cuts the migration where it is \
            malformed.

            Exit status: 0 the migration's stream was whole; 1 it was cut or refused, or there is \
            no recording though one was wanted; 2 nobody could connect.
            """)

    @Option(
        help: ArgumentHelp(
            "Where the source connects to: unix:PATH or tcp:HOST:PORT, always with a host.",
            valueName: "uri"))
    var listen: String

    @Option(
        help: ArgumentHelp("Where the destination listens, likewise.", valueName: "uri"))
    var connect: String

    @Option(
        help: "Record the migration in this BER file. It appears when it is complete.",
        completion: .file())
    var record: String?

    @Flag(name: .customLong("wait"), help: "The migration may wait for the recording.")
    var waits = false

    @Flag(help: "Pass on nothing that was not looked at; cut the migration where it is malformed.")
    var verify = false

    @Flag(help: "Print what passed as JSON.")
    var json = false

    @Flag(name: .shortAndLong, help: "No progress and no summary.")
    var quiet = false

    func validate() throws {
        for uri in [listen, connect] where SocketAddress(uri) == nil {
            throw ValidationError(
                "\"\(uri)\" is no address: unix:PATH or tcp:HOST:PORT is, with a host.")
        }
        guard !waits || record != nil else { throw ValidationError("--wait goes with --record.") }
    }

    func run() throws {
        guard let from = SocketAddress(listen), let to = SocketAddress(connect) else { return }
        var options = RelayOptions(listen: from, connect: to)
        options.record = record
        options.verifies = verify
        options.waits = waits
        options.producer = Product.producer
        let relay = Relay(options)
        let quiet = quiet
        var line = RelayDisplay(isShown: !quiet && isatty(STDERR_FILENO) == 1)
        var isGivenUp = false
        let report: RelayReport
        do throws(ByteIOError) {
            report = try relay.run(
                ready: { address in
                    if !quiet { StandardError.line("berth: waiting for the source at \(address)") }
                },
                tick: {
                    if !isGivenUp, let why = relay.recordingFailure {
                        isGivenUp = true
                        line.clear()
                        let name = record ?? ""
                        if !quiet {
                            StandardError.line(
                                "berth: warning: \(name): the recording is given up, the migration "
                                    + "goes on: \(why)")
                        }
                    }
                    line.show(relay.watch.counts)
                })
        } catch {
            line.clear()
            throw CommandFailure(error, file: listen)
        }
        line.clear()
        if json {
            try TextOutput.write(try TextOutput.json(report))
        } else if !quiet {
            try TextOutput.write(RelayText.summary(report, record: record))
        }
        if let failure = failure(report) { throw failure }
    }

    private func failure(_ report: RelayReport) -> CommandFailure? {
        if let refusal = report.refusal {
            return CommandFailure(
                status: 1, refusal, hint: "the migration was cut off before that went on")
        }
        if report.complete == false {
            return CommandFailure(
                status: 1, "the migration ended before its stream was whole",
                hint: "one of the two QEMUs gave it up: its own message tells why")
        }
        if let why = report.recordingFailure {
            return CommandFailure(
                status: 1, "\(record ?? "the recording") was not written: \(why)",
                hint: "the migration itself was passed on")
        }
        return nil
    }
}
