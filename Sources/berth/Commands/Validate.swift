import ASN1
import ArgumentParser
import ByteIO
import SchemaValidation

struct Validate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check a BER file against a schema.",
        discussion: """
            One pass, a few MiB of memory, files and pipes of any size. Each finding tells the \
            octet, the path in the value and the rule's place in the schema; berth explain CODE \
            tells more. Exit status: 0 valid; 1 not; 2 the input or the schema can't be read.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case human, line
    }

    @OptionGroup var input: InputOptions
    @OptionGroup var schema: SchemaOptions

    @Flag(help: "The input is several values one after another.")
    var sequence = false

    @Option(help: ArgumentHelp("Errors after which it gives up.", valueName: "number"))
    var maxErrors = 20

    @Option(help: "How findings are told: human, or line (one line each).")
    var format = Format.human

    @Flag(help: "Print JSON, an object a line for each finding, then a summary.")
    var json = false

    func validate() throws {
        guard maxErrors > 0 else { throw ValidationError("--max-errors wants at least 1.") }
    }

    mutating func run() throws {
        var options = schema
        options.yieldInput(to: &input)
        schema = options
        var source = try input.openInside()
        let (program, files) = try schema.program(&source, input)
        var limits = ValidationLimits()
        limits.findings = maxErrors
        let outcome: SchemaValidator.Outcome
        do {
            outcome = try SchemaValidator.validate(
                source, program, isSequence: sequence, limits: limits)
        } catch {
            throw CommandFailure(error, file: input.name)
        }
        let text = FindingText(file: input.name, schemas: files)
        for finding in outcome.findings {
            if json {
                try TextOutput.write(text.json(finding) + "\n")
            } else if format == .line {
                try TextOutput.write(text.line(finding) + "\n")
            } else {
                try TextOutput.write(text.human(finding))
            }
        }
        if json {
            try TextOutput.write(text.summary(outcome, program) + "\n")
        } else if format == .human, !input.quiet {
            try TextOutput.write(verdict(outcome, program, files.first?.name))
        }
        if !outcome.isValid { throw CommandFailure(status: 1, "") }
    }

    private func verdict(
        _ outcome: SchemaValidator.Outcome, _ program: ValidationProgram, _ schema: String?
    ) -> String {
        let what =
            schema.map { "\(program.typeName) by \($0)" }
            ?? "\(program.rules.rawValue.uppercased())"
        guard outcome.isValid else {
            let count = outcome.findings.count { $0.severity == .error }
            return "\(input.name): not valid: \(count) error\(count == 1 ? "" : "s")"
                + (outcome.isCutShort ? ", then given up" : "") + "\n"
        }
        return "\(input.name): valid \(what), \(outcome.elements) elements, "
            + "\(outcome.octets) octets\n"
    }
}
