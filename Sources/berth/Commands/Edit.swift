import ArgumentParser
import ByteIO
import Inspection
import Migration
import MigrationBER
import QEMUStream
import SystemPackage

struct Edit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change a stream so that another QEMU takes it.",
        discussion: """
            Writes the stream, a binary one or BER as it came, with the edits that the switches or \
            a recipe tell; the vmdesc is changed to agree. All paths (see berth show) name what is \
            in IN, whatever other edits do. The result is read again before it gets its name; \
            --dry-run writes nothing, and prints what would change. A libvirt image or another \
            container around IN is not written.

            VALUE of --set: a number in decimal or hexadecimal (0x1f), true or false; for an array \
            its elements with commas between; octets in hexadecimal; a text of the same length. \
            --take replaces the section of that path, or adds it behind all others. A block that \
            is made shorter must hold nothing but zeros behind its new end; pages of one that is \
            made longer keep what they have where the stream is loaded.

            Exit status: 1 if an edit finds nothing to change; then nothing is written.
            """)

    @OptionGroup var input: InputOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The output, a file. It appears under its name only when it was read again.",
            valueName: "file"),
        completion: .file())
    var output: String?

    @OptionGroup var edits: EditOptions

    @Flag(help: "Write nothing; print what would change.")
    var dryRun = false

    @OptionGroup var reading: ReadingOptions

    @Option(
        help: ArgumentHelp(
            "Of a disk image: the snapshot to take, by ID or name.", valueName: "id|name"))
    var snapshot: String?

    func validate() throws {
        guard (output == nil || output == "-") == dryRun else {
            throw ValidationError("Either -o FILE or --dry-run.")
        }
    }

    func run() throws {
        let operations = try edits.operations(reading: reading)
        guard !operations.isEmpty else {
            throw CommandFailure(status: CommandFailure.usage, "there is nothing to edit")
        }
        let file: OutputFile
        let name = output ?? TemporaryPlace.path("berth-edit")
        do { file = try OutputFile(path: name) } catch { throw CommandFailure(error, file: name) }
        guard file.isSeekable else {
            throw CommandFailure(
                status: CommandFailure.usage, "\(name): the output must be a regular file",
                hint: "the result is read again before it gets its name")
        }
        let before = try rewrite(operations, into: file)
        let after = try readAgain(file, named: name, before)
        var states = StateDiff(ignoring: [], isFull: false)
        states.compare(before.sections, after.sections)
        states.compare(before.digests, after.digests)
        states.sort()
        if dryRun || input.verbose { try tell(states.findings, before, after) }
        guard !dryRun else { return }
        do { try file.commit() } catch { throw CommandFailure(error, file: name) }
    }

    /// What was read, to be compared.
    private struct Contents {
        var sections: [DeviceSection] = []
        var digests: [IteratorDigest] = []
        var blocks: [RAMBlock] = []
        /// Warnings of devices that could not be described.
        var blobs = 0
    }

    /// Reads the input into the output, with the edits.
    private func rewrite(
        _ operations: [EditOperation], into file: borrowing OutputFile
    ) throws(CommandFailure) -> Contents {
        var stream = OpenedStream(input: input, reading: reading)
        stream.snapshot = snapshot
        let counter = WarningCounter()
        stream.warned = counter.add
        let lengths = try blockLengths(for: operations)
        let opened = try stream.open()
        let version = stream.kind == .migrationBER ? Self.berVersion(opened) : 0
        let sink = ByteSink(descriptor: file.descriptor, path: output)
        var contents: Contents
        switch version {
        case 3:
            contents = try run(
                stream, opened, operations, lengths,
                Version3Writer(sink, producer: Product.producer))
        case 4:
            contents = try run(
                stream, opened, operations, lengths,
                Version4Writer(sink, producer: Product.producer))
        default: contents = try run(stream, opened, operations, lengths, StreamWriter(sink))
        }
        contents.blobs = counter.blobs
        return contents
    }

    /// The blocks' lengths, for those edits that have to know them before the blocks come.
    private func blockLengths(
        for operations: [EditOperation]
    ) throws(CommandFailure) -> [String: UInt64] {
        let isNeeded = operations.contains {
            if case .resizeBlock = $0 { true } else { false }
        }
        guard isNeeded, input.input != "-" else { return [:] }
        var input = input
        input.quiet = true
        var stream = OpenedStream(input: input, reading: reading)
        stream.snapshot = snapshot
        var lengths: [String: UInt64] = [:]
        try stream.read {
            StateVisitor(isBinary: $0)
        } finish: { visitor in
            for block in visitor.blocks { lengths[block.name] = block.length }
        }
        return lengths
    }

    /// The schema's version that a BER file tells behind its outer head.
    private static func berVersion(_ source: borrowing ByteSource) -> Int {
        let octets = source.window.extracting(first: min(source.available, 16)).octets
        // The tag has four octets; then come the length's, and INTEGER 3 or 4.
        guard octets.count == 16 else { return 4 }
        let length = octets[4] > 0x80 ? Int(octets[4] & 0x7f) : 0
        let at = 5 + length
        return at + 2 < 16 && octets[at] == 2 && octets[at + 1] == 1 ? Int(octets[at + 2]) : 4
    }

    private func run<Writer: MigrationVisitor & ~Copyable>(
        _ stream: OpenedStream, _ source: consuming ByteSource, _ operations: [EditOperation],
        _ lengths: [String: UInt64], _ writer: consuming Writer
    ) throws(CommandFailure) -> Contents {
        var contents = Contents()
        var idle: [(what: String, nearest: [String])] = []
        let isBinary = stream.kind != .migrationBER
        try stream.read(
            source,
            PairVisitor(
                StateVisitor(isBinary: isBinary),
                EditVisitor(writer, operations, lengths: lengths))
        ) { visitor in
            contents.sections = visitor.first.sections
            contents.digests = visitor.first.digests
            contents.blocks = visitor.first.blocks
            idle = visitor.second.idle
        }
        guard idle.isEmpty else {
            for (what, nearest) in idle {
                StandardError.line("berth: \(input.name): there is nothing to change at \(what)")
                if !nearest.isEmpty {
                    StandardError.line("hint: there is \(nearest.joined(separator: ", "))")
                }
            }
            throw CommandFailure(status: 1, "")
        }
        return contents
    }

    /// Reads what was written, as any input.
    private func readAgain(
        _ file: borrowing OutputFile, named name: String, _ before: Contents
    ) throws(CommandFailure) -> Contents {
        let descriptor: FileDescriptor
        do {
            descriptor = try file.descriptor.duplicate()
            try descriptor.seek(offset: 0, from: .start)
        } catch {
            throw CommandFailure(
                status: CommandFailure.unusable, "\(name): can't be read again: \(error)")
        }
        var source = ByteSource(descriptor: descriptor, closes: true, path: name)
        let counter = WarningCounter()
        var contents = Contents()
        do throws(CommandFailure) {
            let kind: FileKind
            do throws(ByteIOError) { kind = try FileKind.detect(&source) } catch {
                throw CommandFailure(error, file: name)
            }
            let layouts = try reading.layouts()
            let options = reading.options(layouts: layouts) { counter.add($0) }
            var visitor = StateVisitor(isBinary: kind == .binaryStream)
            var version: Int?
            var position: UInt64 = 0
            do throws(MigrationError) {
                try InputReader.read(
                    source, kind: kind, options: options, into: &visitor, schemaVersion: &version,
                    position: &position)
            } catch { throw CommandFailure(error, file: name) }
            contents.sections = visitor.sections
            contents.digests = visitor.digests
            contents.blocks = visitor.blocks
        } catch {
            throw CommandFailure(
                status: CommandFailure.unusable,
                "the edited stream can't be read again, so it was not written: \(error.message)",
                hint: error.hint)
        }
        guard counter.blobs <= before.blobs else {
            throw CommandFailure(
                status: CommandFailure.unusable,
                "the edited stream's devices don't agree with its vmdesc, so it was not written")
        }
        return contents
    }

    private func tell(
        _ findings: [DiffFinding], _ before: Contents, _ after: Contents
    ) throws(CommandFailure) {
        let text = DiffText(listsAll: false)
        for finding in findings { try TextOutput.write(text.line(finding)) }
        for (place, block) in before.blocks.enumerated() where place < after.blocks.count {
            let other = after.blocks[place]
            if other.name != block.name {
                try TextOutput.write(
                    "~ \(RAMDiff.path(block.name))  RAM block  \(block.name) -> \(other.name)\n")
            }
            if other.length != block.length {
                try TextOutput.write(
                    "~ \(RAMDiff.path(block.name))  length  \(block.length) -> \(other.length)\n")
            }
        }
    }
}
