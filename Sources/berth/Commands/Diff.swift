import ArgumentParser
import ByteIO
import Inspection
import Migration
import SystemPackage

struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Tell what differs between two streams.",
        discussion: """
            IN and OTHER may be of any two kinds. Compared are the configuration, sections \
            (matched by idstr and instance id), their versions, fields and subsections, ordered \
            by path, what other iterators sent, and the last state of each page of RAM. A line \
            begins with ~ for what changed, - and + for what is in IN or OTHER alone, > for a \
            section that stands elsewhere. Section numbers, the vmdesc, commands and the way RAM \
            was sent don't count.

            Memory: some 20 MiB, and the devices' state. The pages of both inputs go into files \
            without a name in TMPDIR (or /tmp), as large as what is not zero in them; --no-ram \
            does without. Each input is read once, so pipes will do. --ignore takes paths as berth \
            show does; a RAM block is ram[0].pc.ram, its page 7 ram[0].pc.ram[7].

            Exit status: 0 the same; 1 different; 2 an input could not be read.
            """)

    @OptionGroup var input: InputOptions

    @Argument(
        help: "What to compare it with: a file, or - for standard input.", completion: .file())
    var other: String

    @OptionGroup var reading: ReadingOptions

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Leave out what is at this path. May be given several times.", valueName: "path"))
    var ignore: [String] = []

    @Flag(name: .customLong("no-ram"), help: "Leave out the content of RAM.")
    var noRAM = false

    @Flag(help: "List all ranges of pages that differ.")
    var ram = false

    @Flag(help: "Print the octets of RAM that differ.")
    var content = false

    @Flag(help: "Tell all elements of arrays and octets of buffers that differ, one by one.")
    var full = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if input.input == "-", other == "-" {
            throw ValidationError("Standard input can't be both inputs.")
        }
        if noRAM, ram || content {
            throw ValidationError("--no-ram excludes --ram and --content.")
        }
    }

    /// What one input holds.
    private struct Contents: ~Copyable {
        var sections: [DeviceSection] = []
        var digests: [IteratorDigest] = []
        var places: [RAMImage.Place] = []
        var pageSize: UInt64?
        var image: FileDescriptor?
    }

    func run() throws {
        let ignored = try DevicePathOptions.patterns(ignore)
        let before = try contents(of: input)
        var second = input
        second.input = other
        let after = try contents(of: second)

        var states = StateDiff(ignoring: ignored, isFull: full)
        states.compare(before.sections, after.sections)
        states.compare(before.digests, after.digests)
        states.sort()
        let findings = states.findings
        var text = DiffText(listsAll: ram)
        var object = DiffJSON(listsAll: ram)
        if json {
            try TextOutput.write(object.findings(findings))
        } else {
            for finding in findings { try TextOutput.write(text.line(finding)) }
        }
        var isSame = findings.isEmpty
        if let first = before.image, let second = after.image {
            var images = RAMDiff(
                try Self.side(before.places, first), try Self.side(after.places, second),
                pageSize: min(before.pageSize ?? 4096, after.pageSize ?? 4096),
                hasIgnored: !ignored.isEmpty, isIgnored: states.isIgnored)
            let error = try images.run(contents: content) { (event) throws(CommandFailure) in
                switch event {
                case .block(_, let before, let after): if before != after { isSame = false }
                case .pages: isSame = false
                case .end: break
                }
                let line = json ? object.text(event) : text.lines(event)
                if !line.isEmpty { try TextOutput.write(line) }
            }
            if let error { throw CommandFailure(error, file: "an image of RAM") }
        }
        if json {
            try TextOutput.write(object.end())
        } else if !isSame, !input.quiet {
            let summary = text.summary(findings)
            if !summary.isEmpty { try TextOutput.write(summary + "\n") }
        }
        if !isSame { throw CommandFailure(status: 1, "") }
    }

    private func contents(of input: InputOptions) throws(CommandFailure) -> Contents {
        var stream = OpenedStream(input: input, reading: reading)
        var contents = Contents()
        if noRAM {
            try stream.read { (isBinary) throws(CommandFailure) in
                PairVisitor(
                    DeviceSectionVisitor(StateCollector(), isBinary: isBinary),
                    IteratorDigestVisitor())
            } finish: { (visitor) throws(CommandFailure) in
                contents.digests = visitor.second.digests
                contents.sections = visitor.first.consumer.sections
            }
            return contents
        }
        let file = try Self.unnamedFile()
        let epochs = try Self.unnamedFile()
        do { contents.image = try file.descriptor.duplicate() } catch {
            throw CommandFailure(
                status: CommandFailure.unusable, "a temporary file can't be used: \(error)")
        }
        var images: RAMImage? = RAMImage(file, epochs: epochs)
        try stream.read { (isBinary) throws(CommandFailure) in
            guard let image = images.take() else {
                throw CommandFailure(status: CommandFailure.unusable, "the input is read twice")
            }
            return PairVisitor(
                PairVisitor(
                    DeviceSectionVisitor(StateCollector(), isBinary: isBinary),
                    IteratorDigestVisitor()),
                PairVisitor(RAMImageVisitor(image, block: nil), PageSizeVisitor()))
        } finish: { (visitor) throws(CommandFailure) in
            contents.digests = visitor.first.second.digests
            contents.sections = visitor.first.first.consumer.sections
            contents.places = visitor.second.first.places
            contents.pageSize = visitor.second.second.pageSize
        }
        return contents
    }

    /// A file that has no name and is gone when nobody holds it.
    private static func unnamedFile() throws(CommandFailure) -> OutputFile {
        let path = TemporaryPlace.path("berth-diff")
        do { return try OutputFile(path: path) } catch {
            throw CommandFailure(error, file: path)
        }
    }

    private static func side(
        _ places: [RAMImage.Place], _ image: FileDescriptor
    ) throws(CommandFailure) -> RAMDiff.Side {
        do { try image.seek(offset: 0, from: .start) } catch {
            throw CommandFailure(
                status: CommandFailure.unusable, "a temporary file can't be read: \(error)")
        }
        return RAMDiff.Side(
            places: places, source: ByteSource(descriptor: image, closes: true, capacity: 4096))
    }
}
