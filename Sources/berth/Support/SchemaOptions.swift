import ASN1
public import ArgumentParser
import ByteIO
import Inspection
public import SchemaValidation

/// Which schema, and which of its types.
struct SchemaOptions: ParsableArguments {
    @Option(
        name: .customLong("schema"), parsing: .upToNextOption,
        help: ArgumentHelp(
            "Module texts that belong together. Without: the schema of Berth's own files, version 3 "
                + "or 4 as the input says; an input of another kind is checked as BER alone.",
            valueName: "file"),
        completion: .file(extensions: ["asn", "asn1"]))
    var schemaFiles: [String] = []

    @Option(help: ArgumentHelp("The type of the input, or Module.Type.", valueName: "name"))
    var type: String?

    @Option(help: "The encoding rules that the input has to keep: ber, cer or der.")
    var rules = ValueRules.ber

    /// `--schema a.asn vm.ber`: the last file is the input if none is named and it is no module text.
    mutating func yieldInput(to input: inout InputOptions) {
        guard input.input == "-", schemaFiles.count > 1, let last = schemaFiles.last,
            var source = try? ByteSource(path: last), (try? source.ensure(64 << 10)) != nil
        else { return }
        let text = source.window.extracting(first: min(source.available, 64 << 10)).octets
        let sign = Array("::=".utf8)
        for start in text.indices.dropLast(sign.count - 1)
        where text[start] == sign[0] && Array(text[start..<start + sign.count]) == sign {
            return
        }
        schemaFiles.removeLast()
        input.input = last
    }

    /// The program for an input, and the texts that it was made from.
    func program(
        _ source: inout ByteSource, _ input: InputOptions
    ) throws(CommandFailure) -> (ValidationProgram, [SourceFile]) {
        if schemaFiles.isEmpty { return try builtIn(&source, input) }
        let files = try SchemaFiles.read(schemaFiles)
        return (try compile(files, quiet: input.quiet), files)
    }

    private func builtIn(
        _ source: inout ByteSource, _ input: InputOptions
    ) throws(CommandFailure) -> (ValidationProgram, [SourceFile]) {
        do { try source.ensure(FileKind.probeSize) } catch {
            throw CommandFailure(error, file: input.name)
        }
        if let found = BuiltInSchema.detect(source.window) ?? (type == nil ? nil : .version4) {
            let result = SchemaCompiler().compile([found.file])
            if let schema = result.schema {
                let name = type ?? BuiltInSchema.typeName
                return (try program(schema, named: name), [found.file])
            }
        }
        let kind = try input.kind(of: &source)
        switch kind {
        case .unknown, .migrationBER, .empty: break
        default:
            throw CommandFailure(
                status: CommandFailure.unusable,
                "\(input.name): this is no BER but a \(kind.rawValue)",
                hint: kind == .binaryStream ? "berth encode makes BER of it" : nil)
        }
        guard let program = ValidationProgram.anything(rules: rules) else {
            throw CommandFailure(status: CommandFailure.unusable, "there is no schema")
        }
        return (program, [])
    }

    private func compile(
        _ files: [SourceFile], quiet: Bool
    ) throws(CommandFailure) -> ValidationProgram {
        var compiler = SchemaCompiler()
        compiler.keepsFaultySchemas = true
        let result = compiler.compile(files)
        guard let schema = result.schema else { throw SchemaFiles.failure(result.errors) }
        let name: String
        if let type { name = type } else { name = try onlyType(schema) }
        let program = try program(schema, named: name)
        if !result.errors.isEmpty {
            // Faults elsewhere in the text don't hinder.
            if program.uses(anyOf: result.errors.map(\.location)) {
                throw SchemaFiles.failure(result.errors)
            }
            if !quiet {
                for error in result.errors {
                    StandardError.line("berth: warning: \(error.line) (not in what \(name) uses)")
                }
            }
        }
        return program
    }

    private func program(
        _ schema: Schema, named name: String
    ) throws(CommandFailure) -> ValidationProgram {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        let found =
            parts.count == 2
            ? schema.type(named: parts[1], in: parts[0]) : schema.type(named: name)
        guard let found else {
            throw CommandFailure(
                status: CommandFailure.usage, "the schema has no type \(name)",
                hint: "it has " + SchemaFiles.list(schema.names.map(\.name)))
        }
        return ValidationProgram(schema, type: found, name: parts.last ?? name, rules: rules)
    }

    /// The type that no other uses, if there is one such.
    private func onlyType(_ schema: Schema) throws(CommandFailure) -> String {
        let roots = ValidationProgram.outermostTypes(schema)
        if roots.count == 1, let name = roots.first { return name }
        if roots.contains(BuiltInSchema.typeName) { return BuiltInSchema.typeName }
        throw CommandFailure(
            status: CommandFailure.usage, "which type is the input of?",
            hint: "name one with --type: " + SchemaFiles.list(roots))
    }
}

extension ValueRules: ExpressibleByArgument {}

/// Module texts from files.
enum SchemaFiles {
    /// Names that a hint lists.
    static let listLimit = 12

    static func read(_ paths: [String]) throws(CommandFailure) -> [SourceFile] {
        var files: [SourceFile] = []
        for path in paths {
            do {
                var source = try ByteSource(path: path)
                while try source.extend() {}
                files.append(
                    SourceFile(name: path, bytes: source.window.octets))
            } catch {
                throw CommandFailure(error, file: path)
            }
        }
        return files
    }

    static func failure(_ errors: [Diagnostic]) -> CommandFailure {
        for error in errors { StandardError.line(error.line) }
        return CommandFailure(
            status: CommandFailure.unusable,
            "the schema has \(errors.count) error\(errors.count == 1 ? "" : "s")",
            hint: "berth schema check tells more")
    }

    static func list(_ names: [String]) -> String {
        let shown = names.prefix(listLimit).joined(separator: ", ")
        return names.count > listLimit ? "\(shown), … (\(names.count) in all)" : shown
    }
}
