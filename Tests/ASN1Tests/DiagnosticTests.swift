import ASN1
import Testing

/// One text for each finding, with the place where it has to be found. Line 1 is the module's header.
struct DiagnosticTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let body: String
        let code: DiagnosticCode
        let line: Int
        let column: Int
        var testDescription: String { "\(code.rawValue): \(body)" }
        init(_ body: String, _ code: DiagnosticCode, _ line: Int, _ column: Int) {
            self.body = body
            self.code = code
            self.line = line
            self.column = column
        }
    }

    static let faults: [Fault] = [
        Fault("A ::= B", .undefinedType, 2, 7),
        Fault("a INTEGER ::= b", .undefinedValue, 2, 15),
        Fault("A ::= INTEGER\nA ::= BOOLEAN", .duplicateAssignment, 3, 1),
        Fault("A ::= SEQUENCE {\n  a INTEGER,\n  a BOOLEAN }", .duplicateComponent, 4, 3),
        Fault("A ::= ENUMERATED {a, b, a}", .duplicateEnumeration, 2, 25),
        Fault("A ::= ENUMERATED {a(1), b(1)}", .duplicateEnumerationValue, 2, 27),
        Fault("A ::= ENUMERATED {a, ..., b(5), c(4)}", .enumerationOrder, 2, 33),
        Fault("A ::= INTEGER {a(1), a(2)}", .duplicateNamedNumber, 2, 22),
        Fault("A ::= INTEGER {a(1), b(1)}", .duplicateNamedNumberValue, 2, 24),
        Fault("A ::= BIT STRING {a(-1)}", .negativeNamedBit, 2, 21),
        Fault("A ::= CHOICE {a INTEGER, b INTEGER}", .duplicateTag, 2, 26),
        Fault("A ::= SET {a INTEGER, b CHOICE {c INTEGER}}", .duplicateTag, 2, 23),
        Fault("A ::= SEQUENCE {a INTEGER OPTIONAL, b INTEGER}", .duplicateTag, 2, 37),
        Fault(
            "A ::= SEQUENCE {a INTEGER DEFAULT 0, b BOOLEAN OPTIONAL, c INTEGER}", .duplicateTag, 2,
            58),
        Fault("A ::= SEQUENCE {a INTEGER OPTIONAL, b ANY}", .ambiguousTag, 2, 37),
        Fault(
            "A ::= SET {a CHOICE {b NULL, ...}, c CHOICE {d BOOLEAN, ...}}", .ambiguousExtension, 2,
            36),
        Fault("A ::= [1] IMPLICIT CHOICE {a NULL}", .implicitChoice, 2, 7),
        Fault("A ::= A", .circularReference, 2, 1),
        Fault("a INTEGER ::= b\nb INTEGER ::= a", .circularReference, 3, 15),
        Fault("A ::= INTEGER (SIZE (1))", .constraintSense, 2, 16),
        Fault("A ::= INTEGER (FROM (\"a\"))", .constraintSense, 2, 16),
        Fault("A ::= IA5String (1..2)", .constraintSense, 2, 18),
        Fault("A ::= BOOLEAN (WITH COMPONENT (TRUE))", .constraintSense, 2, 16),
        Fault("A ::= NumericString (FROM (\"0\"..\"9\" | \"#\"))", .constraintSense, 2, 39),
        Fault("A ::= INTEGER (5..4)", .emptyRange, 2, 16),
        Fault("A ::= INTEGER (1..32) (1..63)", .rangeOutsideParent, 2, 27),
        Fault("A ::= SEQUENCE {COMPONENTS OF INTEGER}", .componentsOf, 2, 17),
        Fault("A ::= a < INTEGER", .selection, 2, 7),
        Fault("A ::= b < CHOICE {a NULL}", .undefinedComponent, 2, 7),
        Fault(
            "A ::= SEQUENCE {a INTEGER} (WITH COMPONENTS {b PRESENT})", .undefinedComponent, 2, 46),
        Fault("A ::= SEQUENCE {a UTF8String DEFAULT 5}", .valueType, 2, 38),
        Fault(
            "a GeneralString ::= \"x\"\nA ::= SEQUENCE {b UTF8String DEFAULT a}", .valueType, 3, 38),
        Fault("A {T} ::= SEQUENCE {a T}\nB ::= A", .missingParameters, 3, 7),
        Fault("A {T} ::= SEQUENCE {a T}\nB ::= A {NULL, NULL}", .parameterCount, 3, 7),
        Fault("A ::= NULL\nB ::= A {NULL}", .notParameterized, 3, 7),
        Fault(
            "A {T} ::= SEQUENCE {a A {SET OF T} OPTIONAL}\nB ::= A {NULL}", .expansionLimit, 2, 23),
        Fault("C ::= CLASS {&id INTEGER}\nA ::= SEQUENCE {a C.&ip}", .undefinedField, 3, 21),
        Fault(
            "C ::= CLASS {&id INTEGER} WITH SYNTAX {ID &id}\nc C ::= {IT 5}", .objectSyntax, 3, 10),
        Fault("C ::= CLASS {&id INTEGER, &T}\nc C ::= {&id 5}", .missingField, 3, 9),
        Fault("A ::= INTEGER ({B})\nB ::= NULL", .tableConstraint, 2, 16),
        Fault("A ::= SEQUENCE {a INTEGER", .syntax, 3, 1),
        Fault("A ::= [] INTEGER", .syntax, 2, 8),
        Fault("A ::= \"abc", .unterminatedString, 2, 7),
        Fault("a OCTET STRING ::= '0G'H", .badHexString, 2, 20),
        Fault("a BIT STRING ::= '02'B", .badBinaryString, 2, 18),
        Fault("A ::= INTEGER $", .illegalCharacter, 2, 15),
        Fault("/* A ::= INTEGER", .unterminatedComment, 2, 1),
    ]

    @Test("Each fault is an error with its code at its place", arguments: faults)
    func fault(_ fault: Fault) {
        let result = compile(body: fault.body)
        let places = result.errors.map {
            "\($0.code.rawValue) \($0.location.line):\($0.location.column)"
        }
        #expect(
            places.contains("\(fault.code.rawValue) \(fault.line):\(fault.column)"), "\(places)")
        #expect(result.schema == nil)
    }

    static let departures: [(String, DiagnosticCode)] = [
        ("M {} DEFINITIONS ::= BEGIN END", .emptyObjectIdentifier),
        ("m DEFINITIONS ::= BEGIN END", .lowercaseModuleName),
        ("DEFINITIONS ::= BEGIN END", .missingModuleName),
        ("M DEFINITIONS ::= BEGIN A_b ::= INTEGER END", .underscore),
        ("M DEFINITIONS ::= BEGIN A ::= ANY END", .obsoleteAny),
        ("M DEFINITIONS ::= BEGIN A ::= SEQUENCE {INTEGER} END", .unnamedComponent),
        ("M DEFINITIONS ::= BEGIN A ::= SEQUENCE {a BOOLEAN DEFAULT 1} END", .valueNotation),
        ("M DEFINITIONS ::= BEGIN A ::= SEQUENCE (1..2) OF NULL END", .missingSize),
        ("M DEFINITIONS ::= BEGIN a BOOLEAN ::= true END", .valueNotation),
        ("M DEFINITIONS ::= BEGIN a OBJECT IDENTIFIER ::= {1,2,3} END", .straySeparator),
        ("M DEFINITIONS ::= BEGIN A ::= INTEGER (0..5) a A ::= 6 END", .valueConstraint),
        ("M DEFINITIONS ::= BEGIN --- so --- A ::= SEQUENCE {a NULL} END", .commentHyphens),
    ]

    @Test(
        "What is accepted in practice is a warning, and an error when strict",
        arguments: departures)
    func departure(_ text: String, _ code: DiagnosticCode) {
        let result = compile(text)
        #expect(result.errors.isEmpty)
        #expect(result.warnings.contains { $0.code == code }, "\(result.diagnostics.map(\.line))")
        #expect(compile(text, isStrict: true).schema == nil)
    }

    @Test("A module in today's notation has no finding, not even when strict")
    func cleanModule() {
        let text = """
            M {iso(1) 2 3} DEFINITIONS AUTOMATIC TAGS ::= BEGIN
            A ::= SEQUENCE { a INTEGER (0..10, ..., 11..20) DEFAULT 5, b B OPTIONAL, ..., [[ 2: c NULL ]] }
            B ::= CHOICE { x UTF8String (SIZE (1..5)) (FROM ("a".."z")), y OBJECT IDENTIFIER }
            b B ::= x : "abc"
            END
            """
        #expect(compile(text, isStrict: true).diagnostics.isEmpty)
    }

    @Test("All faults of all files come in one run, in order")
    func allFaults() {
        let result = SchemaCompiler().compile([
            SourceFile(
                name: "a",
                text:
                    "A DEFINITIONS ::= BEGIN\nX ::= SEQUENCE { a }\nY ::= Z\nW ::= [ INTEGER\nV ::= U END"
            ),
            SourceFile(name: "b", text: "B DEFINITIONS ::= BEGIN\nX ::= Q\nEND"),
        ])
        let places = result.errors.map { "\($0.file):\($0.location.line)" }
        #expect(places.contains("a:2"))
        #expect(places.contains("a:3"))
        #expect(places.contains("a:4"))
        #expect(places.contains("a:5"))
        #expect(places.last == "b:2")
    }

    @Test("A finding shows the source line, a caret and the nearest name")
    func rendering() throws {
        let result = compile("M DEFINITIONS ::= BEGIN\nPerson ::= NULL\n\tA ::= Persn\nEND")
        let error = try #require(result.errors.first)
        #expect(
            error.rendered == """
                m.asn:3:8: error[undefined-type]: "Persn" is not defined
                 3 | \tA ::= Persn
                   | \t      ^
                   = hint: did you mean "Person"?
                """)
    }
}
