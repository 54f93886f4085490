import ASN1
import SchemaValidation
import Testing

/// Table constraints (X.682 10): keys of any type, before and behind the open type; INSTANCE OF,
/// EXTERNAL, EMBEDDED PDV and CHARACTER STRING; contents. The octets are put together by hand.
struct OpenTypeTests {
    static let text = """
        M DEFINITIONS IMPLICIT TAGS ::= BEGIN
        CLS ::= CLASS { &id Key UNIQUE, &Type OPTIONAL } WITH SYNTAX { [&Type BY] &id }
        Key ::= CHOICE { local INTEGER, global OBJECT IDENTIFIER, flag BOOLEAN, text UTF8String,
          pair SEQUENCE { a INTEGER, b INTEGER OPTIONAL } }
        Set CLS ::= { { BOOLEAN BY local : 1 } | { INTEGER BY global : {1 2 3} } |
          { NULL BY flag : TRUE } | { UTF8String BY text : "x" } |
          { OCTET STRING BY pair : { a 1, b 2 } } | { local : 9 } }
        Open CLS ::= { { BOOLEAN BY local : 1 }, ... }
        Before ::= SEQUENCE { id CLS.&id({Set}), value CLS.&Type({Set}{@id}) OPTIONAL }
        Behind ::= SEQUENCE { value CLS.&Type({Set}{@id}), id CLS.&id({Set}) }
        InSet ::= SET { value [0] EXPLICIT CLS.&Type({Set}{@id}), id [1] EXPLICIT CLS.&id({Set}) }
        Inner ::= SEQUENCE { head SEQUENCE { id CLS.&id({Set}) },
          body SEQUENCE { value CLS.&Type({Set}{@head.id}) } }
        Late ::= SEQUENCE { body SEQUENCE { value CLS.&Type({Set}{@head.id}) },
          head SEQUENCE { other NULL OPTIONAL, id CLS.&id({Set}) } }
        Extensible ::= SEQUENCE { id CLS.&id({Open}), value CLS.&Type({Open}{@id}) }
        NUM ::= CLASS { &n INTEGER UNIQUE, &Type } WITH SYNTAX { &Type FOR &n }
        Numbers NUM ::= { { BOOLEAN FOR 0 } | { NULL FOR 1 } }
        Default ::= SEQUENCE { n [0] NUM.&n({Numbers}) DEFAULT 0,
          value [1] EXPLICIT NUM.&Type({Numbers}{@n}) }
        Objects TYPE-IDENTIFIER ::= { { BOOLEAN IDENTIFIED BY {1 2 3} } }
        Instance ::= INSTANCE OF TYPE-IDENTIFIER
        OneOf ::= INSTANCE OF TYPE-IDENTIFIER ({Objects})
        External ::= EXTERNAL
        Syntax ::= EXTERNAL (WITH COMPONENTS {...,
          identification (WITH COMPONENTS { syntax ({1 2 3}) }) })
        Pdv ::= EMBEDDED PDV
        FixedPdv ::= EMBEDDED PDV (WITH COMPONENTS {...,
          identification (WITH COMPONENTS { fixed PRESENT }) })
        Chars ::= CHARACTER STRING
        Single ::= REAL (WITH COMPONENTS { mantissa (-16777215..16777215), base (2),
          exponent (-149..104) })
        Chosen ::= CHOICE { x [0] INTEGER, y [1] BOOLEAN } (x : 1 | x : 2 | y : TRUE)
        Root ::= INTEGER (0..10, ..., 20)
        Some ::= ENUMERATED { a, b, ..., c } (a, ...)
        Sized ::= OCTET STRING (SIZE (1..2, ...))
        User ::= OCTET STRING (CONSTRAINED BY {-- checked elsewhere --})
        Bits ::= BIT STRING (CONTAINING BOOLEAN)
        Other ::= OCTET STRING (CONTAINING BOOLEAN ENCODED BY {2 1 3 0 0})
        Der ::= OCTET STRING (CONTAINING BOOLEAN ENCODED BY {2 1 2 1})
        END
        """

    static func program(_ name: String, _ rules: ValueRules = .ber) throws -> ValidationProgram {
        let result = SchemaCompiler().compile([SourceFile(name: "m.asn", text: text)])
        let schema = try #require(result.schema, "\(result.errors.map(\.line))")
        let type = try #require(schema.type(named: name))
        return ValidationProgram(schema, type: type, name: name, rules: rules)
    }

    static let goodCases: [(String, [String])] = [
        (
            "Before",
            [
                "30 06 02 01 01 01 01 ff", "30 07 06 02 2a 03 02 01 05", "30 05 01 01 01 05 00",
                "30 06 0c 01 78 0c 01 79", "30 08 2c 03 04 01 78 0c 01 79",
                "30 0a 30 06 02 01 01 02 01 02 04 00", "30 03 02 01 09",
                "30 80 02 01 01 01 01 00 00 00",
                // The length of the key in the long form.
                "30 07 02 81 01 01 01 01 ff",
            ]
        ),
        (
            "Behind",
            [
                "30 06 01 01 ff 02 01 01", "30 80 01 01 ff 02 01 01 00 00",
                "30 0c 24 80 04 00 00 00 30 80 02 01 01 02 01 02 00 00"
                    .replacing("30 0c", with: "30 10"),
            ]
        ),
        (
            "InSet",
            [
                "31 0a a0 03 01 01 ff a1 03 02 01 01", "31 0a a1 03 02 01 01 a0 03 01 01 ff",
                "31 80 a0 80 01 01 ff 00 00 a1 80 02 01 01 00 00 00 00",
            ]
        ),
        ("Inner", ["30 0a 30 03 02 01 01 30 03 01 01 ff"]),
        (
            "Late",
            [
                "30 0c 30 03 01 01 ff 30 05 05 00 02 01 01",
                "30 80 30 80 01 01 ff 00 00 30 80 02 01 01 00 00 00 00",
            ]
        ),
        ("Extensible", ["30 06 02 01 01 01 01 ff", "30 06 02 01 07 04 01 00"]),
        ("Default", ["30 05 a1 03 01 01 ff", "30 07 80 01 01 a1 02 05 00"]),
        (
            "Instance",
            ["28 09 06 02 2a 03 a0 03 01 01 ff", "28 80 06 02 2a 03 a0 80 05 00 00 00 00 00"]
        ),
        ("OneOf", ["28 09 06 02 2a 03 a0 03 01 01 ff"]),
        (
            "External",
            [
                "28 07 06 02 2a 03 81 01 ff", "28 06 02 01 05 82 01 00", "28 05 a0 03 02 01 05",
                "28 0a 06 02 2a 03 07 01 61 a0 01".replacing("28 0a", with: "28 0b")
                    .replacing("a0 01", with: "a0 02 05 00"),
            ]
        ),
        ("Syntax", ["28 07 06 02 2a 03 81 01 ff"]),
        (
            "Pdv",
            [
                "2b 07 a0 02 85 00 82 01 ff",
                "2b 80 a0 80 a0 08 80 02 2a 03 81 02 2a 04 00 00 82 00 00 00",
                "2b 0c a0 07 a3 05 80 01 05 81 00 82 01 ff".replacing(
                    "a0 07 a3 05", with: "a0 09 a3 07"
                )
                .replacing("81 00", with: "81 02 2a 03").replacing("2b 0c", with: "2b 0e"),
            ]
        ),
        ("FixedPdv", ["2b 07 a0 02 85 00 82 01 ff"]),
        ("Chars", ["3d 07 a0 02 85 00 81 01 61"]),
        ("Single", ["09 00", "09 03 80 00 01", "09 05 80 e8 ff ff ff", "09 03 80 18 01"]),
        ("Chosen", ["80 01 01", "80 01 02", "81 01 01"]),
        ("Root", ["02 01 05", "02 01 14", "02 01 0f"]),
        ("Some", ["0a 01 00", "0a 01 01", "0a 01 02"]),
        ("Sized", ["04 03 00 00 00"]),
        ("User", ["04 00"]),
        ("Bits", ["03 04 00 01 01 ff", "23 80 03 02 00 01 03 03 00 01 ff 00 00"]),
        ("Other", ["04 02 ff ff"]),
        ("Der", ["04 03 01 01 ff"]),
    ]

    @Test("Good values pass, and nothing is left unchecked", arguments: goodCases)
    func good(_ type: String, _ values: [String]) throws {
        let program = try Self.program(type)
        for hex in values {
            let found = SchemaValidator.validate(octets: FaultTests.octets(hex), program).findings
            #expect(
                found.isEmpty,
                "\(hex): \(found.first?.message ?? "") \(found.first?.pathText ?? "")")
        }
    }

    static let badCases: [(String, String, ValidationCode, UInt64, String)] = [
        ("Before", "30 06 02 01 01 02 01 05", .table, 5, "Before.value"),
        ("Before", "30 07 06 02 2a 03 01 01 ff", .table, 6, "Before.value"),
        ("Before", "30 05 01 01 ff 02 00", .table, 5, "Before.value"),
        ("Before", "30 06 0c 01 78 01 01 ff", .table, 5, "Before.value"),
        ("Before", "30 0a 30 06 02 01 01 02 01 02 05 00", .table, 10, "Before.value"),
        ("Before", "30 06 02 01 09 01 01 ff", .table, 5, "Before.value"),
        ("Behind", "30 06 02 01 05 02 01 01", .table, 2, "Behind.value"),
        (
            "Behind", "30 06 01 02 ff ff 02 01 01".replacing("30 06", with: "30 07"),
            .booleanLength, 2, "Behind.value"
        ),
        ("InSet", "31 0a a0 03 02 01 05 a1 03 02 01 01", .table, 4, "InSet.value"),
        (
            "InSet", "31 80 a0 80 02 01 05 00 00 a1 80 02 01 01 00 00 00 00", .table, 4,
            "InSet.value"
        ),
        ("Inner", "30 0a 30 03 02 01 01 30 03 02 01 05", .table, 9, "Inner.body.value"),
        ("Late", "30 0c 30 03 02 01 05 30 05 05 00 02 01 01", .table, 4, "Late.body.value"),
        ("Extensible", "30 06 02 01 01 02 01 05", .table, 5, "Extensible.value"),
        ("Default", "30 04 a1 02 05 00", .table, 4, "Default.value"),
        ("Default", "30 08 80 01 01 a1 03 01 01 ff", .table, 7, "Default.value"),
        ("Instance", "28 04 06 02 2a 03", .missingComponent, 0, "Instance.value"),
        ("OneOf", "28 09 06 02 2a 03 a0 03 02 01 05", .table, 8, "OneOf.value"),
        ("OneOf", "28 09 06 02 2a 04 a0 03 01 01 ff", .table, 2, "OneOf.type-id"),
        ("External", "28 04 06 02 2a 03", .missingComponent, 0, "External.encoding"),
        ("Pdv", "2b 05 a0 00 82 01 ff", .missingComponent, 2, "Pdv.identification"),
        ("Chars", "3d 04 a0 02 85 00", .missingComponent, 0, "Chars.string-value"),
        // 2^-150; 0.5 as decimal; a mantissa of 25 bits.
        ("Syntax", "28 06 02 01 05 81 01 ff", .constraint, 0, "Syntax"),
        ("Syntax", "28 07 06 02 2a 04 81 01 ff", .constraint, 0, "Syntax"),
        ("FixedPdv", "2b 09 a0 04 81 02 2a 03 82 01 ff", .constraint, 0, "FixedPdv"),
        ("Single", "09 04 81 ff 6a 01", .constraint, 0, "Single"),
        (
            "Single", "09 05 03 35 2e 45 2d 31".replacing("09 05", with: "09 06"), .constraint, 0,
            "Single"
        ),
        ("Single", "09 06 80 00 01 00 00 01", .constraint, 0, "Single"),
        ("Chosen", "80 01 03", .constraint, 0, "Chosen.x"),
        ("Chosen", "81 01 00", .constraint, 0, "Chosen.y"),
        ("Bits", "03 04 01 01 01 fe", .bitStringUnused, 0, "Bits"),
        ("Bits", "23 80 03 02 00 01 03 04 00 02 ff ff 00 00", .booleanLength, 0, "Bits"),
        ("Der", "04 03 01 01 01", .booleanValue, 0, "Der"),
    ]

    @Test("Bad values are told with code, octet and path", arguments: badCases)
    func bad(
        _ type: String, _ hex: String, _ code: ValidationCode, _ offset: UInt64, _ path: String
    ) throws {
        let program = try Self.program(type)
        let octets = FaultTests.octets(hex)
        let found = try #require(SchemaValidator.validate(octets: octets, program).findings.first)
        #expect(found.code == code, "\(found.message)")
        #expect(found.offset == offset)
        #expect(found.pathText == path)
        let pieces = try PieceTests.run(octets, program, step: 1)
        #expect(pieces.map(PieceTests.Key.init).first == PieceTests.Key(found))
    }

    @Test("A key too far behind its open type is told as unchecked, never as an error")
    func far() throws {
        let program = try Self.program("Behind")
        let count = ValidationLimits().heldOctets + 10
        func length(_ count: Int) -> [UInt8] {
            [0x83, UInt8(count >> 16), UInt8(count >> 8 & 255), UInt8(count & 255)]
        }
        let value = [0x04] + length(count) + [UInt8](repeating: 1, count: count)
        let octets = [0x30] + length(value.count + 3) + value + [0x02, 0x01, 0x01]
        let outcome = SchemaValidator.validate(octets: octets, program)
        #expect(outcome.isValid)
        #expect(outcome.findings.map(\.code) == [.unchecked])
        let pieces = try PieceTests.run(octets, program, step: 100_000)
        #expect(pieces.map(\.code) == [.unchecked])
    }
}
