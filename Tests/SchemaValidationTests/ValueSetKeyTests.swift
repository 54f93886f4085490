import ASN1
import SchemaValidation
import Testing

/// Object sets whose keys are sets of values (fixed-type value set fields, X.681 9.9): a row is found
/// by a value that is in its set (X.682 10). The octets are put together by hand.
@Suite("Keys that are sets of values")
struct ValueSetKeyTests {
    static let text = """
        M DEFINITIONS IMPLICIT TAGS ::= BEGIN
        DEVICE ::= CLASS { &Names UTF8String, &Versions INTEGER, &State }
          WITH SYNTAX { NAMES &Names VERSIONS &Versions STATE &State }
        Devices DEVICE ::= {
          { NAMES { Pm-Name } VERSIONS { 3 | 5 } STATE BOOLEAN } |
          { NAMES { "x" | "y" } VERSIONS { 1..2 } STATE NULL } |
          { NAMES { Other } VERSIONS { INTEGER } STATE OCTET STRING } }
        Pm-Name ::= UTF8String (PATTERN "(.*/)?pm")
        Known ::= UTF8String (PATTERN "(.*/)?(pm|x|y)")
        Other ::= UTF8String (ALL EXCEPT Known)
        Section ::= SEQUENCE {
          name      DEVICE.&Names ({Devices}),
          version   DEVICE.&Versions ({Devices}{@name}),
          contents  DEVICE.&State ({Devices}{@name}) }
        Few DEVICE ::= { { NAMES { Pm-Name } VERSIONS { 3 } STATE BOOLEAN } }
        Closed ::= SEQUENCE {
          name      DEVICE.&Names ({Few}),
          contents  DEVICE.&State ({Few}{@name}) }
        END
        """

    static func findings(_ type: String, _ hex: String) throws -> [Finding] {
        let result = SchemaCompiler().compile([SourceFile(name: "m.asn", text: text)])
        let schema = try #require(result.schema, "\(result.errors.map(\.line))")
        let node = try #require(schema.type(named: type))
        let program = ValidationProgram(schema, type: node, name: type, rules: .ber)
        let octets = try #require(
            hex.split(separator: " ").map { UInt8($0, radix: 16) } as? [UInt8])
        return SchemaValidator.validate(octets: octets, program).findings
    }

    @Test(
        "A value in a row's set leads to its type",
        arguments: [
            // "pm" 3 TRUE; "a/pm" 5 FALSE; "y" 2 NULL; "qm" 77 ''H
            "30 0a 0c 02 70 6d 02 01 03 01 01 ff", "30 0c 0c 04 61 2f 70 6d 02 01 05 01 01 00",
            "30 08 0c 01 79 02 01 02 05 00", "30 09 0c 02 71 6d 02 01 4d 04 00",
        ])
    func good(hex: String) throws {
        #expect(try Self.findings("Section", hex).isEmpty)
    }

    @Test("A value that another row's set has is a fault, told with those that this row has")
    func otherRow() throws {
        let found = try Self.findings("Section", "30 0a 0c 02 70 6d 02 01 04 01 01 ff")
        #expect(found.count == 1)
        #expect(found.first?.pathText == "Section.version")
        #expect(found.first?.message == "4 where the object of M.Devices has 3 or 5")
        #expect(found.first?.keys == [Finding.Key(name: "name", value: "\"pm\"")])
    }

    @Test("Contents of another row's type are a fault, told with the type of this row")
    func otherType() throws {
        let found = try Self.findings("Section", "30 0b 0c 04 61 2f 70 6d 02 01 03 05 00")
        #expect(found.count == 1)
        #expect(found.first?.code == .table)
        #expect(found.first?.pathText == "Section.contents")
        #expect(found.first?.offset == 11)
        #expect(
            found.first?.message
                == "NULL [UNIVERSAL 5] where the object of M.Devices has BOOLEAN [UNIVERSAL 1]")
    }

    @Test("A value that no set has is one finding, at the key")
    func noRow() throws {
        let found = try Self.findings("Closed", "30 07 0c 02 71 6d 01 01 ff")
        #expect(found.map(\.pathText) == ["Closed.name"])
        #expect(found.first?.message == "no object of M.Few has \"qm\"")
    }
}
