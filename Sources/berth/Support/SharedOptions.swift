import ArgumentParser
import ByteIO
import Containers
import Glibc
import Inspection
import Migration
import QEMUStream
import SystemPackage

/// Where the input comes from, and how much is said meanwhile.
struct InputOptions: ParsableArguments {
    @Argument(
        help: "The input: a file, or - for standard input (which is read if nothing is given).",
        completion: .file())
    var input = "-"

    @Flag(name: .shortAndLong, help: "No warnings and no progress.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Tell what was done.")
    var verbose = false

    @Option(
        help: ArgumentHelp(
            "Octets that may be unpacked from each compressed one, above 1 GiB.",
            valueName: "number", visibility: .hidden))
    var unpackRatio: UInt64 = InputOptions.usualUnpackRatio

    static let usualUnpackRatio: UInt64 = 100_000

    /// The options of a file that no command line names as its input. (`InputOptions()` alone has
    /// no values that could be read.)
    static func of(_ file: String, quiet: Bool = false) -> InputOptions {
        var options = InputOptions()
        options.input = file
        options.quiet = quiet
        options.verbose = false
        options.unpackRatio = usualUnpackRatio
        return options
    }

    /// The input's name in messages.
    var name: String { input == "-" ? "standard input" : input }

    /// Opens the input.
    func open() throws(CommandFailure) -> ByteSource {
        let source = try openAny()
        // As cat does: what is written would come back as input, without end.
        guard !source.isSameFile(as: .standardOutput) else {
            throw CommandFailure(
                status: CommandFailure.usage, "\(name): the input is also standard output",
                hint: "-o writes a new file, and puts it in the old one's place when it is whole")
        }
        return source
    }

    private func openAny() throws(CommandFailure) -> ByteSource {
        if input == "-" {
            guard isatty(STDIN_FILENO) == 0 else {
                throw CommandFailure(
                    status: CommandFailure.usage, "there is no input",
                    hint: "name a file, or pipe one in")
            }
            return ByteSource(descriptor: .standardInput, closes: false)
        }
        do { return try ByteSource(path: input) } catch {
            throw CommandFailure(error, file: input)
        }
    }

    /// Opens the input and the containers that it is in.
    func openInside() throws(CommandFailure) -> ByteSource {
        var layers: [ContainerLayer] = []
        let quiet = quiet
        let name = name
        let opened = try openInside(keeping: .nothing, layers: &layers) { warning in
            if !quiet { StandardError.line("berth: warning: \(name): \(warning)") }
        }
        return opened.takeSource()
    }

    /// Opens the input and the containers that it is in.
    /// - Parameters:
    ///   - snapshot: which one to take out of a disk image.
    ///   - keeping: what to tell of the containers for a BER file.
    ///   - layers: set to the containers, also if an error ends that.
    func openInside(
        snapshot: String? = nil, keeping: ContainerOptions.Keeping, layers: inout [ContainerLayer],
        warn: @escaping @Sendable (MigrationWarning) -> Void
    ) throws(CommandFailure) -> OpenedInput {
        var options = ContainerOptions()
        options.snapshot = snapshot
        options.keeping = keeping
        options.unpackRatio = unpackRatio
        options.warn = warn
        let source = try open()
        do {
            return try ContainerOpener.open(source, options, layers: &layers)
        } catch { throw CommandFailure(error, file: name(in: layers)) }
    }

    /// The input's name in messages, with what it was unpacked from: offsets count in there.
    func name(in layers: [ContainerLayer]) -> String { Self.name(name, in: layers) }

    static func name(_ name: String, in layers: [ContainerLayer]) -> String {
        layers.isEmpty ? name : "\(name) (in \(layers.map(\.kind).joined(separator: ", ")))"
    }

    /// Tells what the input is.
    func kind(of source: inout ByteSource) throws(CommandFailure) -> FileKind {
        do { return try FileKind.detect(&source) } catch {
            throw CommandFailure(error, file: name)
        }
    }
}

/// How a binary stream is to be read.
struct ReadingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The target's page size in octets, in place of what the stream says or shows.",
            valueName: "octets"))
    var pageSize: UInt64?

    @Option(
        help: ArgumentHelp(
            "How much device state may wait in memory for the vmdesc, which comes last.",
            valueName: "MiB"))
    var waitLimit: Int = 256

    @Flag(help: "Leave the vmdesc aside: devices are carried as blobs.")
    var ignoreVmdesc = false

    @Option(
        help: ArgumentHelp(
            "A stream of a like machine, in any form: its vmdesc tells how devices are laid out "
                + "that this input does not describe.", valueName: "file"),
        completion: .file())
    var like: String?

    @Option(
        help: ArgumentHelp(
            "What QEMU's -dump-vmstate wrote for the same machine, for the same purpose.",
            valueName: "file"),
        completion: .file())
    var vmstate: String?

    func validate() throws {
        if let pageSize, !(256...(1 << 24)).contains(pageSize) || pageSize & (pageSize - 1) != 0 {
            throw ValidationError("--page-size wants a power of two from 256 to 16777216.")
        }
        guard (1...4096).contains(waitLimit) else {
            throw ValidationError("--wait-limit wants 1 to 4096 MiB.")
        }
    }

    func options(
        layouts: DeviceLayouts = DeviceLayouts(),
        warn: @escaping @Sendable (MigrationWarning) -> Void
    ) -> StreamOptions {
        var options = StreamOptions()
        options.pageSize = pageSize
        options.waitLimit = waitLimit << 20
        options.ignoresDescription = ignoreVmdesc
        options.layouts = layouts
        options.warn = warn
        return options
    }
}
