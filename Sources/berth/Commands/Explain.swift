import ArgumentParser
import SchemaValidation

struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell what an error code of validate means: clause, cause, remedy.")

    @Argument(help: "The code, as in error[size]. None: list them all.")
    var code: String?

    func run() throws {
        guard let code else {
            let width = ValidationCode.allCases.map(\.rawValue.count).max() ?? 0
            for code in ValidationCode.allCases {
                let padding = String(repeating: " ", count: width - code.rawValue.count)
                try TextOutput.write("\(code.rawValue)\(padding)  \(code.explanation.summary)\n")
            }
            return
        }
        guard let known = ValidationCode(rawValue: code) else {
            throw CommandFailure(
                status: CommandFailure.usage, "there is no code \(code)",
                hint: "berth explain lists them")
        }
        let text = known.explanation
        try TextOutput.write(
            """
            \(known.rawValue): \(text.summary)
              clause  \(text.clause)
              cause   \(text.cause)
              remedy  \(text.remedy)

            """)
    }
}
