import ASN1
import SchemaValidation
import Testing

/// X.690 clause by clause, under each set of rules: vectors made by hand from the text of the clause.
struct RuleTests {
    static let text = """
        M DEFINITIONS IMPLICIT TAGS ::= BEGIN
        Bits ::= BIT STRING
        Named ::= BIT STRING { a(0), b(1), c(2) }
        Sized ::= BIT STRING { a(0), b(1), c(2) } (SIZE (2..8))
        Octets ::= OCTET STRING
        Real ::= REAL
        Truth ::= BOOLEAN
        Set ::= SET { a [3] NULL OPTIONAL, c CHOICE { x [1] NULL, y [5] NULL } OPTIONAL }
        Elements ::= SET OF OCTET STRING
        Defaults ::= SEQUENCE { i INTEGER DEFAULT 5, f Named DEFAULT {a},
          p [0] SEQUENCE { v INTEGER, w BOOLEAN } DEFAULT { v 1, w TRUE },
          l [1] SEQUENCE OF INTEGER DEFAULT { 1, 2 } }
        Text ::= UTF8String
        Number ::= INTEGER
        List ::= SEQUENCE OF INTEGER
        END
        """

    struct Vector: Sendable, CustomTestStringConvertible {
        var clause: String
        var type: String
        var rules: ValueRules
        var hex: String
        /// `nil`: good.
        var code: ValidationCode?
        var at: UInt64

        init(
            _ clause: String, _ type: String, _ rules: ValueRules, _ hex: String,
            _ code: ValidationCode? = nil, at: UInt64 = 0
        ) {
            self.clause = clause
            self.type = type
            self.rules = rules
            self.hex = hex
            self.code = code
            self.at = at
        }
        var testDescription: String { "\(clause) \(type) \(rules.rawValue) \(hex)" }
    }

    static let vectors: [Vector] = [
        Vector("8.1.3.5", "Number", .ber, "02 84 00 00 00 01 05"),
        Vector("10.1", "Number", .der, "02 81 01 05", .lengthNotMinimal, at: 1),
        Vector("9.1", "Number", .cer, "02 81 01 05", .lengthNotMinimal, at: 1),
        Vector("9.1", "List", .cer, "30 80 02 01 05 00 00"),
        Vector("9.1", "List", .cer, "30 03 02 01 05", .definiteForbidden, at: 1),
        Vector("10.1", "List", .der, "30 80 02 01 05 00 00", .indefiniteForbidden, at: 1),
        Vector("8.2.2", "Truth", .ber, "01 01 01"),
        Vector("11.1", "Truth", .cer, "01 01 01", .booleanValue, at: 2),
        Vector("8.3.2", "Number", .ber, "02 02 ff 80", .integerPadding, at: 2),
        Vector("8.3.2", "Number", .ber, "02 02 ff 7f"),
        // 8.5: reals.
        Vector("8.5.6.4", "Real", .ber, "09 04 81 00 05 01"),
        Vector("8.5.6.4 d", "Real", .ber, "09 06 83 02 00 05 01 01", .realFormat, at: 4),
        Vector("8.5.6.4 d", "Real", .ber, "09 03 83 00 01", .realFormat, at: 3),
        Vector("8.5.6.4", "Real", .ber, "09 02 80 05", .realFormat, at: 4),
        Vector("8.5.6.2", "Real", .ber, "09 03 a4 00 01"),
        Vector("8.5.6.2", "Real", .ber, "09 03 b0 00 01", .realFormat, at: 2),
        Vector("8.5.2", "Real", .ber, "09 03 80 00 00", .realFormat, at: 4),
        Vector("8.5.2", "Real", .ber, "09 04 80 03 00 00", .realFormat, at: 4),
        Vector("8.5.9", "Real", .ber, "09 03 c0 00 00", .realFormat, at: 4),
        Vector("8.5.2", "Real", .ber, "09 02 01 30", .realFormat, at: 3),
        Vector("8.5.2", "Real", .ber, "09 07 03 30 2e 30 45 2d 35", .realFormat, at: 3),
        Vector("8.5.9", "Real", .ber, "09 05 02 2d 30 2e 30", .realFormat, at: 3),
        Vector("8.5.8", "Real", .ber, "09 05 02 30 2e 30 31"),
        Vector("8.5.9", "Real", .ber, "09 01 44", .realFormat, at: 2),
        Vector("8.5.9", "Real", .ber, "09 02 40 00", .realFormat, at: 3),
        Vector("8.5.8", "Real", .ber, "09 03 01 31 35"),
        Vector("8.5.8", "Real", .ber, "09 05 02 20 31 2c 35"),
        Vector("8.5.8", "Real", .ber, "09 03 04 31 35", .realFormat, at: 2),
        Vector("11.3.1", "Real", .der, "09 03 80 ff 03"),
        Vector("11.3.1", "Real", .der, "09 03 90 ff 03", .realFormat, at: 2),
        Vector("11.3.1", "Real", .der, "09 03 84 ff 03", .realFormat, at: 2),
        Vector("11.3.1", "Real", .der, "09 03 80 ff 02", .realFormat, at: 4),
        Vector("11.3.1", "Real", .der, "09 04 80 ff 00 03", .realFormat, at: 4),
        Vector("11.3.1", "Real", .der, "09 04 81 ff ff 03", .realFormat, at: 3),
        Vector("11.3.1", "Real", .der, "09 04 83 01 05 03", .realFormat, at: 2),
        Vector("11.3.2", "Real", .der, "09 06 03 31 35 2e 45 30".replacing("45 30", with: "45 31")),
        Vector("11.3.2", "Real", .der, "09 07 03 31 35 2e 45 2b 30"),
        Vector("11.3.2", "Real", .der, "09 07 03 31 35 2e 45 2d 31"),
        Vector("11.3.2.1", "Real", .der, "09 03 01 31 35", .realFormat, at: 2),
        Vector("11.3.2.3", "Real", .der, "09 06 03 20 35 2e 45 31", .realFormat, at: 3),
        Vector("11.3.2.4", "Real", .der, "09 06 03 31 30 2e 45 31", .realFormat, at: 4),
        Vector("11.3.2.4", "Real", .der, "09 06 03 30 35 2e 45 31", .realFormat, at: 3),
        Vector("11.3.2.5", "Real", .der, "09 06 03 31 2e 35 45 31", .realFormat, at: 5),
        Vector("11.3.2.6", "Real", .der, "09 05 03 31 2e 45 30", .realFormat, at: 6),
        Vector("11.3.2.6", "Real", .der, "09 06 03 31 2e 45 2b 31", .realFormat, at: 6),
        // 8.6, 11.2: bit strings.
        Vector("8.6.2.3", "Bits", .ber, "03 01 00"), Vector("8.6.2.3", "Bits", .der, "03 01 00"),
        Vector("8.6.2.2", "Bits", .ber, "03 02 08 00", .bitStringUnused, at: 2),
        Vector("8.6.2.3", "Bits", .ber, "03 01 01", .bitStringUnused, at: 2),
        Vector("8.6.4", "Bits", .ber, "23 07 03 02 00 ff 03 01 00"),
        Vector("8.6.4", "Bits", .ber, "23 08 03 02 01 fe 03 02 00 ff", .bitStringUnused, at: 6),
        Vector("8.6.4.1", "Bits", .ber, "23 03 04 01 00", .segmentTag, at: 2),
        Vector("8.6.4", "Bits", .ber, "23 80 23 80 03 02 00 ff 00 00 03 02 04 f0 00 00"),
        Vector("10.2", "Bits", .der, "23 04 03 02 00 ff", .stringForm),
        Vector("11.2.1", "Bits", .der, "03 02 04 f8", .bitStringUnused, at: 3),
        Vector("11.2.2", "Named", .der, "03 02 06 c0"), Vector("11.2.2", "Named", .der, "03 01 00"),
        Vector("11.2.2", "Named", .der, "03 02 05 c0", .bitStringUnused),
        Vector("11.2.2", "Named", .ber, "03 02 05 c0"),
        Vector("11.2.2", "Sized", .der, "03 02 06 80"),
        Vector("11.2.2", "Sized", .der, "03 02 06 00"),
        Vector("11.2.2", "Sized", .der, "03 02 05 80", .bitStringUnused),
        Vector("11.2.2", "Sized", .ber, "03 02 07 80"),
        // 8.7, 8.23: strings in segments.
        Vector("8.7.3.2", "Octets", .ber, "24 80 24 03 04 01 01 04 00 00 00"),
        Vector("8.7.3.2", "Octets", .ber, "24 03 16 01 61", .segmentTag, at: 2),
        Vector("8.23.6", "Text", .ber, "2c 06 04 01 c3 04 01 a9"),
        Vector("8.23.6", "Text", .ber, "2c 03 0c 01 61", .segmentTag, at: 2),
        Vector("8.23.10", "Text", .ber, "0c 02 c1 81", .utf8, at: 2),
        Vector("8.23.10", "Text", .ber, "0c 03 ed a0 80", .utf8, at: 2),
        Vector("9.2", "Octets", .cer, "24 80 04 01 01 00 00", .stringForm),
        // 8.11, 9.3, 10.3: the order of a SET.
        Vector("8.11", "Set", .ber, "31 04 83 00 81 00"),
        Vector("10.3", "Set", .der, "31 04 81 00 83 00"),
        Vector("10.3", "Set", .der, "31 04 83 00 85 00"),
        Vector("10.3", "Set", .der, "31 04 83 00 81 00", .componentOrder, at: 4),
        Vector("9.3", "Set", .cer, "31 80 85 00 83 00 00 00"),
        Vector("9.3", "Set", .cer, "31 80 83 00 85 00 00 00", .componentOrder, at: 4),
        // 11.6: the order of a SET OF.
        Vector("11.6", "Elements", .der, "31 07 04 01 02 04 02 01 01"),
        Vector("11.6", "Elements", .der, "31 06 04 01 01 04 01 01"),
        Vector("11.6", "Elements", .der, "31 07 04 02 01 01 04 01 02", .elementOrder, at: 6),
        Vector("11.6", "Elements", .ber, "31 07 04 02 01 01 04 01 02"),
        // 11.5: default values.
        Vector("11.5", "Defaults", .ber, "30 03 02 01 05"),
        Vector("11.5", "Defaults", .der, "30 03 02 01 04"),
        Vector("11.5", "Defaults", .der, "30 03 02 01 05", .defaultEncoded, at: 2),
        Vector("11.5", "Defaults", .der, "30 04 03 02 07 80", .defaultEncoded, at: 2),
        Vector("11.5", "Defaults", .der, "30 04 03 02 06 40"),
        Vector("11.5", "Defaults", .der, "30 08 a0 06 02 01 01 01 01 ff", .defaultEncoded, at: 2),
        Vector("11.5", "Defaults", .der, "30 08 a0 06 02 01 01 01 01 00"),
        Vector("11.5", "Defaults", .der, "30 08 a1 06 02 01 01 02 01 02", .defaultEncoded, at: 2),
        Vector("11.5", "Defaults", .der, "30 08 a1 06 02 01 02 02 01 01"),
    ]

    static let schema: Schema? =
        SchemaCompiler().compile([SourceFile(name: "m.asn", text: text)]).schema

    @Test("Each clause of X.690 is kept", arguments: vectors)
    func clause(_ vector: Vector) throws {
        let schema = try #require(Self.schema)
        let type = try #require(schema.type(named: vector.type))
        let program = ValidationProgram(schema, type: type, name: "T", rules: vector.rules)
        let octets = FaultTests.octets(vector.hex)
        let first = SchemaValidator.validate(octets: octets, program).findings.first
        #expect(first?.code == vector.code, "\(first?.message ?? "valid")")
        if vector.code != nil { #expect(first?.at == vector.at) }
        let pieces = try PieceTests.run(octets, program, step: 1)
        #expect(pieces.first.map(PieceTests.Key.init) == first.map(PieceTests.Key.init))
    }

    @Test("CER counts the first octet of a BIT STRING among the 1000", arguments: [999, 1000])
    func bits(_ count: Int) throws {
        let schema = try #require(Self.schema)
        let type = try #require(schema.type(named: "Bits"))
        let program = ValidationProgram(schema, type: type, name: "T", rules: .cer)
        let content = [0] + [UInt8](repeating: 7, count: count)
        let length = [0x82, UInt8(content.count >> 8), UInt8(content.count & 255)]
        let whole = SchemaValidator.validate(octets: [0x03] + length + content, program)
        #expect(whole.findings.map(\.code) == (count == 999 ? [] : [.stringForm]))
        // 999 octets of bits make a full segment; one more goes to the next.
        let full = [0x03, 0x82, 0x03, 0xe8, 0x00] + [UInt8](repeating: 7, count: 999)
        let rest: [UInt8] = count == 999 ? [] : [0x03, 0x02, 0x00, 0x07]
        let pieces = SchemaValidator.validate(
            octets: [0x23, 0x80] + full + rest + [0, 0], program)
        #expect(pieces.findings.map(\.code) == (count == 999 ? [.stringForm] : []))
    }

    /// Any BER: elements inside each other, with some damage.
    static func random(_ generator: inout SplitMix, depth: Int) -> [UInt8] {
        let tags: [UInt8] = [1, 2, 3, 4, 5, 6, 9, 10, 12, 19, 23, 24, 0x80, 0x81, 0x85]
        let pick = generator.next()
        if depth == 0 || pick % 3 == 0 {
            let count = Int(generator.next() % 5)
            let tag = tags[Int(generator.next() % UInt64(tags.count))]
            return [tag, UInt8(count)]
                + (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 7) }
        }
        let outer: [UInt8] = [0x30, 0x31, 0x24, 0x23, 0x2c, 0x28, 0x2b, 0xa0, 0xa1]
        let tag = outer[Int(generator.next() % UInt64(outer.count))]
        var content: [UInt8] = []
        for _ in 0..<generator.next() % 4 { content += random(&generator, depth: depth - 1) }
        if generator.next() % 2 == 0 { return [tag, 0x80] + content + [0, 0] }
        let shift = generator.next() % 16 == 0 ? 1 : 0
        return [tag, 0x81, UInt8(truncatingIfNeeded: content.count + shift)] + content
    }

    @Test("Random BER gives the same findings octet by octet under any type and rules")
    func fuzz() throws {
        var generator = SplitMix(state: 20_261_122)
        let schema = try #require(Self.schema)
        let second = try #require(
            SchemaCompiler().compile([SourceFile(name: "m.asn", text: OpenTypeTests.text)]).schema)
        for schema in [schema, second] {
            for name in schema.names.map(\.name) {
                guard let type = schema.type(named: name) else { continue }
                for rules in ValueRules.allCases {
                    let program = ValidationProgram(schema, type: type, name: name, rules: rules)
                    for _ in 0..<20 {
                        var octets = Self.random(&generator, depth: 4)
                        if generator.next() % 4 == 0, !octets.isEmpty {
                            octets.removeLast(Int(generator.next() % UInt64(octets.count)))
                        }
                        let whole = SchemaValidator.validate(octets: octets, program).findings
                        let pieces = try PieceTests.run(octets, program, step: 1)
                        #expect(
                            whole.map(PieceTests.Key.init) == pieces.map(PieceTests.Key.init),
                            "\(name) \(rules) \(octets)")
                    }
                }
            }
        }
    }
}
