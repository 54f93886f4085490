import ASN1
import ByteIO
import Foundation
import SchemaValidation
import Testing

/// Values of each type in JSON (X.697) and XML (X.693, X.680), written out by hand.
struct ListingTests {
    static let text = """
        M DEFINITIONS AUTOMATIC TAGS ::= BEGIN
        CLS ::= CLASS { &id INTEGER UNIQUE, &Type } WITH SYNTAX { &Type BY &id }
        Set CLS ::= { { BOOLEAN BY 1 } | { INTEGER BY 2 } }
        Open ::= SEQUENCE { id CLS.&id({Set}), value CLS.&Type({Set}{@id}) }
        Flags ::= BIT STRING { a(0), b(1) }
        Fixed ::= BIT STRING (SIZE (4))
        Kind ::= ENUMERATED { one, two, ... }
        Nulls ::= SEQUENCE OF NULL
        Nothing ::= NULL
        Nothings ::= SEQUENCE OF Nothing
        Kinds ::= SEQUENCE OF Kind
        Either ::= CHOICE { x NULL, y BOOLEAN }
        Choices ::= SEQUENCE OF Either
        Pair ::= SEQUENCE { a INTEGER, s UTF8String, list SEQUENCE OF Flags OPTIONAL }
        Inside ::= OCTET STRING (CONTAINING Pair)
        END
        """

    static func list(
        _ type: String, _ octets: [UInt8]
    ) throws -> (json: String, xml: String) {
        let isBuiltIn =
            type.allSatisfy { $0.isUppercase || $0 == " " || $0 == "-" } || type == "UTF8String"
        let module = text.replacing("END", with: isBuiltIn ? "T ::= \(type) END" : "END")
        let result = SchemaCompiler().compile([SourceFile(name: "m.asn", text: module)])
        let schema = try #require(result.schema, "\(result.errors.map(\.line))")
        let index = try #require(schema.type(named: isBuiltIn ? "T" : type))
        let program = ValidationProgram(schema, type: index, name: isBuiltIn ? "T" : type)
        let json = TextSink(ByteSink.inMemory())
        var first = JSONListener(program, to: json)
        _ = try SchemaValidator.run(ByteSource(octets: octets), program, listener: &first)
        let xml = TextSink(ByteSink.inMemory())
        var second = XMLListener(program, to: xml)
        _ = try SchemaValidator.run(ByteSource(octets: octets), program, listener: &second)
        return (
            String(decoding: try json.takeOctets(), as: UTF8.self).filter { !$0.isWhitespace },
            String(decoding: try xml.takeOctets(), as: UTF8.self)
        )
    }

    /// Type, octets, JSON without white space, XML.
    static let cases: [(String, String, String, String)] = [
        ("BOOLEAN", "01 01 ff", "true", "<T><true/></T>"),
        ("INTEGER", "02 01 80", "-128", "<T>-128</T>"),
        (
            "INTEGER", "02 09 01 00 00 00 00 00 00 00 00", "18446744073709551616",
            "<T>18446744073709551616</T>"
        ),
        (
            "INTEGER", "02 09 ff 00 00 00 00 00 00 00 00", "-18446744073709551616",
            "<T>-18446744073709551616</T>"
        ),
        ("NULL", "05 00", "null", "<T></T>"),
        // X.680 26.3: an element without content is called by its type.
        ("Nothings", "30 02 05 00", "[null]", "<Nothings><Nothing/></Nothings>"),
        ("REAL", "09 00", "0", "<T>0</T>"),
        ("REAL", "09 01 40", "\"INF\"", "<T><PLUS-INFINITY/></T>"),
        ("REAL", "09 01 41", "\"-INF\"", "<T><MINUS-INFINITY/></T>"),
        ("REAL", "09 01 42", "\"NaN\"", "<T><NOT-A-NUMBER/></T>"),
        ("REAL", "09 01 43", "\"-0\"", "<T>-0</T>"),
        ("REAL", "09 03 c0 ff 03", "-1.5", "<T>-1.5</T>"),
        ("REAL", "09 06 03 31 35 2e 45 30", "15.0", "<T>15.0</T>"),
        ("OCTET STRING", "04 02 0f a0", "\"0FA0\"", "<T>0FA0</T>"),
        ("OCTET STRING", "24 06 04 01 0f 04 01 a0", "\"0FA0\"", "<T>0FA0</T>"),
        ("BIT STRING", "03 02 04 af", "{\"value\":\"A0\",\"length\":4}", "<T>1010</T>"),
        ("Flags", "03 02 06 c0", "{\"value\":\"C0\",\"length\":2}", "<Flags>11</Flags>"),
        ("Fixed", "03 02 04 f0", "\"F0\"", "<Fixed>1111</Fixed>"),
        ("OBJECT IDENTIFIER", "06 03 88 37 03", "\"2.999.3\"", "<T>2.999.3</T>"),
        ("OBJECT IDENTIFIER", "06 01 78", "\"2.40\"", "<T>2.40</T>"),
        (
            // 2 + 2^64 - 1, as the top arc's second: 2^64 - 1 + 80.
            "OBJECT IDENTIFIER", "06 0a 82 80 80 80 80 80 80 80 80 4f",
            "\"2.18446744073709551615\"", "<T>2.18446744073709551615</T>"
        ),
        ("RELATIVE-OID", "0d 03 c2 7b 03", "\"8571.3\"", "<T>8571.3</T>"),
        ("DATE", "1f 1f 08 31 39 38 35 30 34 31 32", "\"1985-04-12\"", "<T>1985-04-12</T>"),
        ("TIME-OF-DAY", "1f 20 06 32 33 35 39 35 39", "\"23:59:59\"", "<T>23:59:59</T>"),
        ("DURATION", "1f 22 02 31 59", "\"P1Y\"", "<T>P1Y</T>"),
        (
            "UTF8String", "0c 08 22 5c 01 3c 26 e2 82 ac", "\"\\\"\\\\\\u0001<&€\"",
            "<T>\"\\<soh/>&lt;&amp;€</T>"
        ),
        ("Kind", "0a 01 01", "\"two\"", "<Kind><two/></Kind>"),
        ("Nulls", "30 04 05 00 05 00", "[null,null]", "<Nulls><NULL/><NULL/></Nulls>"),
        ("Kinds", "30 03 0a 01 00", "[\"one\"]", "<Kinds><one/></Kinds>"),
        (
            "Choices", "30 05 80 00 81 01 ff", "[{\"x\":null},{\"y\":true}]",
            "<Choices><x></x><y><true/></y></Choices>"
        ),
        (
            "Open", "30 08 80 01 02 a1 03 02 01 07", "{\"id\":2,\"value\":7}",
            "<Open><id>2</id><value><INTEGER>7</INTEGER></value></Open>"
        ),
        (
            "Inside",
            "04 0b 30 09 80 01 05 81 01 78 a2 01 00".replacing("a2 01 00", with: "a2 00")
                .replacing("04 0b 30 09", with: "04 0a 30 08"),
            "{\"a\":5,\"s\":\"x\",\"list\":[]}",
            "<Inside><Pair><a>5</a><s>x</s><list></list></Pair></Inside>"
        ),
        // What a fault ends stays well-formed: at a head, in a string, in a number.
        ("Pair", "30 09 80 01 05 81", "{\"a\":5}", "<Pair><a>5</a></Pair>"),
        (
            "Pair", "30 09 80 01 05 81 04 78", "{\"a\":5,\"s\":\"x\"}",
            "<Pair><a>5</a><s>x</s></Pair>"
        ),
        ("Pair", "30 09 80 01", "{}", "<Pair></Pair>"),
        (
            "Pair", "30 80 80 01 05 81 00 a2 80 03 03 00",
            "{\"a\":5,\"s\":\"\",\"list\":[{\"value\":\"\",\"length\":0}]}",
            "<Pair><a>5</a><s></s><list><Flags></Flags></list></Pair>"
        ),
    ]

    @Test("Each type's values have their standard's form, whole or cut short", arguments: cases)
    func forms(_ type: String, _ hex: String, _ json: String, _ xml: String) throws {
        let found = try Self.list(type, FaultTests.octets(hex))
        #expect(found.json == json)
        #expect(found.xml == xml + "\n")
    }

    @Test("An INTEGER too long for decimal digits is listed in hexadecimal")
    func longInteger() throws {
        let octets = [0x02, 0x83, 0x01, 0x86, 0xa0] + [UInt8](repeating: 0x11, count: 100_000)
        let found = try Self.list("INTEGER", octets)
        #expect(found.json == "\"0x" + String(repeating: "11", count: 100_000) + "\"")
    }

    @Test("Decimal digits of 2048 octets are those of the number")
    func decimal() throws {
        // 2^16383 - 1: 4932 digits that begin and end so (Python).
        let octets = [0x02, 0x82, 0x08, 0x00, 0x7f] + [UInt8](repeating: 0xff, count: 2047)
        let found = try Self.list("INTEGER", octets).json
        #expect(found.count == 4932)
        #expect(found.hasPrefix("594865747678615882542879663314003565"))
        #expect(found.hasSuffix("334982033407"))
    }
}
