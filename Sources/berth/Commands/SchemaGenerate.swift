import ArgumentParser
import ByteIO
import Inspection
import Migration
import QEMUStream
import SchemaValidation
import SystemPackage

extension SchemaCommand {
    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "generate",
            abstract: "Write an ASN.1 module that describes the devices of a stream.",
            discussion: """
                In the module each device is a SEQUENCE with its own field names and ranges, tied to \
                its section by an information object set. It describes the same octets as Berth's \
                schema of version 4, so berth validate --schema MODULE vm.ber finds the device \
                whose shape or range differs. Several inputs of one machine give one module that \
                allows what any of them has. Subsections and devices that no input has are findings.
                An input may also be what QEMU's -dump-vmstate writes: the module then holds for \
                that machine type with any devices, as far as such a file tells.
                """)

        @Argument(
            help: "Streams, BER files or -dump-vmstate files; - is standard input.",
            completion: .file())
        var inputs: [String] = ["-"]

        @Option(name: .shortAndLong, help: "The output. Without: standard output.")
        var output: String?

        @Option(
            help: ArgumentHelp(
                "Machine types that the module allows, in place of the inputs' own.",
                valueName: "name"))
        var machine: [String] = []

        @Flag(name: .shortAndLong, help: "No warnings and no progress.")
        var quiet = false

        @OptionGroup var reading: ReadingOptions

        func run() throws {
            var catalog = DeviceCatalog()
            for name in inputs {
                let input = InputOptions.of(name, quiet: quiet)
                catalog = try add(input, to: catalog)
            }
            guard !(catalog.hasDump && catalog.hasSections) else {
                throw ValidationError(
                    "a -dump-vmstate file tells of devices in any place, a stream of those in "
                        + "theirs: one module can't be made of both")
            }
            if !machine.isEmpty { catalog.replaceMachines(with: machine) }
            let module: GeneratedModule
            do throws(GeneratedModule.Failure) {
                module = try GeneratedModule(
                    catalog, base: BuiltInSchema.version4.text, producer: Product.producer,
                    source: inputs.map { $0 == "-" ? "standard input" : $0 }
                        .joined(separator: ", "))
            } catch {
                switch error {
                case .noDevices:
                    throw CommandFailure(
                        status: CommandFailure.unusable,
                        "\(inputs.joined(separator: ", ")): no device section is in there")
                case .unknownBase(let assignment):
                    throw CommandFailure(
                        status: CommandFailure.unusable,
                        "the built-in schema has no \(assignment) that could be replaced")
                }
            }
            if !quiet, module.opaque > 0 {
                StandardError.line(
                    "berth: warning: \(module.opaque) of \(module.opaque + module.described) "
                        + "devices have no description: they stay OCTET STRINGs")
            }
            guard let output else { return try TextOutput.write(module.text) }
            try write(module.text, to: output)
        }

        private func write(_ text: String, to path: String) throws(CommandFailure) {
            do throws(ByteIOError) {
                let file = try OutputFile(path: path)
                do { try file.descriptor.writeAll(text.utf8) } catch {
                    throw ByteIOError(.write, errno: error as? Errno ?? .ioError, path: path)
                }
                try file.commit()
            } catch {
                throw CommandFailure(error, file: path)
            }
        }

        private func add(
            dump source: consuming ByteSource, _ name: String, to catalog: consuming DeviceCatalog
        ) throws(CommandFailure) -> DeviceCatalog {
            var source = source
            let text = try DumpFile.content(of: &source, name)
            catalog.add(try DumpFile.description(text, name))
            return catalog
        }

        private func add(
            _ input: InputOptions, to catalog: consuming DeviceCatalog
        ) throws(CommandFailure) -> DeviceCatalog {
            var source = try input.openInside()
            let kind = try input.kind(of: &source)
            if kind == .vmstateDump { return try add(dump: source, input.name, to: catalog) }
            let name = input.name
            let isQuiet = quiet
            let options = reading.options { warning in
                if !isQuiet { StandardError.line("berth: warning: \(name): \(warning)") }
            }
            let size = source.size
            var visitor = ProgressVisitor(
                CatalogVisitor(catalog), Progress(total: size, quiet: quiet))
            var version: Int?
            var position: UInt64 = 0
            do throws(MigrationError) {
                try InputReader.read(
                    source, kind: kind, options: options, into: &visitor, schemaVersion: &version,
                    position: &position)
            } catch {
                throw CommandFailure(error, file: name)
            }
            return visitor.finish().finish()
        }
    }
}
