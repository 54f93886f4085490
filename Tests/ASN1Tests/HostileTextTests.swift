import ASN1
import Testing

/// Texts made to break a compiler. Swift Testing runs these on threads with small stacks.
struct HostileTextTests {
    @Test(
        "Text that nests without end meets the limit on nesting",
        arguments: [
            "A ::= " + String(repeating: "SEQUENCE { a ", count: 20_000),
            "A ::= " + String(repeating: "SEQUENCE OF ", count: 20_000) + "NULL",
            "A ::= INTEGER " + String(repeating: "(", count: 20_000),
            "a A ::= " + String(repeating: "{", count: 20_000),
            "A ::= " + String(repeating: "[1] ", count: 20_000) + "NULL",
            "a A ::= " + String(repeating: "b:", count: 20_000) + "1",
        ])
    func nesting(_ body: String) {
        let result = compile(body: body)
        #expect(result.errors.contains { $0.code == .nestingLimit })
    }

    @Test("Nesting just under the limit is read")
    func deepButLegal() {
        let body = "A ::= " + String(repeating: "SEQUENCE OF ", count: 120) + "NULL"
        #expect(compile(body: body).errors.isEmpty)
    }

    @Test("Long chains of references meet a limit")
    func chains() {
        let types =
            (0..<20_000).map { "T\($0) ::= T\($0 + 1)" }.joined(separator: "\n")
            + "\nT20000 ::= NULL"
        #expect(compile(body: types).errors.contains { $0.code == .referenceLimit })
        let values =
            (0..<2_000).map { "v\($0) INTEGER ::= v\($0 + 1)" }.joined(separator: "\n")
            + "\nv2000 INTEGER ::= 1"
        #expect(compile(body: values).errors.contains { $0.code == .referenceLimit })
    }

    @Test("COMPONENTS OF and selections that multiply or chain meet a limit")
    func structures() {
        let doubled = (0..<40).map {
            "T\($0) ::= SEQUENCE {COMPONENTS OF T\($0 + 1), COMPONENTS OF T\($0 + 1)}"
        }
        #expect(
            !compile(
                body: doubled.joined(separator: "\n") + "\nT40 ::= SEQUENCE {a NULL}",
                tags: "AUTOMATIC TAGS"
            )
            .errors.isEmpty)
        let selections = (0..<5_000).map { "T\($0) ::= a < T\($0 + 1)" }.joined(separator: "\n")
        #expect(
            compile(body: selections + "\nT5000 ::= CHOICE {a NULL}").errors.contains {
                $0.code == .referenceLimit
            })
    }

    @Test("Random octets and random cuts of a good module never trap")
    func noise() {
        let good = Array(
            """
            M {iso(1)} DEFINITIONS AUTOMATIC TAGS ::= BEGIN IMPORTS X FROM Y; C ::= CLASS {&id INTEGER UNIQUE, &T}
            WITH SYNTAX {[&T] ID &id} S C ::= {{ID 1} | {NULL ID 2}, ...} P {C:s, INTEGER:n} ::= SEQUENCE {
            a C.&id ({s}), b C.&T ({s}{@a}), ..., [[ c SET (SIZE (0..n)) OF IA5String (FROM ("a".."z") | "q") ]] }
            Q ::= P {{S}, 5} e ENUMERATED {x, y(3), ..., z} ::= x b BIT STRING {one(1)} ::= {one} END
            """.utf8)
        var seed: UInt64 = 42
        func next(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(truncatingIfNeeded: seed >> 33) % bound
        }
        for _ in 0..<1500 {
            var bytes = good
            for _ in 0...next(4) {
                switch next(3) {
                case 0: bytes[next(bytes.count)] = UInt8(truncatingIfNeeded: next(256))
                case 1: bytes.removeSubrange(0..<0)
                default:
                    let start = next(bytes.count - 1)
                    bytes.removeSubrange(start..<min(bytes.count - 1, start + next(30)))
                }
            }
            let result = SchemaCompiler().compile([SourceFile(name: "x", bytes: bytes)])
            #expect((result.schema == nil) == !result.errors.isEmpty)
        }
    }
}
