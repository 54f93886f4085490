import ASN1
import SchemaValidation
import Testing

/// Each form of constraint with values that it allows and values that it doesn't, by X.680 50 and 51
/// and X.682.
struct ConstraintTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var type: String
        var good: [String]
        var bad: [String]
        var code: ValidationCode

        init(_ type: String, good: [String], bad: [String], _ code: ValidationCode) {
            self.type = type
            self.good = good
            self.bad = bad
            self.code = code
        }
        var testDescription: String { type }
    }

    static let cases: [Case] = [
        // Single values.
        Case("INTEGER (5)", good: ["02 01 05"], bad: ["02 01 06", "02 02 01 05"], .valueRange),
        Case("BOOLEAN (TRUE)", good: ["01 01 ff", "01 01 01"], bad: ["01 01 00"], .constraint),
        Case(
            "OCTET STRING ('0102'H)", good: ["04 02 01 02", "24 06 04 01 01 04 01 02"],
            bad: ["04 01 01", "04 02 01 03"], .constraint),
        Case(
            "REAL (0 | 1.5)", good: ["09 00", "09 03 80 ff 03"], bad: ["09 03 80 00 01"],
            .constraint),
        Case(
            "OBJECT IDENTIFIER ({1 2 3})", good: ["06 02 2a 03"], bad: ["06 02 2a 04"], .constraint),
        Case("BIT STRING ('101'B)", good: ["03 02 05 a0"], bad: ["03 02 05 e0"], .constraint),
        Case(
            "ENUMERATED { a, b, c } (a | c)", good: ["0a 01 00", "0a 01 02"], bad: ["0a 01 01"],
            .enumerationValue),
        // Ranges of any size.
        Case(
            "INTEGER (MIN..-1 | 100..MAX)",
            good: ["02 01 ff", "02 01 64", "02 09 01 00 00 00 00 00 00 00 00"],
            bad: ["02 01 00", "02 01 63"], .valueRange),
        Case(
            "INTEGER (0..18446744073709551615)",
            good: ["02 09 00 ff ff ff ff ff ff ff ff", "02 01 00"],
            bad: [
                "02 09 01 00 00 00 00 00 00 00 00", "02 01 ff", "02 09 ff 00 00 00 00 00 00 00 00",
            ],
            .valueRange),
        Case(
            "INTEGER (0<..<3)", good: ["02 01 01", "02 01 02"], bad: ["02 01 00", "02 01 03"],
            .valueRange),
        Case(
            "REAL (0..<10)", good: ["09 00", "09 03 80 00 09"],
            bad: ["09 03 80 00 0a", "09 03 c0 00 01"],
            .constraint),
        // Sizes.
        Case(
            "OCTET STRING (SIZE (1 | 3))", good: ["04 01 00", "04 03 00 00 00"],
            bad: ["04 00", "04 02 00 00"], .size),
        Case(
            "BIT STRING (SIZE (3))", good: ["03 02 05 a0"], bad: ["03 02 04 a0", "03 01 00"], .size),
        Case(
            "BIT STRING { a(0), b(9) } (SIZE (4))",
            good: ["03 02 04 80", "03 02 06 80", "03 03 00 80 00"],
            bad: ["03 03 06 00 40"], .size),
        Case("BMPString (SIZE (2))", good: ["1e 04 00 61 20 ac"], bad: ["1e 02 00 61"], .size),
        Case(
            "UTF8String (SIZE (1))", good: ["0c 03 e2 82 ac", "2c 07 04 02 e2 82 04 01 ac"],
            bad: ["0c 02 61 62"], .size),
        Case(
            "SEQUENCE (SIZE (1..2)) OF NULL", good: ["30 02 05 00", "30 80 05 00 05 00 00 00"],
            bad: ["30 00"], .size),
        Case("SET (SIZE (2)) OF NULL", good: ["31 04 05 00 05 00"], bad: ["31 02 05 00"], .size),
        // Alphabets.
        Case(
            "IA5String (FROM (\"a\"..\"c\" | \"z\"))", good: ["16 00", "16 03 61 63 7a"],
            bad: ["16 01 64"], .permittedAlphabet),
        Case(
            "UTF8String (FROM (\"a\"..\"c\"))", good: ["0c 02 61 62"], bad: ["0c 03 e2 82 ac"],
            .permittedAlphabet),
        Case(
            "BMPString (FROM (\"a\"..\"c\"))", good: ["1e 02 00 61"], bad: ["1e 02 01 61"],
            .permittedAlphabet),
        Case("NumericString", good: ["12 03 30 20 39"], bad: ["12 01 61"], .permittedAlphabet),
        Case(
            "PrintableString", good: ["13 02 61 3f"], bad: ["13 01 40", "13 01 2a"],
            .permittedAlphabet),
        // Set algebra over different forms.
        Case(
            "IA5String (SIZE (1) | \"yes\")", good: ["16 01 61", "16 03 79 65 73"],
            bad: ["16 03 79 65 74", "16 02 61 62"], .constraint),
        Case(
            "INTEGER (0..10 EXCEPT 3..4)", good: ["02 01 02", "02 01 05"], bad: ["02 01 03"],
            .valueRange),
        Case("INTEGER (ALL EXCEPT 7)", good: ["02 01 06"], bad: ["02 01 07"], .valueRange),
        Case(
            "INTEGER (0..5 ^ 4..9)", good: ["02 01 04", "02 01 05"], bad: ["02 01 03", "02 01 06"],
            .valueRange),
        Case(
            "IA5String (FROM (\"a\") | FROM (\"b\"))", good: ["16 02 61 61", "16 02 62 62"],
            bad: ["16 02 61 62"], .constraint),
        // Contained subtypes, serial application.
        Case("INTEGER (Small)", good: ["02 01 09"], bad: ["02 01 0a"], .valueRange),
        Case("Small (5..7)", good: ["02 01 05"], bad: ["02 01 04", "02 01 09"], .valueRange),
        // Extensible constraints let later versions pass.
        Case("INTEGER (0..5, ..., 9) (0..7)", good: ["02 01 05"], bad: ["02 01 08"], .valueRange),
        // Inner constraints.
        Case(
            "SEQUENCE OF INTEGER (0..5)", good: ["30 03 02 01 05"], bad: ["30 03 02 01 06"],
            .valueRange),
        Case(
            "Numbers (WITH COMPONENT (0..5))", good: ["30 03 02 01 05"], bad: ["30 03 02 01 06"],
            .valueRange),
        Case(
            "Pair (WITH COMPONENTS { ..., a (1) })",
            good: ["30 03 80 01 01", "30 06 80 01 01 81 01 05"], bad: ["30 03 80 01 02"],
            .valueRange),
        Case(
            "Pair (WITH COMPONENTS { ..., b PRESENT })", good: ["30 06 80 01 01 81 01 05"],
            bad: ["30 03 80 01 02"], .missingComponent),
        Case(
            "Pair (WITH COMPONENTS { a })", good: ["30 03 80 01 01"],
            bad: ["30 06 80 01 01 81 01 05"], .forbiddenComponent),
        Case(
            "Either (WITH COMPONENTS { ..., x ABSENT })", good: ["81 00"], bad: ["80 00"],
            .noChoiceAlternative),
        Case(
            "Pair (WITH COMPONENTS { ..., a (1) } | WITH COMPONENTS { ..., b PRESENT })",
            good: ["30 03 80 01 01", "30 06 80 01 07 81 01 05"], bad: ["30 03 80 01 07"],
            .constraint),
        Case(
            "Pair ({a 1, b 2} | {a 3})", good: ["30 06 80 01 01 81 01 02", "30 03 80 01 03"],
            bad: ["30 03 80 01 01"], .constraint),
        // Contents.
        Case(
            "OCTET STRING (CONTAINING INTEGER (0..5))", good: ["04 03 02 01 05"],
            bad: ["04 03 02 01 06"], .valueRange),
        Case(
            "BIT STRING (CONTAINING NULL)", good: ["03 03 00 05 00"], bad: ["03 03 01 05 00"],
            .bitStringUnused),
        Case(
            "OCTET STRING (CONTAINING NULL)", good: ["24 06 04 01 05 04 01 00"], bad: ["04 00"],
            .missingComponent),
        // Regular expressions (annex A). The values, in ASCII: 12:34 and 1:34, 12:345, ab:cd; yes, no,
        // nothing and yesno, ye; abc^., a.xxx and .x, d., a.y; ab, abc and a, abcd, a1; aZ, 7bb, z and
        // nothing, a_b; the end, end and bend, end.; AB and Ab.
        Case(
            #"VisibleString (PATTERN "\d#2:\d#2")"#,
            good: ["1a 05 31 32 3a 33 34"],
            bad: ["1a 04 31 3a 33 34", "1a 06 31 32 3a 33 34 35", "1a 05 61 62 3a 63 64"],
            .constraint),
        Case(
            #"VisibleString (PATTERN "(yes|no)?")"#,
            good: ["1a 03 79 65 73", "1a 02 6e 6f", "1a 00 "],
            bad: ["1a 05 79 65 73 6e 6f", "1a 02 79 65"], .constraint),
        Case(
            #"VisibleString (PATTERN "[a-c^]+\.x*")"#,
            good: ["1a 05 61 62 63 5e 2e", "1a 05 61 2e 78 78 78"],
            bad: ["1a 02 2e 78", "1a 02 64 2e", "1a 03 61 2e 79"], .constraint),
        Case(
            #"VisibleString (PATTERN "[^0-9]#(2,3)")"#,
            good: ["1a 02 61 62", "1a 03 61 62 63"],
            bad: ["1a 01 61", "1a 04 61 62 63 64", "1a 02 61 31"], .constraint),
        Case(
            #"VisibleString (PATTERN "a#(,1)\wb*")"#,
            good: ["1a 02 61 5a", "1a 03 37 62 62", "1a 01 7a"],
            bad: ["1a 00 ", "1a 03 61 5f 62"], .constraint),
        Case(
            #"VisibleString (PATTERN ".*\bend")"#,
            good: ["1a 07 74 68 65 20 65 6e 64", "1a 03 65 6e 64"],
            bad: ["1a 04 62 65 6e 64", "1a 04 65 6e 64 2e"], .constraint),
        Case(
            #"VisibleString (PATTERN "{0,0,0,65}{0,0,0,66}")"#,
            good: ["1a 02 41 42"],
            bad: ["1a 02 41 62"], .constraint),
    ]

    static func program(_ type: String) throws -> ValidationProgram {
        let text = """
            M DEFINITIONS AUTOMATIC TAGS ::= BEGIN
            Small ::= INTEGER (0..9)
            Numbers ::= SEQUENCE OF INTEGER
            Pair ::= SEQUENCE { a INTEGER, b INTEGER OPTIONAL }
            Either ::= CHOICE { x NULL, y NULL }
            T ::= \(type)
            END
            """
        let result = SchemaCompiler().compile([SourceFile(name: "m.asn", text: text)])
        let schema = try #require(result.schema, "\(result.errors.map(\.line))")
        let index = try #require(schema.type(named: "T"))
        return ValidationProgram(schema, type: index, name: "T")
    }

    @Test("Each form of constraint lets its values pass and no others", arguments: cases)
    func forms(_ example: Case) throws {
        let program = try Self.program(example.type)
        for hex in example.good {
            let found = SchemaValidator.validate(octets: FaultTests.octets(hex), program).findings
            #expect(found.isEmpty, "\(hex): \(found.first?.message ?? "")")
        }
        for hex in example.bad {
            let found = SchemaValidator.validate(octets: FaultTests.octets(hex), program).findings
            #expect(found.first?.code == example.code, "\(hex): \(found.first?.message ?? "valid")")
        }
    }
}
