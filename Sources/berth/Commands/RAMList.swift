import ArgumentParser
import ByteIO
import Containers
import Inspection
import Migration
import MigrationBER
import QEMUStream

extension RAMCommand {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Tell which RAM blocks there are, and where the machine has them.",
            discussion: """
                Of each block: how many of its pages the stream holds with data, as zero, or not at \
                all (the last state of each page counts), and how many records are of pages that \
                had been sent before. Then the stretches of guest-physical addresses, as ram extract \
                --format physical lays them out; what lies where the guest puts it (a video card's \
                memory), or where nothing tells, is listed last. Both columns of places can be given \
                to ram read.

                Of a file that is damaged or cut off it tells what could be read, then the error, \
                and exits with 2.
                """)

        @OptionGroup var input: InputOptions
        @OptionGroup var channels: ChannelOptions
        @OptionGroup var reading: ReadingOptions
        @OptionGroup var memory: GuestMemoryOptions

        @Option(
            help: ArgumentHelp(
                "Of a disk image: the snapshot to take, by ID or name.", valueName: "id|name"))
        var snapshot: String?

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let layouts = try reading.layouts()
            let quiet = input.quiet
            let inputName = input.name
            let warn = { @Sendable (name: String, warning: MigrationWarning) in
                if !quiet { StandardError.line("berth: warning: \(name): \(warning)") }
            }
            var layers: [ContainerLayer] = []
            var source = try input.openInside(
                snapshot: snapshot, keeping: .nothing, layers: &layers
            ) { warn(inputName, $0) }.takeSource()
            let kind = try channels.kind(of: &source, input)
            let size = source.size
            let isFile = size != nil && input.input != "-"
            let passesContents = kind == .migrationBER && MigrationFileReader.hasIndex(source)
            let options = { (name: String) in
                var options = reading.options(layouts: layouts) { warn(name, $0) }
                options.passesMappedPages = kind == .binaryStream && isFile
                options.passesIndexedPages = passesContents
                return options
            }
            var visitor = ProgressVisitor(
                RAMListVisitor(pageSize: reading.pageSize) { () throws(MigrationError) in
                    do { return try OutputFile(path: TemporaryPlace.folder + "/berth-pages") } catch
                    {
                        throw MigrationError(.io, expected: "", found: "\(error)")
                    }
                }, Progress(total: size, quiet: quiet))
            var failure: CommandFailure?
            var version: Int?
            var position: UInt64 = 0
            do throws(CommandFailure) {
                try channels.read(
                    source, kind, named: input.name(in: layers), origin: nil, options: options,
                    into: &visitor, schemaVersion: &version, position: &position)
            } catch {
                failure = error
            }
            let gathered = visitor.finish()
            let list = gathered.finish(options: memory.options)
            if failure == nil || !list.blocks.isEmpty {
                try TextOutput.write(json ? try TextOutput.json(list) : list.text)
            }
            if !quiet {
                for note in list.notes { StandardError.line("berth: note: \(input.name): \(note)") }
            }
            if let failure { throw failure }
        }
    }
}
