import ASN1
import Testing

/// What modules of other compilers' making say of types that are built in.
@Suite("Names of built-in types")
struct BuiltInNamesTests {
    private func codes(_ text: String, isStrict: Bool = false) -> [String] {
        let result = SchemaCompiler(isStrict: isStrict).compile([
            SourceFile(name: "m.asn", text: text)
        ])
        return result.errors.map { $0.code.rawValue }
    }

    // As libtasn1's pkix.asn and eSNACC's asn-useful.asn1 do it.
    private let module = """
        M DEFINITIONS IMPLICIT TAGS ::= BEGIN
        VisibleString ::= [UNIVERSAL 26] IMPLICIT OCTET STRING
        A ::= SEQUENCE { name VisibleString (SIZE (1..5)) }
        END
        """

    @Test("A module may define a string type that is built in, with a warning")
    func redefined() {
        #expect(codes(module).isEmpty)
        #expect(!codes(module, isStrict: true).isEmpty)
    }

    // X.680 38.4.4, used by X.694's module XSD.
    @Test("A duration has components to be constrained, an INTEGER has none")
    func duration() {
        #expect(
            codes(
                "M DEFINITIONS ::= BEGIN A ::= DURATION (WITH COMPONENTS {..., seconds ABSENT}) END"
            ).isEmpty)
        #expect(
            codes("M DEFINITIONS ::= BEGIN A ::= INTEGER (WITH COMPONENTS {..., b ABSENT}) END")
                == ["constraint-sense"])
    }
}
