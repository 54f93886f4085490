import ArgumentParser
import ByteIO
import Inspection
import Migration
import QEMUStream

extension RAMCommand {
    struct Extract: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write RAM blocks as a raw image.",
            discussion: """
                One block with --block, or all of them, one behind the other in the stream's order; \
                standard output tells where each lies. The last state of each page counts. Pages \
                that were not sent, and zero ones, are holes of the file.
                """)

        @OptionGroup var input: InputOptions
        @OptionGroup var channels: ChannelOptions
        @OptionGroup var reading: ReadingOptions

        @Option(
            name: .shortAndLong, help: "The output, a file: pages come in any order.",
            completion: .file())
        var output: String

        @Option(help: ArgumentHelp("The block, as berth info names it.", valueName: "name"))
        var block: String?

        @Flag(help: "Print where the blocks lie as JSON.")
        var json = false

        private struct Line: Encodable {
            var name: String
            var offset: UInt64
            var length: UInt64
        }

        func run() throws {
            var source = try input.openInside()
            let kind = try channels.kind(of: &source, input)
            let size = source.size
            let quiet = input.quiet
            var visitor = ProgressVisitor(
                RAMImageVisitor(try image(kind), block: block),
                Progress(total: size, quiet: quiet))
            var version: Int?
            var position: UInt64 = 0
            let options: (String) -> StreamOptions = { name in
                reading.options { warning in
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
            let result = visitor.finish()
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
            try tell(places)
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

        private func tell(_ places: [RAMImage.Place]) throws(CommandFailure) {
            if json {
                let lines = places.map {
                    Line(name: $0.block.name, offset: $0.offset, length: $0.block.length)
                }
                return try TextOutput.write(try TextOutput.json(lines))
            }
            guard !input.quiet else { return }
            var text = ""
            for place in places {
                let offset = String(place.offset, radix: 16)
                let length = String(place.block.length, radix: 16)
                text += "0x\(offset) 0x\(length) \(place.block.name)\n"
            }
            try TextOutput.write(text)
        }
    }
}
