import ASN1
import SchemaValidation

/// Module text: findings or a schema that can be listed and run.
enum SchemaTextProperties {
    /// Types of a text that are compiled to programs.
    private static let typeLimit = 8

    @Sendable static func check(_ input: [UInt8]) throws -> String {
        var compiler = SchemaCompiler()
        compiler.keepsFaultySchemas = true
        let result = compiler.compile([SourceFile(name: "input", bytes: input)])
        let lines = input.count { $0 == 0x0a || $0 == 0x0d } + 1
        for diagnostic in result.diagnostics {
            try expect(!diagnostic.message.isEmpty, "a finding without a message")
            // Each line end that X.680 12.1.6 knows begins a line: there are no more than these.
            try expect(
                diagnostic.location.line <= lines + input.count,
                "a finding behind the text: \(diagnostic)")
        }
        guard let schema = result.schema else {
            try expect(!result.errors.isEmpty, "no schema and no error")
            return "\(result.errors.first?.code.rawValue ?? "")"
        }
        try expect(!SchemaListing(schema).text.isEmpty || schema.modules.isEmpty, "no listing")
        for name in ValidationProgram.outermostTypes(schema).prefix(typeLimit) {
            guard let type = schema.type(named: name) else { continue }
            for rules in ValueRules.allCases {
                let program = ValidationProgram(schema, type: type, name: name, rules: rules)
                for octets: [UInt8] in [
                    [0x30, 0], [0x30, 0x80, 0, 0], [2, 1, 5], [0x0c, 2, 0x41, 0x42],
                    [0x31, 6, 0x80, 1, 1, 0x81, 1, 2], [0xa0, 5, 0x30, 3, 1, 1, 0xff],
                ] {
                    _ = SchemaValidator.validate(octets: octets, program)
                }
            }
        }
        return result.errors.isEmpty ? "read" : "\(result.errors.first?.code.rawValue ?? "")"
    }
}
