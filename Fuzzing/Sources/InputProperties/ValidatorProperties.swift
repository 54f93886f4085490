import ASN1
import ByteIO
import SchemaValidation

/// A schema and BER: the first octet chooses the schema and the rules.
enum ValidatorProperties {
    @Sendable static func check(_ input: [UInt8]) throws -> String {
        guard let choice = input.first else { return "empty" }
        let octets = Array(input.dropFirst())
        let rules = ValueRules.allCases[Int(choice >> 4) % 3]
        guard let program = SampleSchemas.program(Int(choice & 15), rules),
            let lax = SampleSchemas.program(Int(choice & 15), .ber)
        else { throw Breach("a schema does not compile") }
        let limits = ValidationLimits()
        let whole = try SchemaValidator.validate(.file(octets), program, limits: limits)
        let pieces = try SchemaValidator.validate(.pipe(octets), program, limits: limits)
        try expect(
            whole.findings.map(\.place) == pieces.findings.map(\.place),
            "pieces give other findings: \(whole.findings.map(\.place)), "
                + "\(pieces.findings.map(\.place))")
        try expect(whole.elements == pieces.elements, "pieces give other elements")
        for finding in whole.findings {
            try expect(
                finding.at <= UInt64(octets.count), "a finding behind the input: \(finding)")
        }
        if whole.isValid {
            try expect(
                SchemaValidator.validate(octets: octets, lax).isValid,
                "valid by \(rules), but not by BER")
        }
        try listen(octets, program, whole)
        if let error = whole.findings.first(where: { $0.severity == .error }) {
            return "\(error.code.rawValue) at \(error.at)"
        }
        return "valid"
    }

    /// Whoever listens changes nothing.
    private static func listen(
        _ octets: [UInt8], _ program: ValidationProgram, _ outcome: SchemaValidator.Outcome
    ) throws {
        let json = TextSink(.inMemory())
        var jsonListener = JSONListener(program, to: json)
        let heard = try SchemaValidator.run(.pipe(octets), program, listener: &jsonListener)
        // What a cut-off string lacks beside its end is told only to whom nothing was shown of it.
        let isCut = [heard, outcome].contains { $0.findings.last?.code == .truncated }
        try expect(
            isCut || heard.findings.map(\.place) == outcome.findings.map(\.place),
            "a listener changes the findings")
        _ = try json.takeOctets()
        var xml = XMLListener(program, to: TextSink(.inMemory()))
        _ = try SchemaValidator.run(.file(octets), program, listener: &xml)
        var tree = TreeListener(program, to: TextSink(.inMemory()))
        _ = try SchemaValidator.run(.file(octets), program, listener: &tree)
    }
}

extension Finding {
    fileprivate var place: String { "\(code.rawValue)@\(at) \(pathText)" }
}

/// Schemas that have every type and every kind of constraint between them.
enum SampleSchemas {
    /// - Parameter choice: from 0 to 15, each is some schema.
    static func program(_ choice: Int, _ rules: ValueRules) -> ValidationProgram? {
        let index = choice % count
        let place =
            index * ValueRules.allCases.count
            + (ValueRules.allCases.firstIndex(of: rules) ?? 0)
        return programs[place]
    }

    private static let count = 4

    private static let programs: [ValidationProgram?] = (0..<count).flatMap { index in
        ValueRules.allCases.map { rules in
            switch index {
            case 0: compile(BuiltInSchema.version4.file, BuiltInSchema.typeName, rules)
            case 1: compile(BuiltInSchema.version3.file, BuiltInSchema.typeName, rules)
            case 2: compile(SourceFile(name: "sample", text: text), "All", rules)
            default: ValidationProgram.anything(rules: rules)
            }
        }
    }

    private static func compile(
        _ file: SourceFile, _ name: String, _ rules: ValueRules
    ) -> ValidationProgram? {
        guard let schema = SchemaCompiler().compile([file]).schema,
            let type = schema.type(named: name)
        else { return nil }
        return ValidationProgram(schema, type: type, name: name, rules: rules)
    }

    private static let text = """
        Sample DEFINITIONS AUTOMATIC TAGS ::= BEGIN
        All ::= SEQUENCE OF One
        One ::= CHOICE {
          bool BOOLEAN, int INTEGER (-5..300 | 1000, ...), big INTEGER,
          enum ENUMERATED { a, b(5), ..., c }, real REAL, bits BIT STRING { x(0), y(3) } (SIZE (1..20)),
          octets OCTET STRING (SIZE (0..9)), null NULL, oid OBJECT IDENTIFIER, rel RELATIVE-OID,
          utf8 UTF8String (FROM ("a".."z" | "A".."Z")) , num NumericString, prn PrintableString,
          ia5 IA5String (PATTERN "[a-c]+\\d*"), vis VisibleString (SIZE (2)), bmp BMPString,
          uni UniversalString, tel TeletexString, gra GraphicString, utc UTCTime,
          gen GeneralizedTime, time TIME, date DATE, tod TIME-OF-DAY, dt DATE-TIME, dur DURATION,
          seq SEQUENCE { a INTEGER DEFAULT 5, b BOOLEAN OPTIONAL, ..., [[ c NULL, d UTF8String ]], ...,
            e OCTET STRING },
          set SET { p INTEGER, q UTF8String OPTIONAL, r One OPTIONAL },
          setof SET (SIZE (0..4)) OF INTEGER, seqof SEQUENCE OF SEQUENCE OF BOOLEAN,
          open Message, ext EXTERNAL, pdv EMBEDDED PDV, chs CHARACTER STRING,
          held SEQUENCE { n INTEGER, t UTF8String } (WITH COMPONENTS { ..., n (1..9) }),
          cont OCTET STRING (CONTAINING One), bcont BIT STRING (CONTAINING All),
          val UTF8String ("yes" | "no"), except INTEGER (ALL EXCEPT (3 | 7)),
          nested One, iri OID-IRI, ...,
          later SEQUENCE { x NULL } }
        KIND ::= CLASS { &id INTEGER UNIQUE, &Type } WITH SYNTAX { &id IS &Type }
        Kinds KIND ::= { {1 IS INTEGER (0..5)} | {2 IS UTF8String} | {3 IS All}, ... }
        Message ::= SEQUENCE { id KIND.&id ({Kinds}), value KIND.&Type ({Kinds}{@id}),
          after SEQUENCE { value KIND.&Type ({Kinds}{@.key}), key KIND.&id ({Kinds}) } OPTIONAL }
        END
        """
}
