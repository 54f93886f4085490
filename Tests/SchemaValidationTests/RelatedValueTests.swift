import ASN1
import SchemaValidation
import Testing

/// Component relation constraints on values (X.682 10.7): what a component may be goes by the row
/// that another leads to. The octets are put together by hand.
@Suite("Values that another component decides")
struct RelatedValueTests {
    private static let text = """
        M DEFINITIONS IMPLICIT TAGS ::= BEGIN
        DEVICE ::= CLASS { &name UTF8String UNIQUE, &version INTEGER (0..255), &State }
          WITH SYNTAX { NAME &name VERSION &version STATE &State }
        Devices DEVICE ::= {
          { NAME "a" VERSION 1 STATE BOOLEAN } | { NAME "b" VERSION 2 STATE INTEGER (0..9) } }
        Section ::= SEQUENCE {
          name DEVICE.&name ({Devices}),
          version DEVICE.&version ({Devices}{@name}),
          state DEVICE.&State ({Devices}{@name}) }
        Turned ::= SEQUENCE {
          version DEVICE.&version ({Devices}{@name}), name DEVICE.&name ({Devices}) }
        Named ::= UTF8String ("x" | "y" | "a""b")
        Count ::= INTEGER (1 | 5)
        Sections ::= SEQUENCE OF Section
        END
        """

    private static func findings(_ type: String, _ hex: String) throws -> [Finding] {
        let result = SchemaCompiler().compile([SourceFile(name: "m.asn", text: text)])
        let schema = try #require(result.schema, "\(result.errors.map(\.line))")
        let number = try #require(schema.type(named: type))
        let program = ValidationProgram(schema, type: number, name: type, rules: .ber)
        return SchemaValidator.validate(octets: FaultTests.octets(hex), program).findings
    }

    @Test(
        "The value of the row that the key leads to is good",
        arguments: [
            "30 09 0c 01 61 02 01 01 01 01 ff", "30 09 0c 01 62 02 01 02 02 01 09",
            "30 80 0c 01 61 02 01 01 01 01 ff 00 00",
        ])
    func good(hex: String) throws {
        #expect(try Self.findings("Section", hex).isEmpty)
    }

    // 2 is a version of Devices, but not of "a"'s row.
    @Test("Another row's value is a fault, told with the key and the value wanted")
    func otherRow() throws {
        let found = try Self.findings("Section", "30 09 0c 01 61 02 01 02 01 01 ff")
        let first = try #require(found.first)
        #expect(found.count == 1)
        #expect(first.code == .table)
        #expect(first.offset == 5)
        #expect(first.pathText == "Section.version")
        #expect(first.message == "2 where the object of M.Devices has 1")
        #expect(first.found == "2")
        #expect(first.allowed == ["1"])
        #expect(first.keys == [Finding.Key(name: "name", value: "\"a\"")])
        let text = FindingText(file: "f", schemas: [])
        #expect(
            text.line(first).hasPrefix(
                "f:0x00000005: error[table-constraint]: Section.version: "
                    + "2 where the object of M.Devices has 1 [name = \"a\"]"),
            "\(text.line(first))")
        #expect(text.human(first).contains("\n  where  name = \"a\"\n"))
        #expect(
            text.json(first).hasSuffix(
                #""recovered":true,"keys":[{"name":"name","value":"\"a\""}]}"#))
    }

    @Test("A key that no row has is the fault, not what goes by it")
    func noRow() throws {
        let found = try Self.findings("Section", "30 09 0c 01 63 02 01 02 01 01 ff")
        #expect(found.first?.pathText == "Section.name")
        #expect(found.first?.message == "no object of M.Devices has \"c\"")
        #expect(!found.contains { $0.pathText == "Section.version" })
    }

    @Test("A fault inside the open type tells the keys of all structures around")
    func inside() throws {
        let found = try Self.findings(
            "Sections", "30 16 30 09 0c 01 61 02 01 01 01 01 ff 30 09 0c 01 62 02 01 02 02 01 0a")
        let first = try #require(found.first)
        #expect(found.count == 1)
        #expect(first.code == .valueRange)
        #expect(first.pathText == "Sections[1].state")
        #expect(first.keys == [Finding.Key(name: "name", value: "\"b\"")])
    }

    // The name comes later: that the version is one of the set's is all that can be told.
    @Test("Before its key a value has to be some row's")
    func turned() throws {
        #expect(try Self.findings("Turned", "30 06 02 01 02 0c 01 61").isEmpty)
        #expect(
            try Self.findings("Turned", "30 06 02 01 03 0c 01 61").first?.pathText
                == "Turned.version")
    }

    @Test(
        "A value that is none of those named is told with them",
        arguments: [
            ("Named", "0c 01 7a", #""z" where "x" or "y" or "a""b" is demanded"#),
            ("Named", "0c 02 1b 7a", #""\u{1b}z" where "x" or "y" or "a""b" is demanded"#),
        ])
    func named(type: String, hex: String, message: String) throws {
        #expect(try Self.findings(type, hex).first?.message == message)
    }
}
