import TestSupport
import Testing

/// `berth diff`. What is changed is chosen by the offsets in ``SmallStream``'s comments.
@Suite("diff")
struct DiffTests {
    private func diff(
        _ before: [UInt8], _ after: [UInt8], _ arguments: String...
    ) throws -> Outcome {
        let folder = try TemporaryFolder()
        let one = try folder.store(before, as: "a")
        return try berth(["diff", one, "-"] + arguments, input: .pipe(after))
    }

    @Test("The same in any two forms: nothing is printed, and the exit status is 0")
    func same() throws {
        let stream = SmallStream.octets
        let three = try berth("encode", "--schema-version", "3", input: .pipe(stream)).output
        let four = try berth("encode", input: .pipe(stream)).output
        for (before, after) in [(stream, stream), (stream, four), (three, stream), (four, three)] {
            let outcome = try diff(before, after)
            #expect(outcome.status == 0)
            #expect(outcome.text == "")
            #expect(outcome.error == "")
        }
        let json = try diff(stream, four, "--json")
        #expect(json.status == 0)
        #expect(
            json.text == """
                {"findings": [], "ram": [
                  {"block": "m", "before": 16384, "after": 16384, "ranges": [], "differing": 0, \
                "pages": 4},
                  {"block": "rom", "before": 4096, "after": 4096, "ranges": [], "differing": 0, \
                "pages": 1}], "same": true}

                """)
    }

    @Test("Values, a version and the machine's name: a line each, ordered by path")
    func values() throws {
        // n at 4316, on at 4320, the version of dev at 4312, b at 4343, the machine at 13.
        var after = SmallStream.changed(4319, [0x20])
        after.replaceSubrange(4320..<4321, with: [0])
        after.replaceSubrange(4344..<4345, with: [0])
        after.replaceSubrange(13..<17, with: Array("some".utf8))
        let outcome = try diff(SmallStream.octets, after)
        #expect(outcome.status == 1)
        #expect(
            outcome.text == """
                ~ box[0].b[1]  uint8  0xff (255) -> 0
                ~ configuration.machine  text  "none" -> "some"
                ~ dev[1].n  uint32  5 -> 0x20 (32)
                ~ dev[1].on  bool  true -> false
                4 values changed

                """)
        let version = try diff(SmallStream.octets, SmallStream.changed(4315, [3]))
        #expect(version.text == "~ dev[1]  version  2 -> 3\n1 version changed\n")
    }

    @Test("--ignore leaves out what is at a path; with nothing left, the exit status is 0")
    func ignore() throws {
        var after = SmallStream.changed(4319, [0x20])
        after.replaceSubrange(4344..<4345, with: [0])
        let some = try diff(SmallStream.octets, after, "--ignore", "dev", "--quiet")
        #expect(some.text == "~ box[0].b[1]  uint8  0xff (255) -> 0\n")
        let none = try diff(
            SmallStream.octets, after, "--ignore", "dev[1].n", "--ignore", "box.b[1]")
        #expect(none.status == 0)
        #expect(none.text == "")
    }

    @Test("A page's content: which page, its octets, and left out by --no-ram and --ignore")
    func page() throws {
        // The page at 0x3000 of m stands at 150.
        let after = SmallStream.changed(150 + 0x123, [0x42])
        let outcome = try diff(SmallStream.octets, after)
        #expect(outcome.status == 1)
        #expect(
            outcome.text == """
                ~ ram[0].m  pages  1 of 4 differ: 0x3000..0x3fff
                1 page of RAM changed

                """)
        let octets = try diff(SmallStream.octets, after, "--content")
        #expect(
            octets.text == """
                ~ ram[0].m  0x3120
                    - 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41
                    + 41 41 41 42 41 41 41 41 41 41 41 41 41 41 41 41
                ~ ram[0].m  pages  1 of 4 differ
                1 page of RAM changed

                """)
        for arguments in [["--no-ram"], ["--ignore", "ram"], ["--ignore", "ram.m[3]"]] {
            let folder = try TemporaryFolder()
            let one = try folder.store(SmallStream.octets, as: "a")
            let two = try folder.store(after, as: "b")
            let less = try berth(["diff", one, two] + arguments)
            #expect(less.status == 0)
            #expect(less.text == "")
        }
        #expect(try diff(SmallStream.octets, after, "--ignore", "ram.m[2]").status == 1)
    }

    /// A stream with RAM of one block, sent by these records in START and END.
    private func memory(_ length: UInt64, _ first: [UInt8], _ last: [UInt8] = []) -> [UInt8] {
        var stream = StreamBuilder()
        stream.configuration("m-1.0")
        stream.startRAM(2, RAM.blocks([("r", length)]) + first + RAM.endOfSection)
        stream.goOn(3, 2, last + RAM.endOfSection)
        stream.end()
        return stream.octets
    }

    @Test("The last state of a page counts, however it was sent")
    func lastState() throws {
        let once = memory(0x3000, RAM.page(0x1000, "r", Samples.page(9)))
        // Page 0 was another and became zero, page 1 another too, page 2 a page of zeros.
        let twice = memory(
            0x3000,
            RAM.page(0, "r", Samples.page(1)) + RAM.page(0x1000, nil, Samples.page(2))
                + RAM.fill(0x2000),
            RAM.page(0x1000, "r", Samples.page(9)) + RAM.fill(0))
        #expect(try diff(once, twice).status == 0)
        // An XBZRLE difference: octet 0 kept, octet 1 (9) becomes 5.
        let patched = memory(
            0x3000, RAM.page(0x1000, "r", Samples.page(9)), RAM.xbzrle(0x1000, "r", [1, 1, 5]))
        let outcome = try diff(once, patched, "--content", "--quiet")
        #expect(
            outcome.text == """
                ~ ram[0].r  0x1000
                    - 09 09 09 09 09 09 09 09 09 09 09 09 09 09 09 09
                    + 09 05 09 09 09 09 09 09 09 09 09 09 09 09 09 09
                ~ ram[0].r  pages  1 of 3 differ

                """)
    }

    @Test(
        "Ranges of pages are joined, eight are told, --ram lists all; a length that changed is told"
    )
    func ranges() throws {
        var records: [UInt8] = RAM.fill(0, "r", 1) + RAM.fill(0x1000, nil, 1)
        for page in 0..<9 { records += RAM.fill(UInt64(0x3000 + page * 0x2000), nil, 1) }
        let outcome = try diff(memory(0x20000, []), memory(0x18000, records))
        #expect(outcome.status == 1)
        #expect(
            outcome.text == """
                ~ ram[0].r  length  128 KiB -> 96 KiB
                ~ ram[0].r  pages  11 of 24 differ: 0x0..0x1fff, 0x3000..0x3fff, 0x5000..0x5fff, \
                0x7000..0x7fff, 0x9000..0x9fff, 0xb000..0xbfff, 0xd000..0xdfff, 0xf000..0xffff, \
                and 2 more ranges
                11 pages of RAM changed

                """)
        let all = try diff(memory(0x20000, []), memory(0x20000, records), "--ram")
        #expect(all.lines.count == 12)
        #expect(all.lines[9] == "~ ram[0].r  pages  0x13000..0x13fff")
    }

    /// Sections of a device each, with a field of an octet, or octets alone.
    private func devices(_ names: [(String, UInt8)], fields: [String: String] = [:]) -> [UInt8] {
        var stream = StreamBuilder()
        stream.configuration("m-1.0")
        var descriptions: [String] = []
        for (id, (name, value)) in names.enumerated() {
            stream.full(UInt32(id + 20), name, [value])
            let field = fields[name] ?? "v"
            descriptions.append(
                #"{"name":"\#(name)","instance_id":0,"vmsd_name":"\#(name)","version":1,"#
                    + #""fields":[{"name":"\#(field)","type":"uint8","size":1}]}"#)
        }
        stream.end(#"{"page_size":4096,"devices":["# + descriptions.joined(separator: ",") + "]}")
        return stream.octets
    }

    @Test("Sections and fields that one input alone has, and sections that moved")
    func sections() throws {
        let before = devices([("a", 1), ("b", 2), ("c", 3), ("d", 4)])
        let after = devices([("d", 4), ("a", 1), ("e", 5), ("c", 3)], fields: ["c": "w"])
        let outcome = try diff(before, after)
        #expect(outcome.status == 1)
        #expect(
            outcome.text == """
                - b[0]  section  version 1, 1 octets
                - c[0].v  uint8  3
                + c[0].w  uint8  3
                > d[0]  section  number 3 -> 0
                + e[0]  section  version 1, 1 octets
                2 in the second alone, 2 in the first alone, 1 section moved

                """)
        // Section ids are the sender's own affair.
        let shifted = try diff(before, devices([("a", 1), ("b", 2), ("c", 3), ("d", 4)]))
        #expect(shifted.status == 0)
    }

    @Test("Two sections of one name are told apart by their order")
    func twice() throws {
        let outcome = try diff(
            devices([("a", 1), ("b", 2), ("a", 3)]), devices([("a", 1), ("b", 2), ("a", 4)]))
        #expect(outcome.text == "~ a#2[0].v  uint8  3 -> 4\n1 value changed\n")
        let shown = try berth(
            "show", "-", "a#2.v", input: .pipe(devices([("a", 1), ("b", 2), ("a", 3)])))
        #expect(shown.text == "a#2[0].v  uint8  3\n")
    }

    @Test("--json has the paths, the kinds of change and both values")
    func json() throws {
        let outcome = try diff(
            devices([("a", 1), ("b", 2)]), devices([("a", 255)]), "--json", "--no-ram")
        #expect(outcome.status == 1)
        #expect(
            outcome.text == """
                {"findings": [
                  {"path": "a[0].v", "change": "changed", "before": {"type": "uint8", "value": 1}, \
                "after": {"type": "uint8", "value": 255}},
                  {"path": "b[0]", "change": "removed", \
                "before": {"type": "section", "value": {"version": 1, "size": 1}}}], "ram": [], \
                "same": false}

                """)
    }

    @Test("Devices that nothing describes are compared by their octets, also with described ones")
    func opaque() throws {
        let described = devices([("a", 1), ("b", 2)])
        func bare(_ values: [(String, UInt8)]) -> [UInt8] {
            var stream = StreamBuilder()
            stream.configuration("m-1.0")
            for (id, (name, value)) in values.enumerated() {
                stream.full(UInt32(id), name, [value])
            }
            stream.end()
            return stream.octets
        }
        #expect(try diff(described, bare([("a", 1), ("b", 2)]), "--quiet").status == 0)
        let outcome = try diff(described, bare([("a", 1), ("b", 9)]), "--quiet")
        #expect(outcome.status == 1)
        #expect(outcome.text == "~ b[0][0]  uint8  2 -> 9\n")
    }

    @Test("Octets that one vmdesc calls a buffer and another something else are the same octets")
    func kinds() throws {
        // "custom" is a type that nothing opens: a blob. The fields are of b's three octets.
        let blob = SmallStream.with(
            json: SmallStream.json.replacing(#""type":"buffer""#, with: #""type":"custom""#))
        #expect(try diff(SmallStream.octets, blob).status == 0)
        let fields = SmallStream.with(
            json: SmallStream.json.replacing(
                #"{"name":"b","type":"buffer","size":3}"#,
                with: #"{"name":"b","type":"struct","size":3,"struct":{"vmsd_name":"s","#
                    + #""version":1,"fields":[{"name":"x","type":"uint8","size":1},"#
                    + #"{"name":"y","type":"uint16","size":2}]}}"#))
        #expect(try diff(SmallStream.octets, fields).status == 0)
        #expect(try diff(blob, fields).status == 0)
        var changed = blob
        changed[4344] = 0xfe
        let outcome = try diff(SmallStream.octets, changed, "--quiet")
        #expect(outcome.text == "~ box[0].b[1]  uint8  0xff (255) -> 0xfe (254)\n")
        #expect(try diff(changed, fields, "--quiet").lines.count == 1)
    }

    @Test("An input that can't be read: exit status 2, whichever it is")
    func damage() throws {
        let cut = Array(SmallStream.octets.prefix(4200))
        for (before, after) in [(SmallStream.octets, cut), (cut, SmallStream.octets)] {
            let outcome = try diff(before, after)
            #expect(outcome.status == 2)
            #expect(outcome.text == "")
            #expect(outcome.error.contains("truncated"))
        }
    }

    @Test("Usage: both from standard input, or --no-ram with --ram, is refused")
    func usage() throws {
        #expect(try berth("diff", "-", "-").status == 64)
        #expect(try berth("diff", "a", "b", "--no-ram", "--ram").status == 64)
        #expect(try berth("diff", "a", "b", "--ignore", "[").status == 64)
    }
}
