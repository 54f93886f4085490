import ASN1
import ArgumentParser
import SchemaValidation

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Check, print and generate ASN.1 modules.",
        subcommands: [Check.self, Print.self, Generate.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Compile module texts, and tell all that is wrong with them.",
            discussion: """
                All files are taken together: imports are looked for in each. What the standard \
                forbids but other tools accept is a warning, and with --strict an error. Exit \
                status: 0 good; 1 faults; 2 a file can't be read.
                """)

        @Argument(help: "The files.", completion: .file(extensions: ["asn", "asn1"]))
        var files: [String]

        @Flag(help: "Accept only what the standard allows.")
        var strict = false

        @Flag(help: "Print JSON, an object a line for each finding, then a summary.")
        var json = false

        @Flag(name: .shortAndLong, help: "No warnings.")
        var quiet = false

        func run() throws {
            let sources = try SchemaFiles.read(files)
            let result = SchemaCompiler(isStrict: strict).compile(sources)
            for diagnostic in result.diagnostics {
                if quiet, diagnostic.severity == .warning { continue }
                try TextOutput.write(
                    (json ? SchemaText.json(diagnostic) : diagnostic.rendered) + "\n")
            }
            let errors = result.errors.count
            let warnings = result.warnings.count
            if json {
                try TextOutput.write(
                    "{\"summary\":{\"files\":\(files.count),\"errors\":\(errors),"
                        + "\"warnings\":\(warnings),\"types\":\(result.schema?.names.count ?? 0)}}\n"
                )
            } else if let schema = result.schema {
                try TextOutput.write(
                    "\(schema.modules.count) module\(schema.modules.count == 1 ? "" : "s"), "
                        + "\(schema.names.count) types, \(schema.values.count) values: good"
                        + (warnings > 0 ? ", \(warnings) warning\(warnings == 1 ? "" : "s")" : "")
                        + "\n")
            } else {
                try TextOutput.write("\(errors) error\(errors == 1 ? "" : "s")\n")
            }
            if errors > 0 { throw CommandFailure(status: 1, "") }
        }
    }

    struct Print: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "print",
            abstract: "Print modules as they were understood.",
            discussion: """
                Each type with its tags on the wire, the octets of large ones, and the constraints \
                in force. Without files: the schema of Berth's own files, version 4.
                """)

        @Argument(help: "The files.", completion: .file(extensions: ["asn", "asn1"]))
        var files: [String] = []

        @Option(help: ArgumentHelp("The built-in schema, 3 or 4.", valueName: "version"))
        var schemaVersion = 4

        @Flag(help: "Print the module text itself, of a built-in schema.")
        var text = false

        func run() throws {
            guard let builtIn = BuiltInSchema(rawValue: schemaVersion) else {
                throw CommandFailure(
                    status: CommandFailure.usage, "--schema-version wants 3 or 4")
            }
            if text, files.isEmpty { return try TextOutput.write(builtIn.text) }
            let sources = files.isEmpty ? [builtIn.file] : try SchemaFiles.read(files)
            let result = SchemaCompiler().compile(sources)
            guard let schema = result.schema else { throw SchemaFiles.failure(result.errors) }
            try TextOutput.write(SchemaListing(schema).text)
        }
    }
}

/// Diagnostics for programs.
enum SchemaText {
    static func json(_ diagnostic: Diagnostic) -> String {
        FindingText.object([
            ("severity", FindingText.string(diagnostic.severity.rawValue)),
            ("code", FindingText.string(diagnostic.code.rawValue)),
            ("message", FindingText.string(diagnostic.message)),
            ("file", FindingText.string(diagnostic.file)),
            ("line", "\(diagnostic.location.line)"), ("column", "\(diagnostic.location.column)"),
            ("hint", diagnostic.hint.map { FindingText.string($0) } ?? "null"),
        ])
    }
}
