import ASN1
import Testing

/// A text for each rule of X.680 to X.683 that a compiler can check. The place where the finding
/// has to be stands in the text as "¦", put there by hand.
struct RuleTests {
    struct Rule: Sendable, CustomTestStringConvertible {
        let marked: String
        let code: DiagnosticCode
        let isWarning: Bool
        var testDescription: String { "\(code.rawValue): \(marked)" }

        init(_ marked: String, _ code: DiagnosticCode, isWarning: Bool = false) {
            self.marked = marked
            self.code = code
            self.isWarning = isWarning
        }

        var text: String {
            let body = String(marked.filter { $0 != "¦" })
            return body.contains("DEFINITIONS")
                ? body : "M DEFINITIONS ::= BEGIN\n\(body)\nEND\n"
        }

        /// The line and the column of the mark.
        var place: String {
            let before = marked.prefix { $0 != "¦" }
            let line = before.count { $0 == "\n" } + (marked.contains("DEFINITIONS") ? 1 : 2)
            let column =
                (before.split(separator: "\n", omittingEmptySubsequences: false).last ?? "")
                .count + 1
            return "\(line):\(column)"
        }
    }

    static let classWithID = "C ::= CLASS {&id INTEGER UNIQUE, &T}\nS C ::= {...}\n"

    static let faults: [Rule] = [
        // X.680 13
        Rule("M DEFINITIONS ::= BEGIN EXPORTS ¦A; END", .undefinedExport),
        Rule("M DEFINITIONS ::= BEGIN IMPORTS ¦A FROM M; A ::= NULL END", .undefinedImport),
        Rule(
            "M DEFINITIONS ::= BEGIN IMPORTS ¦A FROM N; B ::= A END N DEFINITIONS ::= BEGIN END",
            .undefinedImport),
        Rule("M DEFINITIONS ::= BEGIN IMPORTS A FROM ¦N; B ::= A END", .undefinedModule),
        Rule(
            """
            M DEFINITIONS ::= BEGIN IMPORTS ¦A FROM N; B ::= A END
            N DEFINITIONS ::= BEGIN EXPORTS; A ::= NULL END
            """, .notExported),
        Rule("M DEFINITIONS ::= BEGIN END\n¦M DEFINITIONS ::= BEGIN END", .duplicateModule),
        Rule("M DEFINITIONS ::= BEGIN A ::= NULL¦", .missingEnd),
        Rule("DEFINITIONS¦", .syntax),
        // 19 to 22
        Rule("A ::= INTEGER {¦}", .syntax),
        Rule("A ::= ENUMERATED {a(0), b, c(¦0)}", .duplicateEnumerationValue),
        Rule("A ::= ENUMERATED {¦..., a}", .emptyEnumeration),
        Rule("A ::= ENUMERATED {a, ..., b, ¦..., c}", .duplicateExtensionMarker),
        // 25 to 29
        Rule("A ::= CHOICE {¦}", .syntax),
        Rule("A ::= SEQUENCE {a NULL, ..., [[¦]], ...}", .syntax),
        Rule("A ::= SEQUENCE {a NULL, ..., [[3: b NULL]], [[¦2: c NULL]]}", .versionNumber),
        Rule(
            "A ::= SEQUENCE {a INTEGER, ..., b BOOLEAN, ..., ¦c BOOLEAN}", .duplicateTag),
        Rule(
            "A ::= SEQUENCE {a NULL, ..., b BOOLEAN, ..., c REAL OPTIONAL, ¦d BOOLEAN OPTIONAL}",
            .duplicateTag),
        Rule(
            "M DEFINITIONS AUTOMATIC TAGS ::= BEGIN A ::= SEQUENCE {a NULL, ..., ¦b [0] NULL} END",
            .mixedAutomaticTags),
        Rule("A ::= SEQUENCE {¦a A}", .infiniteType),
        Rule("A ::= SEQUENCE {b NULL, ¦A}", .infiniteType),
        Rule("A ::= CHOICE {¦a [0] A}", .infiniteType),
        Rule("A ::= ¦SEQUENCE {COMPONENTS OF A}", .infiniteType),
        // 30, 31
        Rule("¦A ::= a < A", .circularReference),
        Rule("A ::= [¦CONTEXT 1] INTEGER", .syntax),
        Rule("A ::= [¦-1] INTEGER", .badTag),
        // 32
        Rule("a OBJECT IDENTIFIER ::= ¦{}", .objectIdentifierValue),
        Rule("a OBJECT IDENTIFIER ::= {1 2 ¦b}\nb INTEGER ::= -2", .objectIdentifierValue),
        // Values
        Rule("a REAL ::= ¦{mantissa 1, base 3, exponent 1}", .valueType),
        Rule("a REAL ::= ¦{mantissa 1, base 2}", .valueType),
        Rule("a EMBEDDED PDV ::= ¦{data-value '00'H}", .valueType),
        Rule("a EMBEDDED PDV ::= {¦foo 1}", .undefinedComponent),
        Rule("a EXTERNAL ::= {identification ¦foo:1, data-value ''H}", .undefinedComponent),
        Rule("a CHARACTER STRING ::= {identification fixed:¦TRUE, string-value ''H}", .valueType),
        Rule("a SEQUENCE {b INTEGER} ::= {b 1, ¦b 2}", .duplicateComponent),
        // 49 to 51
        Rule("A ::= INTEGER (¦..., 1)", .syntax),
        Rule("A ::= BIT STRING {a(0)} (¦CONTAINING NULL)", .constraintSense),
        Rule("A ::= IA5String (PATTERN ¦\"[a\")", .patternSyntax),
        Rule("A ::= IA5String (PATTERN ¦\"(a\")", .patternSyntax),
        Rule("A ::= IA5String (PATTERN ¦\"a)\")", .patternSyntax),
        Rule("A ::= IA5String (PATTERN ¦\"*a\")", .patternSyntax),
        Rule("A ::= IA5String (PATTERN ¦\"a#\")", .patternSyntax),
        Rule("A ::= REAL (WITH COMPONENTS {..., ¦radix (10)})", .undefinedComponent),
        Rule("A ::= EXTERNAL (WITH COMPONENTS {..., ¦foo ABSENT})", .undefinedComponent),
        Rule("A ::= NumericString (FROM (¦\"#\"))", .constraintSense),
        // X.681 9, 10
        Rule("C ::= CLASS {¦}", .syntax),
        Rule("C ::= CLASS {&id INTEGER, ¦&id NULL}", .duplicateField),
        Rule("C ::= CLASS {¦&id INTEGER UNIQUE DEFAULT 5}", .fieldSpecification),
        Rule("C ::= CLASS {¦&Id INTEGER UNIQUE}", .fieldSpecification),
        Rule("C ::= CLASS {&Type, ¦&val &Type UNIQUE}", .fieldSpecification),
        Rule("C ::= CLASS {&id INTEGER} WITH SYNTAX {¦}", .syntax),
        Rule("C ::= CLASS {&id INTEGER} WITH SYNTAX {ID &id [¦]}", .syntax),
        Rule("C ::= CLASS {&id INTEGER} WITH SYNTAX {¦INTEGER &id}", .syntax),
        Rule("C ::= CLASS {&id INTEGER} WITH SYNTAX {A &id B ¦&id}", .classSyntax),
        Rule("C ::= CLASS {¦&id INTEGER} WITH SYNTAX {[ID &id]}", .classSyntax),
        Rule("C ::= CLASS {&id INTEGER, ¦&T} WITH SYNTAX {ID &id}", .classSyntax),
        // 11 to 15
        Rule("C ::= CLASS {&a NULL}\nc INTEGER ::= 5\na NULL ::= ¦c.&a", .wrongReferenceKind),
        Rule("C ::= CLASS {&a NULL}\nc C ::= {&a NULL}\na INTEGER ::= c.¦&a", .valueType),
        Rule("C ::= CLASS {&a NULL}\nA ::= INSTANCE OF ¦C", .wrongReferenceKind),
        // X.682 10
        Rule(
            classWithID + "A ::= SEQUENCE {a C.&id ({S}), b C.&T ({S}{@¦c})}", .undefinedComponent),
        Rule(
            classWithID + "A ::= SEQUENCE {a C.&id ({S}), b C.&T ({S}{@.¦c})}", .undefinedComponent),
        Rule(
            classWithID + "A ::= SEQUENCE {a C.&id ({S}), b SEQUENCE {c C.&T ({S}{@.¦a})}}",
            .undefinedComponent),
        Rule(
            classWithID + "A ::= SEQUENCE {a C.&id ({S}), b SEQUENCE {c C.&T ({S}{@...¦a})}}",
            .undefinedComponent),
        Rule(
            classWithID + "A ::= SEQUENCE {a SEQUENCE {x C.&id ({S})}, b C.&T ({S}{@a.¦y})}",
            .undefinedComponent),
        Rule(
            classWithID + "A ::= SEQUENCE {a C.&id ({S}), b C.&T ({S}{@a.¦y})}", .undefinedComponent
        ),
        // X.683
        Rule("A {INTEGER:t} ::= INTEGER (t)\nB ::= A {¦BOOLEAN}", .parameterKind),
        Rule("A {T, ¦T} ::= NULL", .duplicateParameter),
        Rule("A {T} ::= SEQUENCE {a T}\nB ::= A {¦5}", .parameterKind),
    ]

    static let departures: [Rule] = [
        Rule(
            "C ::= CLASS {&a NULL}\nD ::= CLASS {&a NULL}\nd D ::= {&a NULL}\nc C ::= ¦d",
            .wrongReferenceKind, isWarning: true),
        Rule(
            "C ::= CLASS {&a NULL}\nD ::= CLASS {&a NULL}\nT D ::= {...}\nS C ::= {¦T}",
            .wrongReferenceKind, isWarning: true),
        Rule(
            classWithID + "D ::= CLASS {&a NULL}\nU D ::= {...}\nA ::= SEQUENCE {a C.&id ({¦U})}",
            .wrongReferenceKind, isWarning: true),
        Rule("a OCTET STRING ::= ¦'ab'H", .badHexString, isWarning: true),
        Rule("a OCTET STRING ::= ¦'AB'h", .badHexString, isWarning: true),
        Rule("A ::= CHOICE {¦...}", .emptyChoice, isWarning: true),
        Rule(
            "A ::= CHOICE {a [0] NULL, ..., b [3] NULL, ¦c [2] NULL}", .extensionOrder,
            isWarning: true),
        Rule("A ::= SEQUENCE {a NULL, ..., [[¦1: b NULL]]}", .versionNumber, isWarning: true),
        Rule(
            "A ::= SEQUENCE {a NULL, ..., [[2: b NULL]], ¦[[c NULL]]}", .versionNumber,
            isWarning: true),
        Rule("a NumericString ::= ¦\"12a\"", .valueType, isWarning: true),
        Rule("a UTCTime ::= ¦\"991301120000Z\"", .valueType, isWarning: true),
        Rule("a GeneralizedTime ::= ¦\"1999\"", .valueType, isWarning: true),
        Rule("a DATE ::= ¦\"1999-13-01\"", .valueType, isWarning: true),
        Rule("a TIME-OF-DAY ::= ¦\"25:00:00\"", .valueType, isWarning: true),
        Rule("a DATE-TIME ::= ¦\"1999-12-01\"", .valueType, isWarning: true),
        Rule("a DURATION ::= ¦\"P1M2Y\"", .valueType, isWarning: true),
        Rule("a TIME ::= ¦\"zz\"", .valueType, isWarning: true),
        Rule("a OID-IRI ::= ¦\"ISO/a\"", .valueType, isWarning: true),
        Rule("a OID-IRI ::= ¦\"/ISO//a\"", .valueType, isWarning: true),
        Rule("a RELATIVE-OID-IRI ::= ¦\"/a\"", .valueType, isWarning: true),
        Rule("a OBJECT IDENTIFIER ::= {¦3 1}", .objectIdentifierValue, isWarning: true),
        Rule("a OBJECT IDENTIFIER ::= {1 ¦40}", .objectIdentifierValue, isWarning: true),
        Rule(
            "a SEQUENCE {b NULL, c NULL} ::= {c NULL, ¦b NULL}", .valueNotation, isWarning: true),
        Rule("a SEQUENCE {b NULL, c NULL} ::= ¦{NULL, NULL}", .valueNotation, isWarning: true),
        Rule(
            "a EXTERNAL ::= ¦{direct-reference {1 2 3}, encoding octet-aligned:''H}",
            .valueNotation, isWarning: true),
        Rule("A ::= TIME (¦SETTINGS \"Basic=Day\")", .timeSettings, isWarning: true),
        Rule(
            "A ::= PrintableString (FROM (¦\"0123456789*\"))", .constraintSense, isWarning: true),
        Rule(
            "A ::= CHOICE {a IA5String, b UTF8String}\nB ::= A (¦SIZE (1))", .constraintSense,
            isWarning: true),
        Rule(
            "C ::= CLASS {&id NULL} WITH SYNTAX {ID &id}\nc C ::= {¦&id NULL}", .objectSyntax,
            isWarning: true),
        Rule(
            classWithID + "U C ::= {{&id 1, &T NULL} | {&id ¦1, &T REAL}}", .duplicateUnique,
            isWarning: true),
        Rule(
            "M DEFINITIONS ::= BEGIN IMPORTS ¦A FROM N; A ::= NULL END N DEFINITIONS ::= BEGIN A ::= REAL END",
            .importConflict, isWarning: true),
        Rule(
            "¦M DEFINITIONS ::= BEGIN I ::= [APPLICATION 1] NULL A ::= CHOICE {a NULL, b NULL} B ::= CHOICE {a NULL, b NULL} C ::= CHOICE {a NULL, b NULL} END",
            .missingAutomaticTags, isWarning: true),
        Rule(
            "A ::= SEQUENCE {a BOOLEAN (TRUE) DEFAULT ¦FALSE}", .valueConstraint, isWarning: true),
        Rule(
            "A ::= SEQUENCE {a ENUMERATED {x, y} (x) DEFAULT ¦y}", .valueConstraint, isWarning: true
        ),
        Rule(
            "A ::= ¦SEQUENCE {b SEQUENCE {a A}}", .infiniteType, isWarning: true),
    ]

    static let notes: [Rule] = [
        Rule("A ::= INTEGER ¦(1..5 ^ 7..9)", .emptyConstraint, isWarning: true),
        Rule("A ::= INTEGER ¦(1 EXCEPT 1)", .emptyConstraint, isWarning: true),
        Rule("A ::= OCTET STRING (SIZE (1..4)) ¦(SIZE (5))", .emptyConstraint, isWarning: true),
        Rule(
            "A ::= CHOICE {a NULL, b REAL} (WITH COMPONENTS {a PRESENT, ¦b PRESENT})",
            .emptyConstraint, isWarning: true),
        Rule(
            "A ::= SEQUENCE {a NULL} (WITH COMPONENTS {¦a ABSENT})", .emptyConstraint,
            isWarning: true),
    ]

    @Test("A broken rule is an error at its place", arguments: faults)
    func fault(_ rule: Rule) {
        let found = compile(rule.text).errors.map {
            "\($0.code.rawValue) \($0.location.line):\($0.location.column)"
        }
        #expect(found.contains("\(rule.code.rawValue) \(rule.place)"), "\(rule.text): \(found)")
    }

    @Test(
        "What is tolerated is a warning at its place, an error when strict", arguments: departures)
    func departure(_ rule: Rule) {
        let result = compile(rule.text)
        #expect(result.errors.isEmpty, "\(result.errors.map(\.line))")
        let found = result.warnings.map {
            "\($0.code.rawValue) \($0.location.line):\($0.location.column)"
        }
        #expect(found.contains("\(rule.code.rawValue) \(rule.place)"), "\(rule.text): \(found)")
        #expect(compile(rule.text, isStrict: true).schema == nil)
    }

    @Test("What is legal but can't be meant is a warning, strict or not", arguments: notes)
    func note(_ rule: Rule) {
        for isStrict in [false, true] {
            let result = compile(rule.text, isStrict: isStrict)
            #expect(result.errors.isEmpty, "\(result.errors.map(\.line))")
            let found = result.warnings.map {
                "\($0.code.rawValue) \($0.location.line):\($0.location.column)"
            }
            #expect(found.contains("\(rule.code.rawValue) \(rule.place)"), "\(found)")
        }
    }

    @Test(
        "Legal texts next to the rules have no error",
        arguments: [
            "A ::= SEQUENCE {a INTEGER, ..., [[2: b NULL]], [[3: c NULL]]}",
            "A ::= SEQUENCE {a INTEGER OPTIONAL, ..., b BOOLEAN, ..., c NULL}",
            "a OID-IRI ::= \"/ISO/Registration-Authority/19785\"",
            "a TIME ::= \"1985-W15-5\"", "a TIME ::= \"R12/1985-04-12T23:20:50/P1Y2M\"",
            "a DURATION ::= \"P1Y2M3DT4H5M6.5S\"", "a GeneralizedTime ::= \"19990101120000.5Z\"",
            "A ::= TIME (SETTINGS \"Basic=Date-Time Date=YMD Year=L5 Time=HMSF3\")",
            "A ::= IA5String (PATTERN \"[a-z]+#(2,3)\")", "A ::= IA5String (PATTERN \"[]x]|\\(\")",
            "a EXTERNAL ::= {identification syntax:{1 2 3}, data-value '00'H}",
            "a EMBEDDED PDV ::= {identification fixed:NULL, data-value '00'H}",
            "A ::= REAL (WITH COMPONENTS {..., base (10)})",
            classWithID + "A ::= SEQUENCE {a C.&id ({S}), b SEQUENCE {c C.&T ({S}{@..a})}}",
            classWithID
                + "A ::= SEQUENCE {a C.&id ({S}), b SEQUENCE OF SEQUENCE {c C.&T ({S}{@a})}}",
            "A ::= INSTANCE OF TYPE-IDENTIFIER",
            // Sets and objects taken out of objects of another class.
            "E ::= CLASS {&e INTEGER}\nC ::= CLASS {&id INTEGER UNIQUE, &Errors E OPTIONAL}\n"
                + "S C ::= {{&id 1, &Errors {{&e 1}}}, ...}\nT E ::= {S.&Errors, ...}\n"
                + "A {C:Ops} ::= SEQUENCE {a E.&e ({Errors {{Ops}}})}\n"
                + "Errors {C:Ops} E ::= {Ops.&Errors}\nB ::= A {{S}}",
            "E ::= CLASS {&Type}\nC ::= CLASS {&id INTEGER UNIQUE, &e E}\nS C ::= {...}\n"
                + "A ::= SEQUENCE {a C.&id ({S}), b C.&e.&Type ({S}{@a})}",
            // A structure that is an actual parameter is its own outermost type.
            classWithID + "P {T} ::= CHOICE {plain T, signed [1] SEQUENCE {t T}}\n"
                + "A ::= P {SEQUENCE {a C.&id ({S}), b CHOICE {c [0] C.&T ({S}{@a})}}}",
            // A type inside CONTAINING is inside the structure.
            classWithID + "A ::= SEQUENCE {a C.&id ({S}),\n"
                + "b OCTET STRING (CONTAINING C.&T ({S}{@a})),\n"
                + "c OCTET STRING (CONTAINING SEQUENCE {d C.&T ({S}{@a})})}",
            "f {INTEGER:x} INTEGER ::= x\nA {INTEGER:t} ::= INTEGER (0..t)\nB ::= A {f {5}}",
        ])
    func legal(_ body: String) {
        let result = compile(body: body)
        #expect(result.diagnostics.isEmpty, "\(result.diagnostics.map(\.line))")
    }
}
