import ASN1
import SchemaValidation
import Testing

/// The contents of the time types and of internationalized identifiers: what ISO 8601, X.680 34 to 38,
/// 46 and 47 and X.690 8.21 to 8.26, 11.7 to 11.9 allow, and the character at fault.
struct TimeTests {
    static let tags: [String: [UInt8]] = [
        "UTCTime": [0x17], "GeneralizedTime": [0x18], "TIME": [0x0e], "DATE": [0x1f, 0x1f],
        "TIME-OF-DAY": [0x1f, 0x20], "DATE-TIME": [0x1f, 0x21], "DURATION": [0x1f, 0x22],
        "OID-IRI": [0x1f, 0x23], "RELATIVE-OID-IRI": [0x1f, 0x24],
    ]

    static func outcome(
        _ type: String, _ text: String, _ rules: ValueRules
    ) throws -> SchemaValidator.Outcome {
        let name = type.split(separator: " ").first.map(String.init) ?? type
        let tag = try #require(tags[name])
        let module = "M DEFINITIONS ::= BEGIN T ::= \(type) END"
        let result = SchemaCompiler().compile([SourceFile(name: "m.asn", text: module)])
        let schema = try #require(result.schema, "\(result.errors.map(\.line))")
        let index = try #require(schema.type(named: "T"))
        let program = ValidationProgram(schema, type: index, name: "T", rules: rules)
        return SchemaValidator.validate(
            octets: tag + [UInt8(text.utf8.count)] + Array(text.utf8), program)
    }

    static let goodCases: [(String, ValueRules, [String])] = [
        (
            "UTCTime", .ber,
            [
                "8201021200Z", "820102120030Z", "8201021200-0500", "820102070000+0130",
                "000229000000Z",
            ]
        ),
        ("UTCTime", .der, ["820102120000Z"]),
        (
            "GeneralizedTime", .ber,
            [
                "19851106210627.3", "19851106210627.3Z", "19851106210627.3-0500", "1985110621",
                "198511062106", "1985110621,25", "19851106240000", "20000229000000Z",
                "19851106210627+05", "198512312359,5",
            ]
        ),
        ("GeneralizedTime", .der, ["19920521000000Z", "19920622123421Z", "19920722132100.3Z"]),
        ("DATE", .ber, ["19850412", "20240229", "00010101"]),
        ("TIME-OF-DAY", .ber, ["000000", "235959", "235960", "240000"]),
        ("DATE-TIME", .ber, ["19850412235959"]),
        ("DURATION", .ber, ["2Y10M15DT10H20M30S", "T1,5S", "6W", "0Y", "1DT0.5H"]),
        ("DURATION", .der, ["T1.5S"]),
        (
            "TIME", .ber,
            [
                "1985-04-12", "1985-102", "1985-W15-5", "1985-W15", "1985-04", "1985", "19C",
                "-0002-04-12", "+19850-04-12", "2020-W53-5", "2004-366", "15:27:46", "15:27",
                "15", "15:27:35,5", "15,5", "15:27.25Z", "15:27:46+01:00", "15:27:46-05",
                "24:00:00",
                "1985-04-12T10:15:30Z", "1985-W15-5T10", "1985-04-12/1985-06-25",
                "1985-04-12T23:20:50/1985-06-25T10:30:00", "P2Y10M15DT10H20M30S", "P6W",
                "1985-04-12T23:20:50/P1Y2M15DT12H30M", "P1Y/1985-04-12",
                "R12/1985-04-12T23:20:50/1985-06-25T10:30:00", "R/P1Y/1985", "10:00/11:00",
            ]
        ),
        ("TIME", .der, ["15:27:35.5", "15:27:46+01"]),
        (
            "TIME (SETTINGS \"Basic=Date Date=YMD Year=Basic\")", .ber,
            ["1985-04-12", "1582-10-15"]
        ),
        (
            "TIME (SETTINGS \"Basic=Time Time=HMSF3 Local-or-UTC=Z\")", .ber, ["10:11:12.125Z"]
        ),
        (
            "TIME (SETTINGS \"Basic=Interval Interval-type=SE SE-point=Date\")", .ber,
            ["1985-04-12/1985-06-25"]
        ),
        ("TIME (SETTINGS \"Basic=Rec-Interval Recurrence=R2\")", .ber, ["R12/P1Y/1985"]),
        ("TIME (SETTINGS \"Midnight=Start\")", .ber, ["00:00:00", "10:00:00"]),
        (
            "OID-IRI", .ber,
            [
                "/ISO/Registration_Authority/19785.CBEFF", "/2/999", "/Joint-ISO-ITU-T/\u{4f8b}",
                "/0",
            ]
        ),
        ("RELATIVE-OID-IRI", .ber, ["Registration_Authority/19785.CBEFF/Organizations", "0/a~b"]),
    ]

    @Test("Good contents pass", arguments: goodCases)
    func good(_ type: String, _ rules: ValueRules, _ texts: [String]) throws {
        for text in texts {
            let found = try Self.outcome(type, text, rules).findings
            #expect(found.isEmpty, "\(text): \(found.first?.message ?? "")")
        }
    }

    /// Type, rules, contents, and the character at fault.
    static let badCases: [(String, ValueRules, String, Int)] = [
        ("UTCTime", .ber, "820102120Z", 9), ("UTCTime", .ber, "8201021200", 10),
        ("UTCTime", .ber, "8213021200Z", 2), ("UTCTime", .ber, "8201321200Z", 4),
        ("UTCTime", .ber, "8201022400Z", 6), ("UTCTime", .ber, "8201021260Z", 8),
        ("UTCTime", .ber, "8201021200-05", 13), ("UTCTime", .ber, "8201021200Zx", 11),
        ("UTCTime", .der, "8201021200Z", 10), ("UTCTime", .der, "820102120000+0000", 12),
        ("UTCTime", .ber, "820229120000Z", 4),
        ("GeneralizedTime", .ber, "198511062106271", 14), ("GeneralizedTime", .ber, "19851106", 8),
        ("GeneralizedTime", .ber, "19000229000000", 6),
        ("GeneralizedTime", .ber, "198511062106.", 13),
        ("GeneralizedTime", .ber, "19851106240001", 12),
        ("GeneralizedTime", .ber, "19851106210627.3+", 17),
        ("GeneralizedTime", .der, "19920520240000Z", 8),
        ("GeneralizedTime", .der, "19920622123421.0Z", 15),
        ("GeneralizedTime", .der, "19920622123421,3Z", 14),
        ("GeneralizedTime", .der, "199206221234Z", 12),
        ("GeneralizedTime", .der, "19920622123421", 14),
        ("DATE", .ber, "1985-04-12", 4), ("DATE", .ber, "19850431", 6),
        ("DATE", .ber, "20230229", 6),
        ("DATE", .ber, "198504", 6), ("TIME-OF-DAY", .ber, "23:59:59", 2),
        ("TIME-OF-DAY", .ber, "250000", 0), ("TIME-OF-DAY", .ber, "240001", 4),
        ("TIME-OF-DAY", .ber, "2359591", 6), ("DATE-TIME", .ber, "19850412T101112", 8),
        ("DURATION", .ber, "P1Y", 0), ("DURATION", .ber, "1M1Y", 3),
        ("DURATION", .ber, "1.5Y2M", 4),
        ("DURATION", .ber, "1H", 1), ("DURATION", .ber, "1YT", 3), ("DURATION", .ber, "", 0),
        ("DURATION", .der, "T1,5S", 2),
        ("TIME", .ber, "", 0), ("TIME", .ber, "1985-13", 5), ("TIME", .ber, "1985-04-31", 8),
        ("TIME", .ber, "1985-366", 5), ("TIME", .ber, "2021-W53", 6),
        ("TIME", .ber, "1985-W15-8", 9),
        ("TIME", .ber, "15:60", 3), ("TIME", .ber, "25:00", 0), ("TIME", .ber, "24:01", 3),
        ("TIME", .ber, "15.", 3), ("TIME", .ber, "19850-04-12", 4),
        ("TIME", .ber, "1985-04T10:00", 7),
        ("TIME", .ber, "P1Y/P1M", 4), ("TIME", .ber, "R12/1985-04-12", 14), ("TIME", .ber, "P", 1),
        ("TIME", .ber, "15:27:46+1", 10), ("TIME", .ber, "15:27 ", 5),
        ("TIME", .der, "15:27:35,5", 8), ("TIME", .der, "15:27:46+01:00", 11),
        ("OID-IRI", .ber, "ISO/a", 0), ("OID-IRI", .ber, "/", 1), ("OID-IRI", .ber, "/a//b", 3),
        ("OID-IRI", .ber, "/a/", 3), ("OID-IRI", .ber, "/01", 3), ("OID-IRI", .ber, "/-a", 1),
        ("OID-IRI", .ber, "/a-/b", 3), ("OID-IRI", .ber, "/ab--c", 4), ("OID-IRI", .ber, "/a b", 2),
        ("OID-IRI", .ber, "", 0), ("RELATIVE-OID-IRI", .ber, "/a", 0),
        ("RELATIVE-OID-IRI", .ber, "a/", 2),
    ]

    @Test("Bad contents are told with the character at fault", arguments: badCases)
    func bad(_ type: String, _ rules: ValueRules, _ text: String, _ character: Int) throws {
        let found = try #require(try Self.outcome(type, text, rules).findings.first)
        let name = type.split(separator: " ").first.map(String.init) ?? type
        #expect(found.code == (name.hasSuffix("IRI") ? .iri : .time))
        let head = (Self.tags[name]?.count ?? 0) + 1
        #expect(found.at == UInt64(head + character), "\(found.message)")
        #expect(found.offset == 0)
    }

    static let unset: [(String, String)] = [
        ("Basic=Date Date=YMD", "1985-04"), ("Basic=Date", "10:00"), ("Year=Basic", "1581"),
        ("Year=Negative", "1985"), ("Year=L5", "1985"), ("Time=HM", "10:11:12"),
        ("Time=HMSF3", "10:11:12.12"), ("Local-or-UTC=Z", "10:11:12"),
        ("Local-or-UTC=L", "10:11+01"),
        ("Interval-type=D", "1985/1986"), ("SE-point=Date", "10:00/11:00"),
        ("Recurrence=Unlimited", "R1/P1Y/1985"), ("Midnight=Start", "24:00:00"),
        ("Midnight=End", "00:00:00"),
    ]

    @Test("SETTINGS excludes the times that have other properties", arguments: unset)
    func settings(_ settings: String, _ text: String) throws {
        let found = try Self.outcome("TIME (SETTINGS \"\(settings)\")", text, .ber).findings
        #expect(found.map(\.code) == [.constraint])
    }

    @Test("The types of clauses 8.21, 8.22 and 8.26 have no segments")
    func primitive() throws {
        for (type, head) in [("DATE", "3f 1f 0a 04 08"), ("OID-IRI", "3f 23 0a 04 08")] {
            let module = "M DEFINITIONS ::= BEGIN T ::= \(type) END"
            let schema = try #require(
                SchemaCompiler().compile([SourceFile(name: "m.asn", text: module)]).schema)
            let index = try #require(schema.type(named: "T"))
            let program = ValidationProgram(schema, type: index, name: "T")
            let octets = FaultTests.octets(head) + Array("19850412".utf8)
            #expect(
                SchemaValidator.validate(octets: octets, program).findings.map(\.code) == [.form])
        }
    }
}
