import ASN1
import Foundation
import Testing

/// The verdicts of the public suite, as its index gives them.
struct SuiteTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let file: String
        let dependencies: [String]
        let verdict: String
        let line: Int?
        var testDescription: String { file }
    }

    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    /// What the standard decides otherwise: docs/asn1-suite-notes.md tells why.
    static let argued: Set<String> = ["asn1tools/all_types.asn"]

    static let rows: [Row] = {
        guard
            let index = try? String(
                contentsOf: directory.appendingPathComponent("index.tsv"), encoding: .utf8)
        else { return [] }
        return index.split(separator: "\n").dropFirst().map { line in
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(
                String.init)
            return Row(
                file: columns[0], dependencies: columns[1].split(separator: " ").map(String.init),
                verdict: columns[4],
                line: columns[5].split(separator: ":").first.flatMap { Int($0) })
        }
    }()

    @Test("The index of the suite is read whole")
    func indexIsThere() { #expect(Self.rows.count == 73) }

    @Test("Each verdict of the suite and each line that it gives is met", arguments: rows)
    func verdict(_ row: Row) throws {
        let files = try ([row.file] + row.dependencies).map { name in
            SourceFile(
                name: name,
                bytes: [UInt8](try Data(contentsOf: Self.directory.appendingPathComponent(name))))
        }
        let result = SchemaCompiler().compile(files)
        let found =
            result.errors.isEmpty
            ? "parse-ok"
            : result.errors.contains { $0.code.isSyntax } ? "syntax-error" : "semantic-error"
        if Self.argued.contains(row.file) {
            #expect(found != row.verdict)
        } else {
            #expect(found == row.verdict, "\(result.errors.first?.line ?? "")")
            #expect((result.schema != nil) == (row.verdict == "parse-ok"))
        }
        if let line = row.line { #expect(result.errors.contains { $0.location.line == line }) }
    }
}
