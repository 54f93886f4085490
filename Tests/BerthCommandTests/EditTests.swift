import TestSupport
import Testing

/// `berth edit`. Where edits go is counted by hand from ``SmallStream``'s comments.
@Suite("edit")
struct EditTests {
    /// Edits a stream; gives what was written.
    private func edit(_ stream: [UInt8], _ arguments: String...) throws -> [UInt8] {
        let folder = try TemporaryFolder()
        let outcome = try berth(
            ["edit", "-", "-o", folder.file("out")] + arguments, input: .pipe(stream))
        try succeed(outcome)
        #expect(outcome.text == "")
        return try contents(of: folder.file("out"))
    }

    @Test("Values: their octets change, and no others")
    func values() throws {
        // n at 4316 (4 octets), on at 4320, b at 4343 (3).
        var expected = SmallStream.changed(4316, [0xff, 0xff, 0xff, 0xfe])
        expected.replaceSubrange(4320..<4321, with: [0])
        expected.replaceSubrange(4343..<4346, with: [1, 2, 3])
        let edited = try edit(
            SmallStream.octets, "--set", "dev.n=4294967294", "--set", "**.on=false",
            "--set", "box[0].b=01 02 03")
        #expect(edited == expected)
        let element = try edit(
            SmallStream.octets, "--set", "box.b[2]=0x7f", "--set",
            "configuration.**.target_page_bits=0xc")
        #expect(element == SmallStream.changed(4345, [0x7f]))
    }

    @Test("Signed numbers and arrays of numbers")
    func numbers() throws {
        let edited = try edit(
            Samples.small, "--set", "timer.ticks=-3", "--set", "uart.fifo=1,0x20,3",
            "--set", "uart.uart/irq.level=0xbeef")
        let shown = try berth(
            "show", "-", "timer.ticks", "uart.fifo", "uart.uart/irq.level", "--values-only",
            input: .pipe(edited))
        #expect(shown.text == "-3\n012003\n48879\n")
        #expect(edited.count == Samples.small.count)
    }

    @Test(
        "An edit that changes nothing gives a real stream back to the octet, vmdesc included",
        arguments: Fixture.names)
    func unchanged(name: String) throws {
        let summary = try Summary(try berth("info", "--json", "--quiet", Fixture.path(name)))
        let machine = try #require(summary["machine"] as? String)
        let octets = try Fixture.octets(name)
        let folder = try TemporaryFolder()
        try succeed(
            try berth(
                "edit", "--quiet", Fixture.path(name), "-o", folder.file("out"), "--machine",
                machine))
        #expect(try contents(of: folder.file("out")) == octets)
    }

    @Test(
        "A value that does not fit is refused, and nothing is written",
        arguments: [
            ("dev.n=4294967296", "a value of uint32"), ("dev.n=-1", "a value of uint32"),
            ("dev.on=2", "a value of bool"), ("box.b=0102", "3 octets in hexadecimal"),
            ("box.b[0]=256", "a value of uint8"),
            ("configuration.machine=longer", "a text of 4 octets"),
            ("dev=1", "an edit that can be made"),
            ("configuration.configuration/target-page-bits=1", "a path to a value"),
        ])
    func misfit(text: String, expected: String) throws {
        let folder = try TemporaryFolder()
        let outcome = try berth(
            "edit", "-", "-o", folder.file("out"), "--set", text, input: .pipe(SmallStream.octets))
        #expect(outcome.status == 2)
        #expect(outcome.error.contains(expected), "\(outcome.error)")
        #expect(try folder.names == [])
    }

    /// `SmallStream` with other items, and a vmdesc as an editor writes it: one line, a space behind
    /// each colon and comma.
    private func small(_ stream: [UInt8], _ json: String) -> [UInt8] {
        stream + [6] + bigEndian(UInt32(json.utf8.count)) + Array(json.utf8)
    }

    private let dev =
        #"{"name": "dev", "instance_id": 1, "vmsd_name": "dev", "version": 2, "fields": ["#
        + #"{"name": "n", "type": "uint32", "size": 4}, {"name": "on", "type": "bool", "size": 1}]}"#
    private let box =
        #"{"name": "box", "instance_id": 0, "vmsd_name": "box", "version": 1, "fields": ["#
        + #"{"name": "b", "type": "buffer", "size": 3}]}"#

    @Test("A section is dropped, renamed, or gets another version, and the vmdesc agrees")
    func sections() throws {
        let octets = SmallStream.octets
        #expect(
            try edit(octets, "--drop", "box")
                == small(
                    Array(octets[..<4326] + [0]), #"{"page_size": 4096, "devices": [\#(dev)]}"#))
        let renamed = box.replacing(#""name": "box""#, with: #""name": "boxes""#)
        #expect(
            try edit(octets, "--rename", "box=boxes")
                == small(
                    Array(octets[..<4331] + [5] + Array("boxes".utf8) + octets[4335..<4352]),
                    #"{"page_size": 4096, "devices": [\#(dev), \#(renamed)]}"#))
        let newer = dev.replacing(#""version": 2"#, with: #""version": 9"#)
        #expect(
            try edit(octets, "--set-version", "dev[1]=9")
                == small(
                    Array(SmallStream.changed(4312, [0, 0, 0, 9])[..<4352]),
                    #"{"page_size": 4096, "devices": [\#(newer), \#(box)]}"#))
    }

    @Test("A machine's name of another length")
    func machine() throws {
        let octets = SmallStream.octets
        let expected =
            Array(octets[..<9]) + [0, 0, 0, 7] + Array("other-1".utf8) + Array(octets[17..<4352])
        let json = #"{"page_size": 4096, "devices": [\#(dev), \#(box)]}"#
        #expect(try edit(octets, "--machine", "other-1") == small(expected, json))
    }

    @Test("A subsection is dropped, and the vmdesc describes what is left")
    func subsection() throws {
        let edited = try edit(Samples.small, "--drop", "uart.uart/irq")
        // 05, the name's length, 8 octets of name, the version, and 2 octets.
        #expect(
            try berth("show", "-", "uart", "--values-only", input: .pipe(edited)).text
                == "090807\n")
        let info = try Summary(try berth("info", "--json", "--quiet", input: .pipe(edited)))
        let devices = try #require(info["devices"] as? [String: Int])
        #expect(devices["octets"] == 9 + 3)
        #expect(devices["octetsInBlobs"] == 0)
        #expect(String(decoding: edited, as: UTF8.self).contains("uart/irq") == false)
    }

    /// Two drives in an array of one device, whose elements the vmdesc tells apart, as QEMU does where
    /// elements have subsections.
    private func drives(_ first: String, _ second: String, _ octets: [UInt8]) -> [UInt8] {
        var stream = StreamBuilder()
        stream.configuration("m-1.0")
        stream.full(4, "disk", octets)
        let field = #"{"name": "head", "type": "uint8", "size": 1}"#
        stream.end(
            #"{"page_size": 4096, "devices": [{"name": "disk", "instance_id": 0, "#
                + #""vmsd_name": "disk", "version": 1, "fields": ["#
                + #"{"name": "drives", "index": 0, "type": "struct", "struct": {"vmsd_name": "drive", "#
                + #""version": 1, "fields": [\#(field)]\#(first)}, "size": \#(first.isEmpty ? 1 : 18)}, "#
                + #"{"name": "drives", "index": 1, "type": "struct", "struct": {"vmsd_name": "drive", "#
                + #""version": 1, "fields": [\#(field)]\#(second)}, "size": \#(second.isEmpty ? 1 : 18)}"#
                + "]}]}")
        return stream.octets
    }

    @Test("A subsection in an element of an array is dropped, and that of the other stays")
    func elementSubsection() throws {
        // 05, the name's length, 10 octets of name, the version's 4, and 1.
        let rate = StreamBuilder.subsection("drive/rate", [6])
        let entry =
            #", "subsections": [{"vmsd_name": "drive/rate", "version": 1, "fields": ["#
            + #"{"name": "rate", "type": "uint8", "size": 1}]}]"#
        let edited = try edit(
            drives(entry, entry, [1] + rate + [2] + rate), "--drop", "disk.drives[1].drive/rate")
        #expect(edited == drives(entry, "", [1] + rate + [2]))
        let first = try edit(
            drives(entry, entry, [1] + rate + [2] + rate), "--drop", "disk.drives[0].drive/rate",
            "--set", "disk.drives[1].head=9")
        #expect(first == drives("", entry, [1, 9] + rate))
    }

    /// A stream of RAM alone.
    private func memory(_ blocks: [(String, UInt64)], _ records: [UInt8]) -> [UInt8] {
        var stream = StreamBuilder()
        stream.configuration("m-1.0")
        stream.startRAM(2, RAM.blocks(blocks) + RAM.endOfSection)
        stream.goOn(3, 2, records + RAM.endOfSection)
        stream.end()
        return stream.octets
    }

    @Test(
        "A block is made shorter: its zeros behind the end go, and names are spelled where needed")
    func shorter() throws {
        let page = Samples.page(3)
        let stream = memory(
            [("a", 0x4000), ("b", 0x2000)],
            RAM.fill(0x3000, "a") + RAM.page(0x1000, nil, page) + RAM.fill(0, "b")
                + RAM.fill(0x2000, "a") + RAM.fill(0x1000, "b"))
        let expected = memory(
            [("a", 0x2000), ("b", 0x2000)],
            RAM.page(0x1000, "a", page) + RAM.fill(0, "b") + RAM.fill(0x1000, "b"))
        #expect(try edit(stream, "--resize-block", "a=0x2000") == expected)
        let outcome = try berth(
            "edit", "-", "-o", "/dev/null/x", "--resize-block", "a=0x1000", input: .pipe(stream))
        #expect(outcome.status == 2)
    }

    @Test("A block that holds something behind its new end stays as it is")
    func holds() throws {
        let folder = try TemporaryFolder()
        let stream = memory(
            [("a", 0x4000)], RAM.fill(0, "a") + RAM.page(0x3000, nil, Samples.page(3)))
        let outcome = try berth(
            "edit", "-", "-o", folder.file("out"), "--resize-block", "a=8192",
            input: .pipe(stream))
        #expect(outcome.status == 2)
        #expect(outcome.error.contains("ram/a: unsupported"))
        #expect(outcome.error.contains("a page with content at 0x3000"))
        #expect(try folder.names == [])
    }

    @Test("A block is made longer, or gets another name")
    func block() throws {
        let records = RAM.fill(0, "a") + RAM.fill(0, "b", 1)
        let stream = memory([("a", 0x1000), ("b", 0x1000)], records)
        #expect(
            try edit(stream, "--resize-block", "b=4096000", "--rename-block", "a=long.name")
                == memory(
                    [("long.name", 0x1000), ("b", 4_096_000)],
                    RAM.fill(0, "long.name") + RAM.fill(0, "b", 1)))
    }

    @Test("A section of another stream replaces the one of its path, or comes behind all others")
    func take() throws {
        let folder = try TemporaryFolder()
        let other = try folder.store(SmallStream.changed(4316, [0, 0, 0, 77]), as: "other")
        #expect(
            try edit(SmallStream.octets, "--take", "dev[1]", "--from", other)
                == small(
                    Array(SmallStream.changed(4316, [0, 0, 0, 77])[..<4352]),
                    #"{"page_size": 4096, "devices": [\#(dev), \#(box)]}"#))
        let uart = try folder.store(Samples.small, as: "uart")
        let added = try edit(SmallStream.octets, "--take", "uart", "--from", uart)
        let shown = try berth("show", "-", "uart", "box", input: .pipe(added))
        #expect(
            shown.lines.filter { $0.hasPrefix(" ") } == [
                "  b  buffer[3]  c0 ff ee", "  fifo  uint8[3]  09 08 07",
                "  uart/irq  subsection  version 1", "    level  uint16  0x1234 (4660)",
            ])
        // Its number is one that no section has: 6 is the highest.
        #expect(Array(added[4351..<4356]) == [4, 0, 0, 0, 7])
    }

    @Test("A BER file stays one of its version, with the same edits", arguments: ["3", "4"])
    func ber(version: String) throws {
        let arguments = ["--drop", "box", "--set", "dev.n=9", "--machine", "m-2.0"]
        let folder = try TemporaryFolder()
        let ber = try folder.store(
            try berth("encode", "--schema-version", version, input: .pipe(SmallStream.octets))
                .output, as: "in")
        try succeed(try berth(["edit", ber, "-o", folder.file("out")] + arguments))
        let summary = try Summary(try berth("info", "--json", folder.file("out")))
        #expect(summary["schemaVersion"] as? Int == Int(version))
        let direct = try folder.store(SmallStream.octets, as: "direct")
        try succeed(try berth(["edit", direct, "-o", folder.file("stream")] + arguments))
        let decoded = try berth("decode", folder.file("out"))
        #expect(decoded.output == (try contents(of: folder.file("stream"))))
    }

    @Test("A recipe does the same as the switches; --dry-run tells what and writes nothing")
    func recipe() throws {
        let folder = try TemporaryFolder()
        let recipe = try folder.store(
            Array(
                """
                {"why": "for the test", "edits": [
                  {"edit": "set", "path": "dev.n", "value": "0x20"},
                  {"edit": "drop", "path": "box"},
                  {"edit": "version", "path": "dev", "version": 3},
                  {"edit": "machine", "name": "some-1.0"},
                  {"edit": "rename-block", "block": "rom", "name": "new.rom"},
                  {"edit": "resize-block", "block": "m", "length": 32768}
                ]}
                """.utf8), as: "recipe.json")
        let byRecipe = try edit(SmallStream.octets, "--recipe", recipe)
        #expect(
            try edit(
                SmallStream.octets, "--set", "dev.n=0x20", "--drop", "box", "--set-version",
                "dev=3", "--machine", "some-1.0", "--rename-block", "rom=new.rom",
                "--resize-block", "m=32768") == byRecipe)
        let outcome = try berth(
            "edit", "-", "--recipe", recipe, "--dry-run", input: .pipe(SmallStream.octets))
        #expect(outcome.status == 0)
        #expect(
            outcome.text == """
                - box[0]  section  version 1, 3 octets
                ~ configuration.machine  text  "none" -> "some-1.0"
                ~ dev[1]  version  2 -> 3
                ~ dev[1].n  uint32  5 -> 0x20 (32)
                ~ ram[0].m  length  16384 -> 32768
                ~ ram[0].rom  RAM block  rom -> new.rom

                """)
        #expect(try folder.names == ["recipe.json"])
    }

    @Test("An edit that finds nothing: exit status 1, the nearest paths, and nothing is written")
    func nothing() throws {
        let folder = try TemporaryFolder()
        let outcome = try berth(
            "edit", "-", "-o", folder.file("out"), "--set", "dev.m=1", "--resize-block", "x=4096",
            input: .pipe(SmallStream.octets))
        #expect(outcome.status == 1)
        #expect(
            outcome.error == """
                berth: standard input: there is nothing to change at dev.m
                hint: there is dev[1].n, dev[1], dev[1].on
                berth: standard input: there is nothing to change at the RAM block x
                hint: there is m, rom

                """)
        #expect(try folder.names == [])
    }

    @Test("A damaged input: nothing is written")
    func damage() throws {
        let folder = try TemporaryFolder()
        let outcome = try berth(
            "edit", "-", "-o", folder.file("out"), "--set", "dev.n=1",
            input: .pipe(Array(SmallStream.octets.prefix(4340))))
        #expect(outcome.status == 2)
        #expect(try folder.names == [])
    }

    @Test(
        "Wrong usage is refused",
        arguments: [
            ["edit", "-"], ["edit", "-", "--dry-run"], ["edit", "-", "--dry-run", "-o", "x"],
            ["edit", "-", "-o", "x", "--set", "a"], ["edit", "-", "-o", "x", "--take", "a"],
            ["edit", "-", "-o", "x", "--set-version", "a=b"],
            ["edit", "-", "-o", "x", "--resize-block", "a=b"],
        ])
    func usage(arguments: [String]) throws {
        #expect(try berth(arguments, input: .pipe(SmallStream.octets)).status == 64)
    }
}
