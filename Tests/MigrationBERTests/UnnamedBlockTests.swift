import ByteIO
import Migration
import TestSupport
import Testing

/// QEMU up to 2.11 sends memory that has no name: Arm's `highbank` and `midway` have such a block.
@Suite("RAM blocks without a name")
struct UnnamedBlockTests {
    /// Pages of the unnamed block that spell its name, that go on in it, and of both by turns.
    private static let records =
        RAM.fill(0, "a") + RAM.page(0x1000, nil, Samples.page(1)) + RAM.page(0, "", Samples.page(2))
        + RAM.fill(0x1000) + RAM.fill(0x7000, nil, 0x55) + RAM.page(0x2000, "a", Samples.page(3))
        + RAM.fill(0x3000, "") + RAM.xbzrle(0, nil, [0, 1, 7])

    private static func stream(_ records: [UInt8]) -> [UInt8] {
        var stream = StreamBuilder()
        stream.configuration("highbank")
        stream.startRAM(
            4, RAM.blocks([("a", 0x10000), ("", 0x8000), ("b", 0x1000)]) + RAM.endOfSection)
        stream.goOn(2, 4, records + RAM.endOfSection)
        stream.goOn(3, 4, RAM.page(0x4000, "", Samples.page(4)) + RAM.endOfSection)
        stream.end()
        return stream.octets
    }

    @Test("They come back to the octet, in both versions and from one to the other")
    func roundTrips() throws {
        let stream = Self.stream(Self.records)
        let four = try encode(ByteSource(octets: stream), .version4)
        let three = try encode(ByteSource(octets: stream), .version3)
        for file in [four, three] {
            #expect(hex(try decode(ByteSource(octets: file))) == hex(stream))
            #expect(try recode(ByteSource(octets: file), to: .version3) == three)
            #expect(try recode(ByteSource(octets: file), to: .version4) == four)
        }
    }

    @Test("Their pages are told to be theirs")
    func pages() throws {
        let stream = Self.stream(Self.records)
        let files = try Format.allCases.map { try encode(ByteSource(octets: stream), $0) }
        for lines in try [events(stream)] + files.map({ try berEvents($0) }) {
            var names: [String] = []
            for line in lines where line.hasPrefix("pages of 4096 in ") {
                let name = line.dropFirst(17).filter { $0 != "(" && $0 != ")" }
                if names.last != name { names.append(name) }
            }
            #expect(names == ["a", "", "a", ""])
        }
    }

    @Test("In version 4, one without name and without whole pages is refused at its length")
    func implausible() throws {
        let block = tlv("30", text("") + octets("02 02 1200"))
        let start =
            octets("02 01 02") + text("ram") + octets("02 01 00 02 01 04")
            + tlv("7fcc52", tlv("7fbe52", block)) + octets("01 01 ff")
        let file = version4(tlv("7fd354", start) + octets("5fc546 00"))
        let error = try #require(throws: MigrationError.self) {
            try decode(ByteSource(octets: file))
        }
        #expect(error.code == .corrupt)
        #expect(error.found == "4608")
    }

    @Test(
        "In version 3's own list a block has a name, a length, and nothing else",
        arguments: [
            ("0c 00 02 02 1000", UInt64(49), "contents.name"),
            ("0c 01 62 02 02 1000 80 02 1000", 54, "contents"),
        ])
    func version3(block: String, offset: UInt64, place: String) throws {
        let list = tlv("30", tlv("30", octets(block)))
        let entry = tlv("7fc552", octets("02 02 1000 02 01 04") + list)
        let start =
            text("ram") + octets("02 01 02 02 01 00 02 01 04") + tlv("7fcc52", entry)
        let file = open("7fcdc551", octets("02 01 03") + open("30", tlv("7f8f53", start)))
        let error = try #require(throws: MigrationError.self) {
            try decode(ByteSource(octets: file))
        }
        #expect(error.code == .corrupt)
        #expect(error.offset == offset)
        #expect(error.path.hasSuffix(place))
    }
}
