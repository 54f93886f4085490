import ArgumentParser
import ByteIO
import Containers
import Inspection
import Migration
import QEMUStream

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print device state.",
        discussion: """
            The configuration and each device's fields, as the stream's vmdesc (or --like, \
            --vmstate) describes them, in stream order. Numbers are decimal and, from 10 on, \
            hexadecimal too; long arrays and buffers are cut short, and array elements that are \
            like their neighbour are not repeated, without --full.

            PATH is a section with its instance id, then names and places: \
            0000:00:01.3/piix4_pm[0].ar.pm1.evt.sts. Without the instance it means any. * and ? \
            stand for characters of one name, [*] and [0..3] for places, ** for anything: \
            '*/piix4_pm', 'cpu[*].env.regs[0]', '**.irq_level'. Text in double quotes is taken \
            as it is. Exit status: 1 if a PATH means nothing here.
            """)

    @OptionGroup var input: InputOptions

    @Argument(help: ArgumentHelp("What to print; all, if none is given.", valueName: "path"))
    var paths: [String] = []

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var channels: ChannelOptions

    @Option(
        help: ArgumentHelp(
            "Of a disk image: the snapshot to take, by ID or name.", valueName: "id|name"))
    var snapshot: String?

    @Flag(help: "Print arrays and buffers to their ends, and all elements.")
    var full = false

    @Flag(help: "Begin each line with the value's offset in the stream.")
    var offsets = false

    @Flag(help: "Print values alone, a line each: numbers in decimal, octets in hexadecimal.")
    var valuesOnly = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if json, valuesOnly {
            throw ValidationError("--json and --values-only exclude each other.")
        }
    }

    private var form: ShowConsumer.Form {
        if json { return .json }
        return valuesOnly ? .values : .tree(full: full, offsets: offsets)
    }

    func run() throws {
        let patterns = try DevicePathOptions.patterns(paths)
        var stream = OpenedStream(
            input: input, reading: reading, channels: channels, snapshot: snapshot)
        let form = form
        var unmatched: [(pattern: DevicePathPattern, nearest: [String])] = []
        try stream.read { (isBinary) throws(CommandFailure) in
            DeviceSectionVisitor(
                ShowConsumer(patterns, form, write: TextOutput.writeOrFault), isBinary: isBinary,
                keptOctets: full || json ? 16 << 20 : 1 << 20)
        } finish: { (visitor) throws(CommandFailure) in
            var consumer = visitor.finish()
            do throws(MigrationError) { try consumer.end() } catch {
                throw CommandFailure(error, file: "standard output")
            }
            unmatched = consumer.selection.unmatched
        }
        guard !unmatched.isEmpty else { return }
        for (pattern, nearest) in unmatched {
            StandardError.line("berth: \(input.name): nothing is at \(pattern.text)")
            if !nearest.isEmpty {
                StandardError.line("hint: there is \(nearest.joined(separator: ", "))")
            }
        }
        throw CommandFailure(status: 1, "")
    }
}
