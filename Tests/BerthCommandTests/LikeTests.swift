import TestSupport
import Testing

/// `--like` and `--vmstate`: devices that the input does not describe.
@Suite("Layouts from other files")
struct LikeTests {
    /// Sections with fields, of those that are devices.
    private func typed(_ outcome: Outcome) throws -> (typed: Int, all: Int) {
        let sections = try Summary(outcome).list("sections").filter {
            $0["isFull"] as? Bool == true
        }
        return (sections.filter { $0["form"] as? String == "fields" }.count, sections.count)
    }

    @Test("--like takes a binary stream and BER of both versions, for files and for pipes")
    func like() throws {
        let folder = try TemporaryFolder()
        let path = Fixture.path("x86-q35-multifd-none-11.1.ch0")
        let own = try berth("encode", path).output
        var forms = [Fixture.path("x86-q35-cpr-reboot-11.1")]
        for version in ["3", "4"] {
            let ber = try berth("encode", "--schema-version", version, forms[0]).output
            forms.append(try folder.store(ber, as: "like.\(version)"))
        }
        for form in forms {
            let known = try berth("encode", "--ignore-vmdesc", "--like", form, path)
            #expect(known.status == 0)
            // The same machine and version: every device has the fields of its own vmdesc.
            #expect(known.output == own)
            #expect(known.error == "")
        }
        let piped = try berth(
            "encode", "--ignore-vmdesc", "--like", forms[0], input: .pipe(try contents(of: path)))
        #expect(piped.output == own)
        let (some, all) = try typed(try berth("info", "--json", "--ignore-vmdesc", path))
        #expect(some == 0)
        let found = try typed(
            try berth("info", "--json", "--ignore-vmdesc", "--like", forms[0], path))
        #expect(found == (all, all))
    }

    @Test("Devices that a BER file has as octets get fields, too", arguments: ["3", "4"])
    func fromBER(version: String) throws {
        let folder = try TemporaryFolder()
        let path = Fixture.path("x86-q35-multifd-none-11.1.ch0")
        let like = Fixture.path("x86-q35-cpr-reboot-11.1")
        let own = try berth("encode", path).output
        let opaque = folder.file("opaque.ber")
        try succeed(
            berth(
                "encode", "-q", "--ignore-vmdesc", "--schema-version", version, path, "-o", opaque))
        #expect(try typed(try berth("info", "--json", opaque)).typed == 0)
        let known = try berth("encode", "--like", like, opaque)
        #expect(known.status == 0)
        #expect(known.output == own)
        #expect(known.error == "")
        // The file's own vmdesc does as well.
        #expect(try berth("encode", "--like", opaque, opaque).output == own)
        let piped = try berth("encode", "--like", like, input: .pipe(try contents(of: opaque)))
        #expect(piped.output == own)
        let (some, all) = try typed(try berth("info", "--json", "--like", like, opaque))
        #expect(some == all && all > 0)
        let three = try berth("encode", "--schema-version", "3", "--like", like, opaque)
        #expect(
            try berth("decode", input: .pipe(three.output)).output == contents(of: path))
    }

    @Test("--vmstate takes a dump; a device that it leaves out stays a blob, with a warning")
    func vmstate() throws {
        let folder = try TemporaryFolder()
        let dump = """
            { "vmschkmachine": { "Name": "none" },
              "dev-type": { "Name": "dev-type", "version_id": 2, "minimum_version_id": 2,
                "Description": { "name": "dev", "version_id": 2, "minimum_version_id": 2,
                  "Fields": [
                    { "field": "n", "version_id": 0, "field_exists": false, "size": 4 },
                    { "field": "on", "version_id": 0, "field_exists": false, "size": 1 } ] } } }
            """
        let path = try folder.store(Array(dump.utf8), as: "dump.json")
        let input = SmallStream.octets
        let outcome = try berth("info", "--ignore-vmdesc", "--vmstate", path, input: .pipe(input))
        #expect(outcome.status == 0)
        #expect(
            outcome.lines.contains(
                "5   dev             1        2    27  FULL                2 fields"))
        #expect(
            outcome.error
                == "berth: warning: standard input: offset 0x10f7: box: carried as a blob: "
                + "no layout is known of it in version 1\n")
        let ber = try berth(
            "encode", "-q", "--ignore-vmdesc", "--vmstate", path, input: .pipe(input))
        #expect(try berth("decode", input: .pipe(ber.output)).output == input)
        // From a BER file the same; the warning's place is in that file.
        let opaque = try berth("encode", "-q", "--ignore-vmdesc", input: .pipe(input))
        let opened = try berth("encode", "--vmstate", path, input: .pipe(opaque.output))
        #expect(opened.output == ber.output)
        #expect(
            opened.error.hasSuffix(
                ": box: carried as a blob: no layout is known of it in version 1\n"))
    }

    @Test("A file that has no layouts is an error that names it")
    func useless() throws {
        let folder = try TemporaryFolder()
        let path = try folder.store(Array("{}".utf8), as: "empty.json")
        let missing = path + "x"
        for (option, file, text) in [
            ("--vmstate", path, "corrupt: expected devices with descriptions (JSON)"),
            ("--vmstate", missing, "cannot open"), ("--like", missing, "cannot open"),
            ("--like", path, "unsupported"),
        ] {
            let outcome = try berth("encode", option, file, input: .pipe(SmallStream.octets))
            #expect(outcome.status == 2)
            #expect(outcome.output.isEmpty)
            #expect(outcome.error.hasPrefix("berth: "))
            #expect(outcome.error.contains(text), "\(outcome.error)")
            #expect(outcome.error.contains(file))
        }
    }
}
