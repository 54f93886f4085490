import Foundation
import Testing

/// What the commands print, word for word, and their exit status.
struct CommandTests {
    /// The program, which lies beside the tests.
    static let program = URL(fileURLWithPath: CommandLine.arguments[0])
        .deletingLastPathComponent().appendingPathComponent("berth")

    /// The program whose memory is measured: `BERTH_PLAIN` names one where the other is made with a
    /// sanitizer, which takes memory of its own.
    static let plainProgram =
        ProcessInfo.processInfo.environment["BERTH_PLAIN"]
        .map { URL(fileURLWithPath: $0) } ?? program

    static let directory: URL = {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("berth-commands-\(ProcessInfo.processInfo.processIdentifier)")
        try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }()

    static func run(_ arguments: [String]) throws -> (text: String, errors: String, status: Int32) {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = directory
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let said = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            String(decoding: text, as: UTF8.self), String(decoding: said, as: UTF8.self),
            process.terminationStatus
        )
    }

    static func put(_ name: String, _ octets: [UInt8]) throws {
        try Data(octets).write(to: directory.appendingPathComponent(name))
    }

    static func putSuite(_ file: String, _ name: String) throws {
        let data = try Data(contentsOf: SuiteTests.directory.appendingPathComponent(file))
        try put(name, [UInt8](data))
    }

    @Test("A page of a wrong size is told with place, path, octets, rule and use")
    func humanText() throws {
        try Self.putSuite("qemu/page-constructed-4095.ber", "short.ber")
        let result = try Self.run(["validate", "short.ber"])
        #expect(
            result.text == """
                short.ber: error[size]: page is 4095 bytes, SIZE (4096) demanded
                  at     0x00000078, content 0x0000007c..<0x00001081
                  path   QemuFile.top[1].min.contents.ramsec[0].body.page
                  octets 24 82 10 05 | 04 82 0f a0 …
                            ^^^^^^^^ length 4101
                  found  4095 bytes
                  wanted SIZE (4096)
                  rule   qemu-v3.asn:9:27   FullPage ::= OCTET STRING (SIZE (4096))
                  used   qemu-v3.asn:23:5   page FullPage
                  note   reading goes on after it
                short.ber: not valid: 1 error

                """)
        #expect(result.status == 1)
    }

    @Test("One line an error, and JSON lines with a summary")
    func otherForms() throws {
        try Self.putSuite("qemu/version-2.ber", "version2.ber")
        let line = try Self.run(["validate", "version2.ber", "--format", "line"])
        #expect(
            line.text == "version2.ber:0x00000007: error[value-range]: QemuFile.version: "
                + "2 is not in (3) (qemu-v3.asn:79:19)\n")
        let json = try Self.run(["validate", "version2.ber", "--json"])
        let lines = json.text.split(separator: "\n")
        #expect(
            lines.first == """
                {"severity":"error","code":"value-range","message":"2 is not in (3)",\
                "file":"version2.ber","offset":7,"at":7,"contentOffset":9,"length":1,\
                "path":["QemuFile","version"],"type":"INTEGER","found":"2","allowed":["(3)"],\
                "rule":{"file":"qemu-v3.asn","line":79,"column":19},\
                "use":{"file":"qemu-v3.asn","line":79,"column":3},"recovered":true}
                """)
        #expect(lines.count == 2)
        #expect(lines.last?.hasPrefix("{\"summary\":{") == true)
        #expect(json.status == 1)
    }

    @Test("A valid file is told and gives 0, one that isn't there gives 2")
    func status() throws {
        try Self.putSuite("qemu/ok-def.ber", "good.ber")
        let good = try Self.run(["validate", "good.ber"])
        #expect(good.text == "good.ber: valid QemuFile by qemu-v3.asn, 57 elements, 8435 octets\n")
        #expect(good.status == 0)
        #expect(try Self.run(["validate", "none.ber"]).status == 2)
        try Self.put("broken.asn", Array("M DEFINITIONS ::= BEGIN T ::= END".utf8))
        let broken = try Self.run(["validate", "good.ber", "--schema", "broken.asn"])
        #expect(broken.status == 2)
    }

    static let schema = """
        M DEFINITIONS AUTOMATIC TAGS ::= BEGIN
        Card ::= SEQUENCE { name UTF8String, age INTEGER (0..150), kind CHOICE { home NULL, work BOOLEAN },
          bits BIT STRING, list SEQUENCE OF INTEGER }
        END
        """
    static let card: [UInt8] = [
        0x30, 0x1a, 0x80, 0x03, 0x41, 0x26, 0x42, 0x81, 0x01, 0x2a, 0xa2, 0x03, 0x81, 0x01, 0xff,
        0x83, 0x02, 0x05, 0xa0, 0xa4, 0x07, 0x02, 0x01, 0x01, 0x02, 0x02, 0x01, 0x00,
    ]

    @Test("A value as a tree, JSON and XML, and a part of it")
    func dump() throws {
        try Self.put("card.asn", Array(Self.schema.utf8))
        try Self.put("card.ber", Self.card)
        let options = ["--schema", "card.asn", "--type", "Card"]
        let tree = try Self.run(["dump", "card.ber"] + options)
        #expect(
            tree.text == """
                Card:
                  name: "A&B"
                  age: 42
                  kind: work: TRUE
                  bits: 101
                  list:
                    [0]: 1
                    [1]: 256

                """)
        let json = try Self.run(["dump", "card.ber", "--format", "json"] + options)
        #expect(
            json.text == """
                {
                 "name":"A&B",
                 "age":42,
                 "kind":{
                  "work":true
                 },
                 "bits":{"value":"A0","length":3},
                 "list":[
                  1,
                  256
                 ]
                }

                """)
        let xml = try Self.run(["dump", "card.ber", "--format", "xml"] + options)
        #expect(
            xml.text == "<Card><name>A&amp;B</name><age>42</age><kind><work><true/></work></kind>"
                + "<bits>101</bits><list><INTEGER>1</INTEGER><INTEGER>256</INTEGER></list></Card>\n"
        )
        let part = try Self.run(["dump", "card.ber", "--path", "Card.list[1]"] + options)
        #expect(part.text == "[1]: 256\n")
        let parts = try Self.run(
            ["dump", "card.ber", "--path", "age", "--path", "list[0]", "--path", "none"] + options)
        #expect(parts.text == "age: 42\n[0]: 1\n")
        #expect(parts.errors.contains("there is no none"))
        let element = try Self.run(
            ["dump", "card.ber", "--path", "list[1]", "--format", "xml"] + options)
        #expect(element.text == "<INTEGER>256</INTEGER>\n")
    }

    @Test("Several values in a row are read with --sequence, and refused without")
    func sequence() throws {
        try Self.put("card.asn", Array(Self.schema.utf8))
        try Self.put("two.ber", Self.card + Self.card)
        let options = ["--schema", "card.asn", "--format", "line"]
        let refused = try Self.run(["validate", "two.ber"] + options)
        #expect(
            refused.text == "two.ber:0x0000001c: error[trailing-data]: Card: "
                + "there is more behind the end of the value\n")
        let read = try Self.run(["validate", "two.ber", "--sequence"] + options)
        #expect(read.text.isEmpty)
        #expect(read.status == 0)
    }

    @Test("A module's faults are all told, with line and column")
    func schemaCheck() throws {
        try Self.put("bad.asn", Array("M DEFINITIONS ::= BEGIN\nA ::= B\nC ::= D\nEND\n".utf8))
        let result = try Self.run(["schema", "check", "bad.asn"])
        #expect(result.text.contains("bad.asn:2:7: error[undefined-type]"))
        #expect(result.text.contains("bad.asn:3:7: error[undefined-type]"))
        #expect(result.text.hasSuffix("2 errors\n"))
        #expect(result.status == 1)
        try Self.put("card.asn", Array(Self.schema.utf8))
        let good = try Self.run(["schema", "check", "card.asn"])
        #expect(good.text == "1 module, 1 types, 0 values: good\n")
        #expect(good.status == 0)
    }

    @Test("schema print shows tags with their octets and constraints in force")
    func schemaPrint() throws {
        let result = try Self.run(["schema", "print", "--schema-version", "3"])
        #expect(result.text.contains("RAMSecEntry ::= [APPLICATION 8914] (7f c5 52) SEQUENCE {"))
        #expect(result.text.contains("FullPage ::= OCTET STRING (SIZE (4096))"))
        #expect(result.text.contains("    compr INTEGER (0..255)"))
        #expect(result.status == 0)
    }

    @Test("explain tells clause, cause and remedy")
    func explain() throws {
        let result = try Self.run(["explain", "integer-padding"])
        #expect(
            result.text == """
                integer-padding: an INTEGER with an octet more than needed
                  clause  X.690 8.3.2
                  cause   numbers written in a fixed size
                  remedy  leave out leading 00 or ff where the next octet's top bit says the same

                """)
        #expect(try Self.run(["explain", "nonsense"]).status == 64)
    }
}
