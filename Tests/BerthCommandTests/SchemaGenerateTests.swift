import TestSupport
import Testing

@Suite("schema generate")
struct SchemaGenerateTests {
    /// Generates a module for a stream, encodes another, and validates that by the module.
    private func verdict(
        of stream: String, by sources: [String], _ folder: TemporaryFolder,
        _ options: String...
    ) throws -> Outcome {
        let module = folder.file("generated.asn")
        try succeed(berth(["schema", "generate", "-q", "-o", module] + sources))
        let ber = folder.file("a.ber")
        try succeed(berth("encode", "-q", stream, "-o", ber))
        return try berth(
            ["validate", "--format", "line", "--schema", module, "--type", "QemuFile"] + options
                + [ber])
    }

    @Test("Every real stream obeys the module made of it", arguments: Fixture.names)
    func itself(name: String) throws {
        let folder = try TemporaryFolder()
        let path = Fixture.path(name)
        let outcome = try verdict(of: path, by: [path], folder)
        #expect(outcome.status == 0, "\(outcome.text)")
        let check = try berth("schema", "check", "--strict", folder.file("generated.asn"))
        #expect(check.status == 0, "\(check.text)")
    }

    @Test("A BER file gives the same module as the stream it was made from")
    func berInput() throws {
        let folder = try TemporaryFolder()
        let stream = try folder.store(SmallStream.octets, as: "a")
        let ber = folder.file("a.ber")
        try succeed(berth("encode", stream, "-o", ber))
        let ofStream = try berth("schema", "generate", stream)
        let ofBER = try berth("schema", "generate", ber)
        // The first line names the input.
        #expect(ofStream.lines.dropFirst() == ofBER.lines.dropFirst())
    }

    // The types of 7.2's `n` and `on`, under the names of the stream.
    @Test("A device is a SEQUENCE with its fields' names and ranges, tied to it by its name")
    func text() throws {
        let folder = try TemporaryFolder()
        let stream = try folder.store(SmallStream.octets, as: "a")
        let outcome = try berth("schema", "generate", stream)
        #expect(
            outcome.text.contains(
                """
                -- dev
                Dev-v2 ::= [APPLICATION 8790] SEQUENCE {
                    fields  SEQUENCE {
                        n  SEQUENCE { name UTF8String ("n"), value [2] UInt32 },
                        on  SEQUENCE { name UTF8String ("on"), value BOOLEAN }
                    }
                }

                -- box
                Box-v1 ::= [APPLICATION 8790] SEQUENCE {
                    fields  SEQUENCE {
                        b  SEQUENCE { name UTF8String ("b"), value [14] OCTET STRING (SIZE (3)) }
                    }
                }

                Devices DEVICE ::= {
                    { NAME "dev" VERSION 2 STATE Dev-v2 } |
                    { NAME "box" VERSION 1 STATE Box-v1 }
                }

                """))
    }

    /// A change of the stream, and the place at which its file must be found at fault.
    struct Difference: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var stream: [UInt8]
        /// What the finding's line must hold.
        var wanted: [String]
    }

    static let differences: [Difference] = [
        Difference(
            testDescription: "A field of another name",
            stream: SmallStream.with(
                json: SmallStream.json.replacing(#""name":"on""#, with: #""name":"no""#)),
            wanted: ["full.contents.fields.on.name"]),
        Difference(
            testDescription: "A field of another width",
            stream: SmallStream.with(
                json: SmallStream.json.replacing(
                    #""type":"uint32","size":4"#, with: #""type":"int32","size":4"#)),
            wanted: ["unexpected-tag", "full.contents.fields.n.value"]),
        Difference(
            testDescription: "A device of another name",
            stream: SmallStream.changed(4332, Array("bux".utf8)).replacingJSON("box", "bux"),
            wanted: ["full.name"]),
        Difference(
            testDescription: "A device of another version",
            stream: SmallStream.changed(4315, [3]).replacingJSON(
                #""dev","version":2"#, #""dev","version":3"#),
            wanted: ["full.versionid"]),
        Difference(
            testDescription: "Another machine",
            stream: SmallStream.changed(13, Array("some".utf8)),
            wanted: ["configuration.machine"]),
        Difference(
            testDescription: "A field more",
            stream: SmallStream.with(
                json: SmallStream.json.replacing(
                    #"{"name":"b","type":"buffer","size":3}"#,
                    with: #"{"name":"b","type":"buffer","size":2},"#
                        + #"{"name":"c","type":"uint8","size":1}"#)),
            wanted: ["size", "full.contents.fields.b.value"]),
    ]

    @Test("A device whose shape differs is found, and the field is named", arguments: differences)
    func differs(_ difference: Difference) throws {
        let folder = try TemporaryFolder()
        let original = try folder.store(SmallStream.octets, as: "original")
        let changed = try folder.store(difference.stream, as: "changed")
        #expect(difference.stream != SmallStream.octets)
        let outcome = try verdict(of: changed, by: [original], folder)
        #expect(outcome.status == 1)
        for text in difference.wanted { #expect(outcome.text.contains(text)) }
        // The same module takes both once it is made of both.
        let both = try verdict(of: changed, by: [original, changed], folder)
        #expect(both.status == 0, "\(both.text)")
    }

    // c0 ff ee: three uint8, which are shorter as one octet string.
    @Test("An array of few octets may stand as one octet string")
    func fewOctets() throws {
        let json = SmallStream.json.replacing(
            #""type":"buffer","size":3"#, with: #""type":"uint8","size":1,"array_len":3"#)
        let folder = try TemporaryFolder()
        let stream = try folder.store(SmallStream.with(json: json), as: "a")
        let outcome = try verdict(of: stream, by: [stream], folder)
        #expect(outcome.status == 0, "\(outcome.text)")
        let text = String(decoding: try contents(of: folder.file("generated.asn")), as: UTF8.self)
        #expect(text.contains("uint8s [13] OCTET STRING (SIZE (3))"))
    }

    @Test("A stream without devices gives no module")
    func nothing() throws {
        let folder = try TemporaryFolder()
        var builder = StreamBuilder()
        builder.end()
        let outcome = try berth(
            "schema", "generate", try folder.store(builder.octets, as: "a"))
        #expect(outcome.status == 2)
        #expect(outcome.error.contains("no device section is in there"))
    }

    @Test("--machine takes the place of the stream's machine type")
    func machine() throws {
        let folder = try TemporaryFolder()
        let stream = try folder.store(SmallStream.octets, as: "a")
        let outcome = try berth(
            "schema", "generate", "--machine", "x-1", "--machine", "x-2", "--", stream)
        #expect(outcome.text.contains(#"machine      UTF8String ("x-1" | "x-2"),"#))
    }

    // A name with a quotation mark, one with hyphens that would begin a comment, one that is no word.
    @Test("Names that ASN.1 has no words for are spelled in strings, and give distinct identifiers")
    func oddNames() throws {
        let json = SmallStream.json
            .replacing(#""name":"n""#, with: #""name":"a--\"b""#)
            .replacing(#""name":"on""#, with: #""name":"a[b""#)
            .replacing(#""name":"b","type""#, with: #""name":"0","type""#)
        let folder = try TemporaryFolder()
        let stream = try folder.store(SmallStream.with(json: json), as: "a")
        let outcome = try verdict(of: stream, by: [stream], folder)
        #expect(outcome.status == 0, "\(outcome.text)")
        let text = String(decoding: try contents(of: folder.file("generated.asn")), as: UTF8.self)
        #expect(text.contains(#"a-b  SEQUENCE { name UTF8String ("a--""b"), "#))
        #expect(text.contains(#"a-b-2  SEQUENCE { name UTF8String ("a[b"), "#))
        #expect(text.contains(#"f-0  SEQUENCE { name UTF8String ("0"), "#))
    }
}

extension [UInt8] {
    /// `SmallStream`'s changed octets with its vmdesc changed, too.
    fileprivate func replacingJSON(_ old: String, _ new: String) -> [UInt8] {
        let json = SmallStream.json.replacing(old, with: new)
        return self[..<4352] + [6] + bigEndian(UInt32(json.utf8.count)) + Array(json.utf8)
    }
}
