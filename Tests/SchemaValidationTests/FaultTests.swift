import ASN1
import SchemaValidation
import Testing

/// Each code with the exact octet, path and place of the rule.
///
/// Offsets are counted by hand in the octets; lines and columns in the text. Only what
/// no type is around has no rule.
struct FaultTests {
    static let text = """
        M DEFINITIONS IMPLICIT TAGS ::= BEGIN
        S ::= SEQUENCE { a INTEGER (0..9), b BOOLEAN OPTIONAL, c Choice }
        Choice ::= CHOICE { x [0] NULL, y [1] Name }
        Name ::= UTF8String (SIZE (1..3))
        L ::= SEQUENCE OF INTEGER
        B ::= SET { p [0] INTEGER, q [1] BOOLEAN DEFAULT TRUE }
        O ::= SEQUENCE { octets OCTET STRING (SIZE (2)), bits BIT STRING OPTIONAL }
        E ::= ENUMERATED { one(1), two(2) }
        P ::= PrintableString (FROM ("a".."f"))
        W ::= S (WITH COMPONENTS { ..., b ABSENT })
        V ::= SEQUENCE { v PrintableString ("yes" | "no") }
        R ::= REAL
        I ::= OBJECT IDENTIFIER
        T ::= GeneralizedTime
        U ::= UTCTime
        X ::= [5] EXPLICIT INTEGER
        N ::= NULL
        F ::= SET OF INTEGER
        K ::= BMPString
        H ::= UniversalString
        CLS ::= CLASS { &id INTEGER UNIQUE, &Type } WITH SYNTAX { &Type BY &id }
        Set CLS ::= { { BOOLEAN BY 1 } | { INTEGER BY 2 } }
        Y ::= SEQUENCE { id CLS.&id({Set}), value CLS.&Type({Set}{@id}) }
        Z ::= OID-IRI
        END
        """

    struct Case: Sendable, CustomTestStringConvertible {
        var code: ValidationCode
        var type: String
        var octets: String
        var rules = ValueRules.ber
        var offset: UInt64
        var at: UInt64
        var path: String
        var rule: String?

        init(
            _ code: ValidationCode, _ type: String, _ octets: String, _ offset: UInt64,
            _ at: UInt64, _ path: String, _ rule: String? = nil, _ rules: ValueRules = .ber
        ) {
            self.code = code
            self.type = type
            self.octets = octets
            self.offset = offset
            self.at = at
            self.path = path
            self.rule = rule
            self.rules = rules
        }
        var testDescription: String { "\(code.rawValue) in \(type): \(octets)" }
    }

    static let cases: [Case] = [
        Case(.truncated, "S", "30 08 02 01 05", 5, 5, "S", "2:1"),
        Case(.truncated, "S", "30 08 02 04 05", 2, 5, "S.a", "2:20"),
        Case(.lengthReserved, "S", "30 05 02 ff 05 80 00", 2, 3, "S.a", "2:20"),
        Case(.lengthOverrunsParent, "S", "30 05 02 04 05 80 00", 2, 3, "S.a", "2:20"),
        Case(.indefinitePrimitive, "S", "30 05 02 80 05 80 00", 2, 3, "S.a", "2:20"),
        Case(.unexpectedEndOfContents, "S", "30 05 00 00 05 80 00", 2, 2, "S", "2:1"),
        Case(.endOfContentsLength, "S", "30 80 02 01 05 80 00 00 01", 7, 8, "S", "2:1"),
        Case(.tagPadding, "S", "30 06 02 01 05 1f 80 01", 5, 6, "S.c", "2:1"),
        Case(.tagNotLowForm, "S", "30 06 02 01 05 1f 1e 00", 5, 6, "S.c", "2:1"),
        Case(.lengthNotMinimal, "S", "30 81 05 02 01 05 80 00", 0, 1, "S", "2:1", .der),
        Case(.indefiniteForbidden, "S", "30 80 02 01 05 80 00 00 00", 0, 1, "S", "2:1", .der),
        Case(.definiteForbidden, "S", "30 05 02 01 05 80 00", 0, 1, "S", "2:1", .cer),
        Case(.trailingData, "S", "30 05 02 01 05 80 00 05 00", 7, 7, "S"),
        Case(.unexpectedTag, "S", "30 05 04 01 05 80 00", 2, 2, "S.a", "2:20"),
        Case(.unexpectedTag, "L", "30 06 02 01 05 01 01 00", 5, 5, "L[1]", "5:19"),
        Case(.missingComponent, "S", "30 02 80 00", 2, 2, "S.a", "2:18"),
        Case(.missingComponent, "S", "30 03 02 01 05", 0, 0, "S.c", "2:56"),
        Case(.missingComponent, "B", "31 00", 0, 0, "B.p", "6:13"),
        Case(.missingComponent, "X", "a5 00", 0, 0, "X", "16:1"),
        Case(.extraComponent, "S", "30 07 02 01 05 80 00 05 00", 7, 7, "S", "2:1"),
        Case(.extraComponent, "X", "a5 06 02 01 05 02 01 06", 5, 5, "X", "16:1"),
        Case(.duplicateComponent, "B", "31 06 80 01 05 80 01 06", 5, 5, "B.p", "6:15"),
        Case(.forbiddenComponent, "W", "30 08 02 01 05 01 01 ff 80 00", 5, 5, "W.b", "10:33"),
        Case(.noChoiceAlternative, "S", "30 05 02 01 05 82 00", 5, 5, "S.c", "3:1"),
        Case(.form, "S", "30 07 22 03 02 01 05 80 00", 2, 2, "S.a", "2:20"),
        Case(.form, "S", "10 05 02 01 05 80 00", 0, 0, "S", "2:1"),
        Case(.segmentTag, "O", "30 06 24 04 05 02 00 00", 4, 4, "O.octets", "7:25"),
        Case(.stringForm, "O", "30 06 24 04 04 02 00 00", 2, 2, "O.octets", "7:25", .der),
        Case(.componentOrder, "B", "31 06 81 01 00 80 01 05", 5, 5, "B.p", "6:15", .der),
        Case(.elementOrder, "F", "31 06 02 01 05 02 01 04", 0, 5, "F", "18:1", .der),
        Case(.defaultEncoded, "B", "31 06 80 01 05 81 01 ff", 5, 5, "B.q", "6:30", .der),
        Case(.booleanLength, "S", "30 09 02 01 05 01 02 00 00 80 00", 5, 6, "S.b", "2:38"),
        Case(.booleanValue, "S", "30 08 02 01 05 01 01 01 80 00", 5, 7, "S.b", "2:38", .der),
        Case(.integerLength, "S", "30 04 02 00 80 00", 2, 3, "S.a", "2:20"),
        Case(.integerPadding, "S", "30 06 02 02 00 05 80 00", 2, 4, "S.a", "2:20"),
        Case(.nullLength, "N", "05 01 00", 0, 1, "N", "17:1"),
        Case(.realFormat, "R", "09 03 b0 00 01", 0, 2, "R", "12:1"),
        Case(.realFormat, "R", "09 04 03 31 45 30", 0, 4, "R", "12:1"),
        Case(.objectIdentifierLength, "I", "06 00", 0, 2, "I", "13:1"),
        Case(.objectIdentifierPadding, "I", "06 03 2a 80 01", 0, 3, "I", "13:1"),
        Case(.objectIdentifierTruncated, "I", "06 02 2a 86", 0, 3, "I", "13:1"),
        Case(.bitStringUnused, "O", "30 07 04 02 00 00 03 01 01", 6, 8, "O.bits", "7:55"),
        Case(.bitStringUnused, "O", "30 08 04 02 00 00 03 02 01 ff", 6, 9, "O.bits", "7:55", .der),
        Case(.utf8, "S", "30 07 02 01 05 81 02 61 ff", 5, 8, "S.c.y", "3:35"),
        Case(.utf8, "S", "30 07 02 01 05 81 02 c0 80", 5, 7, "S.c.y", "3:35"),
        Case(.characterLength, "K", "1e 03 00 41 00", 0, 0, "K", "19:1"),
        Case(.character, "H", "1c 04 00 11 00 00", 0, 2, "H", "20:1"),
        Case(.time, "T", "18 0f 32 30 32 36 31 33 30 31 30 30 30 30 30 30 5a", 0, 6, "T", "14:1"),
        Case(.time, "U", "17 0b 32 36 30 32 32 39 30 30 30 30 5a", 0, 6, "U", "15:1"),
        Case(.iri, "Z", "1f 23 04 2f 61 2f 2f", 0, 6, "Z", "24:1"),
        Case(.size, "S", "30 09 02 01 05 81 04 61 62 63 64", 5, 5, "S.c.y", "4:21"),
        Case(.size, "O", "30 05 04 03 00 00 00", 2, 2, "O.octets", "7:38"),
        Case(.valueRange, "S", "30 05 02 01 0a 80 00", 2, 2, "S.a", "2:28"),
        Case(
            .valueRange, "S", "30 0e 02 0a 01 00 00 00 00 00 00 00 00 00 80 00", 2, 2, "S.a", "2:28"
        ),
        Case(.permittedAlphabet, "P", "13 03 61 62 67", 0, 4, "P", "9:23"),
        Case(.enumerationValue, "E", "0a 01 03", 0, 0, "E", "8:1"),
        Case(.constraint, "V", "30 07 13 05 6d 61 79 62 65", 2, 2, "V.v", "11:36"),
        Case(.table, "Y", "30 06 02 01 01 02 01 05", 5, 5, "Y.value", "23:52"),
        Case(.table, "Y", "30 06 02 01 03 02 01 05", 2, 2, "Y.id", "23:28"),
    ]

    static func octets(_ hex: String) -> [UInt8] {
        hex.split(separator: " ").compactMap { UInt8($0, radix: 16) }
    }

    static func program(_ type: String, _ rules: ValueRules = .ber) throws -> ValidationProgram {
        let result = SchemaCompiler().compile([SourceFile(name: "m.asn", text: text)])
        let schema = try #require(result.schema)
        let index = try #require(schema.type(named: type))
        return ValidationProgram(schema, type: index, name: type, rules: rules)
    }

    @Test("Each fault is told with its code, octet, path and rule", arguments: cases)
    func fault(_ example: Case) throws {
        let program = try Self.program(example.type, example.rules)
        let outcome = SchemaValidator.validate(octets: Self.octets(example.octets), program)
        let found = try #require(outcome.findings.first)
        #expect(found.code == example.code, "\(found.message)")
        #expect(found.offset == example.offset)
        #expect(found.at == example.at)
        #expect(found.pathText == example.path)
        #expect(found.rule.map { "\($0.line):\($0.column)" } == example.rule)
    }

    @Test("Every code has a test, but for those about limits and CER's segments")
    func allCodes() {
        let elsewhere: Set<ValidationCode> = [.depth, .tagTooLong, .segmentSize, .unchecked]
        let tested = Set(Self.cases.map(\.code))
        #expect(tested.union(elsewhere) == Set(ValidationCode.allCases))
        #expect(tested.isDisjoint(with: elsewhere))
    }

    @Test("A fault inside a definite length doesn't hide the next one")
    func goesOn() throws {
        let program = try Self.program("L")
        let octets = Self.octets("30 0c 02 00 01 01 00 02 02 00 05 02 01 05")
        let outcome = SchemaValidator.validate(octets: octets, program)
        #expect(outcome.findings.map(\.code) == [.integerLength, .unexpectedTag, .integerPadding])
        #expect(outcome.findings.map(\.offset) == [2, 4, 7])
        #expect(outcome.findings.map(\.isRecovered) == [true, true, true])
    }

    @Test("Broken framing ends what no definite length holds")
    func fatal() throws {
        let program = try Self.program("L")
        let outcome = SchemaValidator.validate(
            octets: Self.octets("30 80 02 ff 02 00 00 00"), program)
        #expect(outcome.findings.map(\.code) == [.lengthReserved])
        #expect(outcome.findings.first?.isRecovered == false)
    }

    @Test("No more findings are told than asked for")
    func maximum() throws {
        let program = try Self.program("L")
        let bad =
            [UInt8](repeating: 0, count: 0) + [0x30, 0x80]
            + (0..<50).flatMap { _ in [0x02, 0x00] as [UInt8] } + [0, 0]
        var limits = ValidationLimits()
        limits.findings = 7
        let outcome = SchemaValidator.validate(octets: bad, program, limits: limits)
        #expect(outcome.findings.count == 7)
        #expect(outcome.isCutShort)
    }

    @Test("Nesting above the limit is told, not suffered")
    func depth() throws {
        let program = try #require(ValidationProgram.anything())
        let octets = (0..<200_000).flatMap { _ in [0x30, 0x80] as [UInt8] }
        let outcome = SchemaValidator.validate(octets: octets, program)
        let found = try #require(outcome.findings.first)
        #expect(found.code == .depth)
        #expect(found.offset == UInt64(2 * ValidationLimits().depth))
    }

    @Test("A tag of more octets than the limit is told")
    func longTag() throws {
        let program = try #require(ValidationProgram.anything())
        let octets = [0x1f] + [UInt8](repeating: 0xff, count: 200) + [0x01, 0x00]
        let outcome = SchemaValidator.validate(octets: octets, program)
        #expect(outcome.findings.map(\.code) == [.tagTooLong])
        // Nine digits of seven bits have 63.
        let huge = [0x1f] + [UInt8](repeating: 0xff, count: 8) + [0x7f, 0x00]
        #expect(
            SchemaValidator.validate(octets: huge, program).findings.map(\.code) == [.tagTooLong])
        let large = [0x1f, 0xbf] + [UInt8](repeating: 0xff, count: 7) + [0x7e, 0x00]
        #expect(SchemaValidator.validate(octets: large, program).isValid)
    }

    @Test("CER's segments have 1000 octets each but the last")
    func segments() throws {
        let text = "M DEFINITIONS ::= BEGIN A ::= OCTET STRING END"
        let schema = try #require(
            SchemaCompiler().compile([SourceFile(name: "m.asn", text: text)]).schema)
        let type = try #require(schema.type(named: "A"))
        let program = ValidationProgram(schema, type: type, name: "A", rules: .cer)
        func segment(_ count: Int) -> [UInt8] {
            [0x04, 0x82, UInt8(count >> 8), UInt8(count & 255)]
                + [UInt8](repeating: 7, count: count)
        }
        let good = [0x24, 0x80] + segment(1000) + segment(500) + [0, 0]
        let bad = [0x24, 0x80] + segment(500) + segment(1000) + [0, 0]
        #expect(SchemaValidator.validate(octets: good, program).isValid)
        let found = SchemaValidator.validate(octets: bad, program).findings
        #expect(found.map(\.code) == [.segmentSize])
        #expect(found.first?.offset == 506)
    }
}
