import ASN1
import Testing

/// Every code has a text that brings it up.
struct CodeCoverageTests {
    /// Texts for the codes that need none elsewhere: limits, and what is warned of only.
    static let others: [(text: String, code: DiagnosticCode)] = [
        ("", .emptyFile),
        (
            header + "A ::= " + String(repeating: "SEQUENCE OF ", count: 200) + "NULL END",
            .nestingLimit
        ),
        (header + "A" + String(repeating: "a", count: 2000) + " ::= NULL END", .identifierLimit),
        (header + "a INTEGER ::= " + String(repeating: "9", count: 3000) + " END", .numberLimit),
        (
            header + (0..<200).map { "T\($0) ::= T\($0 + 1)\n" }.joined() + "T200 ::= NULL END",
            .referenceLimit
        ),
        (
            header + "IMPORTS A, A FROM N; B ::= A END N DEFINITIONS ::= BEGIN A ::= NULL END",
            .duplicateImport
        ),
        (header + "A ::= B.&c END", .undefinedClass),
        (header + "C ::= CLASS {&a NULL} c C ::= d END", .undefinedObject),
        (header + "A ::= [UNIVERSAL 5] NULL END", .universalTag),
        (header + "C ::= CLASS {&a NULL} A ::= C.&a ({S}) END", .undefinedObjectSet),
        (header + "A ::= SEQUENCE {B NULL} END", .badIdentifier),
        (header + "DATE ::= NULL END", .reservedWord),
        (header + "EXPORTS A A ::= NULL END", .missingSemicolon),
        (header + "a INTEGER ::= 01 END", .leadingZero),
        (header + "A MACRO ::= BEGIN x END END", .macroSkipped),
        (header + "a BOOLEAN ::= <BOOLEAN><true/></BOOLEAN> END", .xmlSkipped),
        (header + "ENCODING-CONTROL PER END", .encodingControlSkipped),
        (
            "M {1 2 3} DEFINITIONS ::= BEGIN END M {1 2 4} DEFINITIONS ::= BEGIN END",
            .duplicateModuleName
        ),
        (header + "IMPORTS A FROM N; END N DEFINITIONS ::= BEGIN A ::= NULL END", .unusedImport),
        (header + "c CHOICE {a NULL} ::= b:NULL END", .undefinedComponent),
    ]
    private static let header = "M DEFINITIONS ::= BEGIN "

    @Test("A text brings up its code", arguments: others.indices)
    func code(_ index: Int) {
        let (text, code) = Self.others[index]
        let result = compile(text)
        #expect(
            result.diagnostics.contains { $0.code == code }, "\(result.diagnostics.map(\.line))")
    }

    @Test("Limits that need large texts are found when they are made small")
    func limits() {
        var limits = CompilerLimits()
        limits.fileBytes = 10
        #expect(codes("M DEFINITIONS ::= BEGIN END", limits).contains(.fileLimit))
        limits = CompilerLimits()
        limits.types = 3
        #expect(
            codes("M DEFINITIONS ::= BEGIN A ::= SEQUENCE {a NULL, b REAL, c [0] NULL} END", limits)
                .contains(.schemaLimit))
        limits = CompilerLimits()
        limits.setTerms = 2
        #expect(
            codes(
                "M DEFINITIONS ::= BEGIN C ::= CLASS {&a INTEGER} S C ::= {{&a 1} | {&a 2} | {&a 3}} END",
                limits
            ).contains(.setLimit))
    }

    private func codes(_ text: String, _ limits: CompilerLimits) -> Set<DiagnosticCode> {
        let compiler = SchemaCompiler(limits: limits)
        return Set(compiler.compile([SourceFile(name: "m", text: text)]).diagnostics.map(\.code))
    }

    @Test("No code is without a text")
    func allCodes() {
        var covered: Set<DiagnosticCode> = [.fileLimit, .schemaLimit, .setLimit]
        covered.formUnion(Self.others.map(\.code))
        covered.formUnion(DiagnosticTests.faults.map(\.code))
        covered.formUnion(DiagnosticTests.departures.map(\.1))
        for rules in [RuleTests.faults, RuleTests.departures, RuleTests.notes] {
            covered.formUnion(rules.map(\.code))
        }
        #expect(Set(DiagnosticCode.allCases).subtracting(covered).isEmpty)
    }
}
