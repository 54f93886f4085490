import Foundation
import TestSupport
import Testing

/// The expectations are counted from `SmallStream`'s octets: START of `ram` takes 57 to 117, PART 117
/// to 4272, END 4272 to 4290, which makes 4233 in all; "dev" 4299 to 4326, "box" 4326 to 4351. Block
/// m has two pages of zeros and one full one, rom one filled with ff.
@Suite("Info")
struct InfoTests {
    private static let rest = """
        stream version   3
        machine          none
        page size        4 KiB
        section footers  yes
        vmdesc           287 octets
        device state     8 octets: 62.5 % in fields, 37.5 % in buffers
        sent             ram 4233 (91.1 %), vmdesc 292 (6.3 %), devices 52 (1.1 %), \
        configuration 49 (1.1 %), commands 9 (0.2 %), framing 9 (0.2 %)
        downtime part    372 octets: iterators 18 with 0 pages, devices 52, other 302
        never sent       1 page
        whole            yes

        RAM block  length  pages  zero  full  xbzrle  zlib  filled
        m          16 KiB      3     2     1       0     0       0
        rom         4 KiB      1     0     0       0     0       1
        all        20 KiB      4     2     1       0     0       1

        id  section  instance  version  size  sent as             contents
        2   ram             0        4  4233  START, 1 PART, END  ram
        5   dev             1        2    27  FULL                2 fields
        6   box             0        1    25  FULL                1 field

        command  code  count
        PING        2      1

        unusual
        missing-pages  1 of the blocks' pages were never sent: they came by other \
        channels, or the guest does not use them

        """

    @Test("The text tells kind, machine, blocks, sections and commands, by file and by pipe")
    func text() throws {
        let folder = try TemporaryFolder()
        let path = try folder.store(SmallStream.octets, as: "in")
        let expected = """
            kind             binary stream
            size             4644 octets

            """ + InfoTests.rest
        for (arguments, input) in [
            ([path], Input.nothing), (["-"], .file(path)), ([], .pipe(SmallStream.octets)),
        ] {
            let outcome = try berth(["info"] + arguments, input: input)
            #expect(outcome.text == expected)
            #expect(outcome.error == "")
            #expect(outcome.status == 0)
        }
    }

    @Test("Of a BER file it tells the same, and the schema's version", arguments: ["3", "4"])
    func textOfBER(version: String) throws {
        let ber = try berth("encode", "--schema-version", version, input: .pipe(SmallStream.octets))
        let folder = try TemporaryFolder()
        let path = try folder.store(ber.output, as: "in")
        let expected = """
            kind             BER file, schema version \(version)
            size             \(ber.output.count) octets

            """ + InfoTests.rest
        #expect(try berth("info", "--verify", path).text == expected)
        #expect(try berth("info", input: .pipe(ber.output)).text == expected)
        // A file of version 4 has an index, by which contents of pages are passed over.
        let quick = expected.split(separator: "\n", omittingEmptySubsequences: false).map {
            version == "4" && $0.hasPrefix("whole ")
                ? $0 + ", by its structure (--verify reads all)" : $0
        }
        #expect(try berth("info", path).text == quick.joined(separator: "\n"))
    }

    @Test("JSON has each value under its key", arguments: ["binary", "3", "4"])
    func json(form: String) throws {
        var input = SmallStream.octets
        if form != "binary" {
            input = try berth("encode", "--schema-version", form, input: .pipe(input)).output
        }
        let outcome = try berth("info", "--json", input: .pipe(input))
        #expect(outcome.status == 0)
        let summary = try Summary(outcome)
        #expect(summary["kind"] as? String == (form == "binary" ? "binary stream" : "BER file"))
        #expect(summary["schemaVersion"] as? Int == Int(form))
        #expect(summary["size"] as? Int == input.count)
        #expect(summary["streamVersion"] as? Int == 3)
        #expect(summary["leadingZeros"] as? Int == 0)
        #expect(summary["machine"] as? String == "none")
        #expect(summary["capabilities"] as? [String] == [])
        #expect(summary["pageSize"] as? Int == 4096)
        #expect(summary["hasFooters"] as? Bool == true)
        #expect(summary["description"] as? Int == 287)
        #expect(summary["raw"] as? Int == 0)
        #expect(summary["hasEndMark"] as? Bool == true)
        #expect(summary["isWhole"] as? Bool == true)
        #expect(summary["error"] == nil)
        #expect(try summary.list("warnings").isEmpty)
        let pages = try #require(summary["pages"] as? [String: Int])
        #expect(pages == ["zero": 2, "full": 1, "filled": 1, "xbzrle": 0, "compressed": 0])
        let blocks = try summary.list("blocks")
        #expect(blocks.map { $0["name"] as? String } == ["m", "rom"])
        #expect(blocks.map { $0["length"] as? Int } == [0x4000, 0x1000])
        #expect(
            blocks.map { $0["pages"] as? [String: Int] } == [
                ["zero": 2, "full": 1, "filled": 0, "xbzrle": 0, "compressed": 0],
                ["zero": 0, "full": 0, "filled": 1, "xbzrle": 0, "compressed": 0],
            ])
        let sections = try summary.list("sections")
        #expect(sections.map { $0["name"] as? String } == ["ram", "dev", "box"])
        #expect(sections.map { $0["sectionID"] as? Int } == [2, 5, 6])
        #expect(sections.map { $0["instanceID"] as? Int } == [0, 1, 0])
        #expect(sections.map { $0["versionID"] as? Int } == [4, 2, 1])
        #expect(sections.map { $0["size"] as? Int } == [4233, 27, 25])
        #expect(sections.map { $0["form"] as? String } == ["ram", "fields", "fields"])
        #expect(sections.map { $0["fields"] as? Int } == [0, 2, 1])
        #expect(sections.map { $0["parts"] as? Int } == [1, 0, 0])
        #expect(sections.map { $0["hasStart"] as? Bool } == [true, false, false])
        #expect(sections.map { $0["hasEnd"] as? Bool } == [true, false, false])
        #expect(sections.map { $0["isFull"] as? Bool } == [false, true, true])
        // In the input: those of the binary stream are the comments' of SmallStream.
        if form == "binary" { #expect(sections.map { $0["offset"] as? Int } == [57, 4299, 4326]) }
        // Bodies of 5 octets, numbers both, and of 3, a buffer.
        let coverage = [
            "octets": 8, "octetsInFields": 5, "octetsInBuffers": 3, "octetsInBlobs": 0, "blobs": 0,
        ]
        #expect(summary["devices"] as? [String: Int] == coverage)
        #expect(
            sections.map { ($0["coverage"] as? [String: Int])?["octets"] } == [nil, 5, 3])
        let commands = try summary.list("commands")
        #expect(commands.map { $0["name"] as? String } == ["PING"])
        #expect(commands.map { $0["code"] as? Int } == [2])
        #expect(commands.map { $0["count"] as? Int } == [1])
    }

    @Test("Of a cut stream it tells what was read, then the error, and exits with 2")
    func cut() throws {
        // Cut in the END section's footer: both pages' sections have been read.
        let input = Array(SmallStream.octets.prefix(4287))
        let outcome = try berth("info", input: .pipe(input))
        let message =
            "offset 0x10bf: truncated: expected the footer of section ram, "
            + "found the end of the input"
        #expect(outcome.status == 2)
        #expect(outcome.lines.contains("whole            no: \(message)"))
        #expect(
            outcome.lines.contains("m          16 KiB      3     2     1       0     0       0"))
        #expect(
            outcome.lines.contains("rom         4 KiB      1     0     0       0     0       1"))
        #expect(outcome.error.hasPrefix("berth: standard input: \(message)\nhint: "))
        let json = try berth("info", "--json", input: .pipe(input))
        #expect(json.status == 2)
        #expect(json.error == outcome.error)
        let summary = try Summary(json)
        #expect(summary["isWhole"] as? Bool == false)
        #expect(summary["hasEndMark"] as? Bool == false)
        #expect(summary["error"] as? String == message)
        #expect(try summary.list("blocks").count == 2)
        #expect(try summary.list("sections").count == 1)
    }

    @Test("A failed checkpoint is told, behind what was read")
    func checkpoint() throws {
        var ber = try berth("encode", input: .pipe(SmallStream.octets)).output
        let page = try #require(ber.indices.first { ber[$0..<$0 + 64].allSatisfy { $0 == 0x41 } })
        ber[page + 1000] = 0x40
        let outcome = try berth("info", "--json", input: .pipe(ber))
        let summary = try Summary(outcome)
        #expect(outcome.status == 2)
        #expect(summary["isWhole"] as? Bool == false)
        #expect((summary["error"] as? String)?.contains("checksum: expected CRC-32C ") == true)
        #expect(try summary.list("sections").count == 3)
    }
}
