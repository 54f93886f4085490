import ArgumentParser
import ByteIO
import Containers
import Inspection
import Migration
import MigrationBER
import QEMUStream

struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Tell what a file is and what it holds.",
        discussion: """
            Of a BER file with an index, the contents of pages are passed over, and damage in them is \
            not seen, unless --verify is given.

            Of a file that is damaged or cut off it tells what could be read, then the error, \
            and exits with 2.
            """)

    @OptionGroup var input: InputOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var channels: ChannelOptions

    @Option(
        help: ArgumentHelp(
            "Of a disk image: the snapshot to take, by ID or name.", valueName: "id|name"))
    var snapshot: String?

    @Flag(help: "Read all of a BER file, and compare its checkpoints.")
    var verify = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let layouts = try reading.layouts()
        let warnings = WarningList()
        var layers: [ContainerLayer] = []
        let inputName = input.name
        var source: ByteSource
        let origin: StreamOrigin?
        do {
            let opened = try input.openInside(
                snapshot: snapshot, keeping: .nothing, layers: &layers
            ) {
                warnings.add($0, of: inputName)
            }
            origin = opened.origin
            source = opened.takeSource()
        } catch {
            try tellContainers(layers, error)
            throw error
        }
        let name = input.name(in: layers)
        let kind = try channels.kind(of: &source, input)
        let size = source.size
        // In a file, a bitmap tells enough of its pages.
        let passesPages = kind == .binaryStream && size != nil && input.input != "-"
        let passesContents =
            kind == .migrationBER && !verify && MigrationFileReader.hasIndex(source)
        let options = { (name: String) in
            var options = reading.options(layouts: layouts) { warnings.add($0, of: name) }
            options.passesMappedPages = passesPages
            options.passesIndexedPages = passesContents
            return options
        }
        var visitor = ProgressVisitor(
            SummaryVisitor(), Progress(total: size, quiet: input.quiet))
        var failure: CommandFailure?
        var version: Int?
        var position: UInt64 = 0
        do throws(CommandFailure) {
            try channels.read(
                source, kind, named: name, origin: origin, options: options, into: &visitor,
                schemaVersion: &version, position: &position)
        } catch {
            failure = error
        }
        let summaryVisitor = visitor.finish()
        var summary = summaryVisitor.finished()
        if passesPages, summary.blocks.contains(where: { $0.mapped != nil }) {
            let file = try input.open()
            do { try MappedFile.look(into: file, &summary) } catch {
                throw CommandFailure(error, file: input.name)
            }
        }
        if kind == .migrationBER, version == 4 { summary.isVerified = !passesContents }
        summary.complete(kind, version, layers, size ?? position, failure, warnings)
        if json {
            try TextOutput.write(try TextOutput.json(summary))
        } else if kind == .binaryStream || kind == .migrationBER || kind.channel != nil {
            try TextOutput.write(summary.text)
        } else {
            let containers = summary.containerText
            try TextOutput.write(
                (containers.isEmpty ? "" : containers + "\n")
                    + "kind             \(kind.rawValue)\n")
        }
        if !input.quiet, !json {
            for (name, warning) in warnings.all {
                StandardError.line("berth: warning: \(name): \(warning)")
            }
        }
        if let failure { throw failure }
    }

    /// Tells what was found before a container could not be opened.
    private func tellContainers(
        _ layers: [ContainerLayer], _ failure: CommandFailure
    ) throws {
        guard !layers.isEmpty else { return }
        var summary = StreamSummary()
        summary.containers = layers
        summary.kind = FileKind.unknown.rawValue
        summary.error = failure.message
        if json {
            try TextOutput.write(try TextOutput.json(summary))
        } else {
            try TextOutput.write(summary.containerText + "\n")
        }
    }
}
