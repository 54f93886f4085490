import TestSupport
import Testing

/// Modules made of what `-dump-vmstate` writes. The fixtures' dumps are those of the very QEMUs that
/// wrote the streams.
@Suite("schema generate, of a dump")
struct SchemaDumpTests {
    static let dump = """
        {
          "vmschkmachine": { "Name": "none" },
          "the-dev": { "Name": "the-dev", "version_id": 2, "minimum_version_id": 1,
            "Description": { "name": "dev", "version_id": 2, "minimum_version_id": 1,
              "Fields": [
                { "field": "n", "version_id": 0, "field_exists": false, "size": 4 },
                { "field": "on", "version_id": 0, "field_exists": false, "size": 1 } ] } },
          "the-box": { "Name": "the-box", "version_id": 1, "minimum_version_id": 1,
            "Description": { "name": "box", "version_id": 1, "minimum_version_id": 1,
              "Fields": [
                { "field": "b", "version_id": 0, "field_exists": false, "size": 3 } ] } }
        }
        """

    /// What `validate` says of a stream, by the module of a dump.
    private func verdict(
        of stream: String, by dump: String, _ folder: TemporaryFolder, _ options: [String] = []
    ) throws -> Outcome {
        let module = folder.file("generated.asn")
        try succeed(berth(["schema", "generate", "-q", "-o", module] + options + [dump]))
        let ber = folder.file("a.ber")
        try succeed(berth("encode", "-q", stream, "-o", ber))
        return try berth(
            "validate", "--format", "line", "--schema", module, "--type", "QemuFile", ber)
    }

    @Test(
        "A stream obeys the module of its own QEMU's dump",
        arguments: [
            ("avr-uno-7.2", "avr-uno-7.2"), ("s390x-ccw-keys-7.2", "s390x-ccw-7.2"),
        ])
    func real(stream: String, dump: String) throws {
        let folder = try TemporaryFolder()
        let outcome = try verdict(of: Fixture.path(stream), by: Fixture.dump(dump), folder)
        #expect(outcome.status == 0, "\(outcome.text)")
        let check = try berth("schema", "check", "--strict", folder.file("generated.asn"))
        #expect(check.status == 0, "\(check.text)")
    }

    // The vmdescs of both streams: of the devices that 7.2's dump has, only this one differs.
    @Test("A later version's stream is refused, with the device and what it has more")
    func neighbour() throws {
        let folder = try TemporaryFolder()
        let outcome = try verdict(
            of: Fixture.path("s390x-ccw-keys-11.1"), by: Fixture.dump("s390x-ccw-7.2"), folder,
            ["--machine", "s390-ccw-virtio-11.1"])
        #expect(outcome.status == 1)
        let findings = outcome.lines.filter { $0.contains(": error[") }
        #expect(findings.count == 1)
        #expect(findings.first?.contains(#"[name = "qemu-s390-flic"]"#) == true)
        #expect(findings.first?.contains(#"begins with "qemu-s390-flic-full""#) == true)
    }

    @Test("The machine type is the dump's, unless --machine says otherwise")
    func machine() throws {
        let folder = try TemporaryFolder()
        let outcome = try verdict(
            of: Fixture.path("s390x-ccw-keys-11.1"), by: Fixture.dump("s390x-ccw-7.2"), folder)
        #expect(outcome.status == 1)
        #expect(
            outcome.text.contains(
                #"machine: "s390-ccw-virtio-11.1" where "s390-ccw-virtio-7.2" is demanded"#),
            "\(outcome.text)")
    }

    @Test("The small stream obeys the small dump, wherever its devices are plugged")
    func small() throws {
        let folder = try TemporaryFolder()
        let dump = try folder.store(Array(Self.dump.utf8), as: "dump.json")
        let stream = try folder.store(SmallStream.octets, as: "a")
        let outcome = try verdict(of: stream, by: dump, folder)
        #expect(outcome.status == 0, "\(outcome.text)")
    }

    /// A change of the dump, and what the finding must hold.
    static let differences: [(String, String, [String])] = [
        (#""field": "on""#, #""field": "off""#, [#""on" where "off" is demanded [name = "dev"]"#]),
        (#""size": 4"#, #""size": 8"#, ["contents.fields.n.value", #"[name = "dev"]"#]),
        (#""size": 3"#, #""size": 2"#, ["contents.fields.b.value", #"[name = "box"]"#]),
        (
            #""name": "dev", "version_id": 2"#, #""name": "dev", "version_id": 3"#,
            [#"full.versionid: 2 where the object of "#, #" has 3 [name = "dev"]"#]
        ),
        (
            #"{ "field": "n", "version_id": 0, "field_exists": false, "size": 4 },"#, "",
            [#""n" where "on" is demanded [name = "dev"]"#]
        ),
        (
            #"{ "field": "b","#,
            #"{ "field": "a", "version_id": 0, "field_exists": true, "size": 2 }, { "field": "c","#,
            [#"has "b" [name = "box", name = "b"]"#]
        ),
    ]

    @Test("A device that differs from the dump is refused, and named with the field")
    func differs() throws {
        for (old, new, wanted) in Self.differences {
            let folder = try TemporaryFolder()
            let text = Self.dump.replacing(old, with: new)
            #expect(text != Self.dump)
            let dump = try folder.store(Array(text.utf8), as: "dump.json")
            let stream = try folder.store(SmallStream.octets, as: "a")
            let outcome = try verdict(
                of: stream, by: dump, folder)
            #expect(outcome.status == 1, "\(new)")
            for part in wanted { #expect(outcome.text.contains(part), "\(outcome.text)") }
        }
    }

    @Test("A field that a predicate decides of, or a later version has, may be missing")
    func optional() throws {
        let folder = try TemporaryFolder()
        let text = Self.dump.replacing(
            #"{ "field": "b","#,
            with: #"{ "field": "a", "version_id": 0, "field_exists": true, "size": 2 },"#
                + #"{ "field": "z", "version_id": 2, "field_exists": false, "size": 2 },"#
                + #"{ "field": "b","#)
        let dump = try folder.store(Array(text.utf8), as: "dump.json")
        let stream = try folder.store(SmallStream.octets, as: "a")
        let outcome = try verdict(of: stream, by: dump, folder)
        #expect(outcome.status == 0, "\(outcome.text)")
        let module = String(decoding: try contents(of: folder.file("generated.asn")), as: UTF8.self)
        #expect(!module.contains(#"NAME "z""#))
        #expect(module.contains("fields  SEQUENCE (SIZE (1..2)) OF Box-Field"))
    }

    // As in the dump of QEMU 11.1: `sd-card` lists one twice.
    @Test("A subsection that is listed twice is one object")
    func twice() throws {
        let folder = try TemporaryFolder()
        let part = #"{ "name": "box/s", "version_id": 1, "minimum_version_id": 1, "Fields": [] }"#
        let text = Self.dump.replacing(
            #""size": 3 } ]"#, with: #""size": 3 } ], "Subsections": [ \#(part), \#(part) ]"#)
        #expect(text != Self.dump)
        let dump = try folder.store(Array(text.utf8), as: "dump.json")
        let outcome = try berth("schema", "generate", dump)
        #expect(outcome.text.split(separator: #"NAME "box/s""#).count == 2)
    }

    @Test("A dump and a stream together are wrong usage")
    func mixed() throws {
        let folder = try TemporaryFolder()
        let dump = try folder.store(Array(Self.dump.utf8), as: "dump.json")
        let stream = try folder.store(SmallStream.octets, as: "a")
        let outcome = try berth("schema", "generate", stream, dump)
        #expect(outcome.status == 64)
        #expect(outcome.error.contains("one module can't be made of both"))
    }

    @Test("A damaged dump is an error with its offset, and other JSON is no dump")
    func damaged() throws {
        let folder = try TemporaryFolder()
        // The string's closing quote is missing behind its 6 octets.
        let cut = try folder.store(Array(#"{ "dev"#.utf8), as: "cut.json")
        let outcome = try berth("schema", "generate", cut)
        #expect(outcome.status == 2)
        #expect(outcome.error.contains("offset 0x6:"), "\(outcome.error)")
        #expect(outcome.error.contains("truncated"), "\(outcome.error)")
        // A string that JSON does not know is no cut: its place is where it stands.
        let wrong = try folder.store(Array(#"{ "d\q": 1 }"#.utf8), as: "wrong.json")
        let first = try berth("schema", "generate", wrong)
        #expect(first.status == 2)
        #expect(first.error.contains("offset 0x4:"), "\(first.error)")
        #expect(!first.error.contains("truncated"), "\(first.error)")
        let other = try folder.store(Array(#"{"a": 1}"#.utf8), as: "other.json")
        let second = try berth("schema", "generate", other)
        #expect(second.status == 2)
        #expect(second.error.contains("expected an object"), "\(second.error)")
    }

    @Test("Other commands tell what a dump is for")
    func info() throws {
        let folder = try TemporaryFolder()
        let dump = try folder.store(Array(Self.dump.utf8), as: "dump.json")
        let outcome = try berth("encode", dump, "-o", folder.file("a.ber"))
        #expect(outcome.status == 2)
        #expect(outcome.error.contains("-dump-vmstate file"), "\(outcome.error)")
        #expect(outcome.error.contains("hint: it tells of devices, not of a VM"))
    }
}
