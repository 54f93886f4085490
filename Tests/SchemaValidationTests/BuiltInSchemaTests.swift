import Foundation
import SchemaValidation
import Testing

struct BuiltInSchemaTests {
    @Test("The schemas in the binary are those in Schemas/", arguments: BuiltInSchema.allCases)
    func sameText(_ schema: BuiltInSchema) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appendingPathComponent("Schemas/\(schema.fileName)")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(schema.text == text)
    }

    @Test("Each code is explained in full", arguments: ValidationCode.allCases)
    func explained(_ code: ValidationCode) {
        let text = code.explanation
        for part in [text.summary, text.clause, text.cause, text.remedy] { #expect(!part.isEmpty) }
    }
}
