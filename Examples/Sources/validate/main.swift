// Checks any BER file against any ASN.1 module: validate MODULE.asn TYPE FILE.
import ASN1
import ByteIO
import Foundation
import SchemaValidation

let arguments = CommandLine.arguments
guard arguments.count == 4 else { fatalError("usage: validate MODULE.asn TYPE FILE") }

let text = try String(contentsOfFile: arguments[1], encoding: .utf8)
let result = SchemaCompiler().compile([SourceFile(name: arguments[1], text: text)])
for diagnostic in result.diagnostics { print(diagnostic.message) }

if let schema = result.schema, let type = schema.type(named: arguments[2]) {
    let program = ValidationProgram(schema, type: type, name: arguments[2], rules: .ber)
    let outcome = try SchemaValidator.validate(try ByteSource(path: arguments[3]), program)
    for finding in outcome.findings {
        print("\(finding.offset): \(finding.pathText): \(finding.message)")
    }
    print(outcome.isValid ? "valid" : "not valid", "\(outcome.elements) elements")
}
