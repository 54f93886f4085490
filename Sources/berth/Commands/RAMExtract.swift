import ArgumentParser
import ByteIO
import Inspection
import Migration
import QEMUStream

extension RAMCommand {
    struct Extract: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "extract",
            abstract: "Write the guest's memory into a file.",
            discussion: """
                blocks: RAM blocks as they are, one with --block, or all of them, one behind the \
                other in the stream's order. physical: what the guest's processors see, each octet \
                at its physical address, with the machine's holes; of x86 PCs (pc, q35, microvm, \
                isapc) and some others. Both are raw images. elf: an ELF core of memory and the \
                processors' registers, as QEMU's dump-guest-memory writes it, of x86 and AArch64 \
                machines.

                Standard output tells where each part lies. The last state of each page counts. \
                Pages that were not sent, and zero ones, are holes of the file.
                """)

        enum Format: String, ExpressibleByArgument, CaseIterable {
            case blocks, physical, elf
        }

        @OptionGroup var input: InputOptions
        @OptionGroup var channels: ChannelOptions
        @OptionGroup var reading: ReadingOptions
        @OptionGroup var memory: GuestMemoryOptions

        @Option(
            name: .shortAndLong, help: "The output, a file: pages come in any order.",
            completion: .file())
        var output: String

        @Option(help: "What to write.")
        var format = Format.blocks

        @Option(help: ArgumentHelp("The block, as berth info names it.", valueName: "name"))
        var block: String?

        @Flag(help: "Print where the parts lie as JSON.")
        var json = false

        func validate() throws {
            guard block == nil || format == .blocks else {
                throw ValidationError("--block goes with --format blocks.")
            }
        }

        func run() throws {
            switch format {
            case .blocks: try blocks()
            case .physical: try physical()
            case .elf: try core()
            }
        }

        // MARK: Formats

        private func blocks() throws(CommandFailure) {
            let result = try read { (kind) throws(CommandFailure) in
                RAMImageVisitor(try image(kind), block: block)
            }
            let places = result.places
            guard !places.isEmpty else {
                let names = result.blocks.map(\.name).joined(separator: ", ")
                throw CommandFailure(
                    status: CommandFailure.unusable,
                    "\(input.name): " + (block.map { "no RAM block \"\($0)\"" } ?? "no RAM blocks"),
                    hint: names.isEmpty ? nil : "there are: \(names)")
            }
            do throws(MigrationError) { try result.finish() } catch {
                throw CommandFailure(error, file: output)
            }
            try ImageListing.tell(places, asJSON: json, quiet: input.quiet)
        }

        private func physical() throws(CommandFailure) {
            let result = try read { (kind) throws(CommandFailure) in
                PhysicalImageVisitor(
                    try image(kind), others: try image(kind), options: memory.options)
            }
            let found: GuestMemory
            do throws(MigrationError) {
                found = try result.finish { () throws(MigrationError) in
                    do { return try OutputFile(path: output) } catch {
                        throw MigrationError(.io, expected: "", found: "\(error)")
                    }
                }
            } catch { throw CommandFailure(error, file: input.name) }
            let end = found.map.endOfRAM
            try ImageListing.tell(
                found.map.regions(in: 0..<end).map { ImageListing.Part($0, offset: $0.address) },
                asJSON: json, quiet: input.quiet)
            tell(found.notes)
        }

        private func core() throws(CommandFailure) {
            let result = try read { (kind) throws(CommandFailure) in
                CoreDumpVisitor(try image(kind), options: memory.options)
            }
            let core: CoreDumpVisitor.Result
            do { core = try result.finish() } catch {
                throw CommandFailure(error, file: input.name)
            }
            try ImageListing.tell(
                core.places.map { ImageListing.Part($0.region, offset: $0.place) }, asJSON: json,
                quiet: input.quiet)
            tell(core.memory.notes)
        }

        private func tell(_ notes: [String]) {
            guard !input.quiet else { return }
            for note in notes { StandardError.line("berth: note: \(input.name): \(note)") }
        }

        // MARK: Reading

        private func read<V: MigrationVisitor & ~Copyable>(
            _ makeVisitor: (FileKind) throws(CommandFailure) -> V
        ) throws(CommandFailure) -> V {
            var source = try input.openInside()
            let kind = try channels.kind(of: &source, input)
            let size = source.size
            let quiet = input.quiet
            var visitor = ProgressVisitor(
                try makeVisitor(kind), Progress(total: size, quiet: quiet))
            var version: Int?
            var position: UInt64 = 0
            let layouts = try reading.layouts()
            let options: (String) -> StreamOptions = { name in
                reading.options(layouts: layouts) { warning in
                    if !quiet { StandardError.line("berth: warning: \(name): \(warning)") }
                }
            }
            do throws(CommandFailure) {
                try channels.read(
                    source, kind, named: input.name, origin: nil, options: options, into: &visitor,
                    schemaVersion: &version, position: &position)
            } catch {
                _ = visitor.finish()
                throw error
            }
            return visitor.finish()
        }

        private func image(_ kind: FileKind) throws(CommandFailure) -> RAMImage {
            let file = try open()
            guard file.isSeekable else {
                throw CommandFailure(
                    status: CommandFailure.usage, "\(output): an image needs a regular file",
                    hint: "pages come in any order, so a pipe can't take them")
            }
            // A BER file may have channels in it.
            guard !channels.channels.isEmpty || kind == .migrationBER else { return RAMImage(file) }
            return RAMImage(file, epochs: try open())
        }

        private func open() throws(CommandFailure) -> OutputFile {
            do { return try OutputFile(path: output) } catch {
                throw CommandFailure(error, file: output)
            }
        }
    }
}
