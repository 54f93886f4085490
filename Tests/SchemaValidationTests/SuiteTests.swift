import ASN1
import ByteIO
import Foundation
import SchemaValidation
import Testing

/// The verdicts of the public suite of encodings, as its index gives them.
struct SuiteTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var file: String
        var schema: String
        var type: String
        var rules: String
        var verdict: String
        var framing: String
        var code: String
        var offset: String
        var at: String
        var path: String
        var testDescription: String { file }
    }

    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    static let rows: [Row] = {
        guard
            let index = try? String(
                contentsOf: directory.appendingPathComponent("index.tsv"), encoding: .utf8)
        else { return [] }
        return index.split(separator: "\n").dropFirst().map { line in
            var columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(
                String.init)
            while columns.count < 13 { columns.append("") }
            return Row(
                file: columns[0], schema: columns[3], type: columns[4], rules: columns[5],
                verdict: columns[6], framing: columns[7], code: columns[8], offset: columns[9],
                at: columns[10], path: columns[11])
        }
    }()

    /// What the standard decides otherwise: docs/asn1-suite-notes.md tells why.
    static let argued: Set<String> = [
        "asn1c/sample-MessageFrame-1.der", "asn1tools/any_defined_by_integer-03.ber",
        "swift-asn1/ASN1PKCS8PrivateKeyP521-3.der", "swift-asn1/ASN1SEC1PrivateKeyP256-3.der",
        "swift-asn1/ASN1SEC1PrivateKeyP384-3.der", "swift-asn1/SimpleASN1P256SPKI-2.der",
        "swift-asn1/ASN1TypesRequireAppropriateTypeIdentifierToDecode.der",
        "swift-asn1/EmptyBitstring.der", "swift-asn1/ParseBEREncodedOctetString-2.der",
    ]

    /// Heads alone, of elements whose content isn't there.
    static let heads = rows.filter { $0.rules == "DER-header" }
    static let values = rows.filter { $0.rules != "DER-header" }

    @Test("The index of the suite is read whole")
    func indexIsThere() { #expect(Self.rows.count == 194) }

    static func program(_ row: Row) throws -> ValidationProgram {
        let rules: ValueRules = row.rules == "DER" ? .der : .ber
        guard row.schema != "-" else {
            return try #require(ValidationProgram.anything(rules: rules))
        }
        let url = directory.appendingPathComponent(row.schema)
        let alternatives = [url, directory.appendingPathComponent("asn1tools/\(row.schema)")]
        let found = try #require(
            alternatives.first { FileManager.default.fileExists(atPath: $0.path) }, "\(row.schema)")
        let file = SourceFile(name: row.schema, bytes: [UInt8](try Data(contentsOf: found)))
        var compiler = SchemaCompiler()
        // all_types.asn has faults in types that no vector uses.
        compiler.keepsFaultySchemas = true
        let result = compiler.compile([file])
        let schema = try #require(result.schema)
        let type = try #require(schema.type(named: row.type))
        return ValidationProgram(schema, type: type, name: row.type, rules: rules)
    }

    @Test("Each verdict of the suite is met, with code, offset and path", arguments: values)
    func verdict(_ row: Row) throws {
        let program = try Self.program(row)
        let octets = [UInt8](
            try Data(contentsOf: Self.directory.appendingPathComponent(row.file)))
        let outcome = SchemaValidator.validate(octets: octets, program)
        let errors = outcome.findings.filter { $0.severity == .error }
        let first = errors.first
        if Self.argued.contains(row.file) {
            #expect(errors.isEmpty != (row.verdict == "ok"))
            return
        }
        #expect(
            errors.isEmpty == (row.verdict == "ok"),
            "\(first.map { "\($0.code) \($0.offset) \($0.pathText) \($0.message)" } ?? "no error")")
        guard !row.code.isEmpty, let first else { return }
        #expect(
            row.code.split(separator: "|").contains(Substring(first.code.rawValue)),
            "\(first.code) \(first.message)")
        #expect("\(first.offset)" == row.offset)
        #expect("\(first.at)" == row.at)
        #expect(first.pathText == row.path)
    }

    /// What the framing alone says about a head: good unless one of these is found.
    @Test(
        "Each head of the suite is judged by the rules of identifier and length", arguments: heads)
    func head(_ row: Row) throws {
        let program = try #require(ValidationProgram.anything(rules: .der))
        let octets = [UInt8](
            try Data(contentsOf: Self.directory.appendingPathComponent(row.file)))
        let outcome = SchemaValidator.validate(octets: octets, program)
        let isCut = outcome.findings.first.map { $0.code == .truncated && $0.at > 1 } ?? true
        // The content isn't there, nor is what end-of-contents would end.
        let isGood =
            isCut || outcome.findings.first?.contentOffset == UInt64(octets.count)
            || row.framing.hasPrefix("integer-empty") || row.framing.hasPrefix("unexpected-eoc")
        if row.verdict == "ok" {
            #expect(isGood, "\(outcome.findings.first?.message ?? "")")
        } else {
            #expect(!outcome.isValid)
        }
    }
}
