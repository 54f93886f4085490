import ASN1
import ArgumentParser
import BER
import ByteIO
import Glibc
import Inspection
import SchemaValidation
import SystemPackage

struct Dump: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump",
        abstract: "List what is in a BER file.",
        discussion: """
            raw, without a schema: offset, octets of head and content, tag and the beginning of \
            each value, for files of any size and depth. tree, json (X.697) and xml (X.693): names \
            and values by the schema, in one pass; what breaks the schema is told on standard \
            error, and the exit status is 1.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case raw, tree, json, xml
    }

    @OptionGroup var input: InputOptions

    @OptionGroup var schema: SchemaOptions

    @Option(help: "How to list: raw, tree, json or xml. tree if a schema is given, else raw.")
    var format: Format?

    @Flag(help: "Print JSON: with raw an object a line for each element.")
    var json = false

    @Flag(help: "The input is several values one after another.")
    var sequence = false

    @Option(
        help: ArgumentHelp(
            "List only what is under this: top[3].min. May be given several times.",
            valueName: "path"))
    var path: [String] = []

    @Flag(help: "Show long strings whole in a tree.")
    var full = false

    @Option(
        help: ArgumentHelp("How many elements may stand inside each other.", valueName: "levels"))
    var maxDepth: Int = RawDumper.depthLimit

    func validate() throws {
        guard maxDepth > 0 else { throw ValidationError("--max-depth wants at least 1.") }
        for path in path where PathText.parse(path, typeName: "") == nil {
            throw ValidationError("--path wants names and indexes: top[3].min")
        }
    }

    private static func hint(_ code: BERError.Code) -> String? {
        switch code {
        case .truncated: "the file was cut off, or it is no BER"
        case .depth: "--max-depth raises the limit"
        default: nil
        }
    }

    mutating func run() throws {
        var options = schema
        options.yieldInput(to: &input)
        schema = options
        let usual: Format = schema.schemaFiles.isEmpty && path.isEmpty ? .raw : .tree
        switch format ?? usual {
        case .raw: try listRaw()
        case .tree: json ? try listValues(.json) : try listValues(.tree)
        case .json: try listValues(.json)
        case .xml: try listValues(.xml)
        }
    }

    /// With names and values, by the schema.
    private func listValues(_ format: Format) throws {
        var source = try input.openInside()
        let (program, files) = try schema.program(&source, input)
        let sink = TextSink(ByteSink(descriptor: .standardOutput, path: "standard output"))
        let outcome: SchemaValidator.Outcome?
        switch format {
        case .json: outcome = try list(source, program, JSONListener(program, to: sink), sink)
        case .xml: outcome = try list(source, program, XMLListener(program, to: sink), sink)
        default:
            outcome = try list(
                source, program, TreeListener(program, to: sink, isFull: full), sink)
        }
        guard let outcome else { return }
        let text = FindingText(file: input.name, schemas: files)
        for finding in outcome.findings { StandardError.line("berth: " + text.line(finding)) }
        if !outcome.isValid { throw CommandFailure(status: 1, "") }
    }

    private func list(
        _ source: consuming ByteSource, _ program: ValidationProgram,
        _ listener: some ValueListener,
        _ sink: TextSink
    ) throws -> SchemaValidator.Outcome? {
        do throws(ByteIOError) {
            let outcome: SchemaValidator.Outcome
            if !path.isEmpty {
                let paths = path.compactMap { PathText.parse($0, typeName: program.typeName) }
                var filter = PathFilter(listener, program: program, paths: paths)
                outcome = try SchemaValidator.run(
                    source, program, isSequence: sequence, listener: &filter)
                for (path, isFound) in zip(path, filter.hasMatched) where !isFound {
                    StandardError.line("berth: \(input.name): there is no \(path)")
                }
            } else {
                var listener = listener
                outcome = try SchemaValidator.run(
                    source, program, isSequence: sequence, listener: &listener)
            }
            try sink.flush()
            return outcome
        } catch {
            // A reader that has seen enough (`| head`) is no error.
            if error.errno == .brokenPipe { return nil }
            throw CommandFailure(error, file: input.name)
        }
    }

    private func listRaw() throws {
        let source = try input.openInside()
        let sink = ByteSink(descriptor: .standardOutput, path: "standard output")
        var dumper = RawDumper(source, to: sink, asJSON: json, depthLimit: maxDepth)
        do throws(RawDumpError) {
            try dumper.run()
        } catch {
            switch error {
            case .output(let failure):
                // A reader that has seen enough (`| head`) is no error.
                if failure.errno == .brokenPipe { return }
                throw CommandFailure(failure, file: "standard output")
            case .input(let failure):
                if let io = failure.io { throw CommandFailure(io, file: input.name) }
                throw CommandFailure(
                    status: CommandFailure.unusable,
                    "\(input.name): offset 0x\(String(failure.at, radix: 16)): "
                        + "expected BER, found \(failure.code.rawValue) "
                        + "in the element at 0x\(String(failure.element, radix: 16))"
                        + (failure.detail.isEmpty ? "" : ": \(failure.detail)"),
                    hint: Self.hint(failure.code))
            }
        }
    }
}
