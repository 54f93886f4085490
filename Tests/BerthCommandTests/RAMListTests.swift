import Foundation
import TestSupport
import Testing

@Suite("ram list")
struct RAMListTests {
    /// A `pc` of which 8 MiB are RAM: page 0 is zero, then has data; 1 has data, then is zero; 2 is
    /// filled with 0x5a; 3 has data, twice, the second time as a difference; 4 is zero, twice.
    private static var records: [UInt8] {
        RAM.fill(0, "pc.ram") + RAM.page(0x1000, nil, Samples.page(1))
            + RAM.fill(0x2000, nil, 0x5a) + RAM.page(0x3000, nil, Samples.page(3))
            + RAM.fill(0x4000, nil) + RAM.page(0, "pc.bios", Samples.page(9)) + RAM.endOfSection
    }

    private static var later: [UInt8] {
        RAM.page(0, "pc.ram", Samples.page(7)) + RAM.fill(0x1000, nil)
            + RAM.xbzrle(0x3000, nil, [2, 3, 0x61, 0x62, 0x63]) + RAM.fill(0x4000, nil)
            + RAM.endOfSection
    }

    private static var stream: [UInt8] {
        var builder = StreamBuilder()
        builder.configuration("pc-i440fx-7.2")
        builder.startRAM(
            2,
            RAM.blocks([("pc.ram", 8 << 20), ("pc.bios", 0x20000), ("vga.vram", 0x10000)])
                + RAM.endOfSection)
        builder.goOn(2, 2, records)
        builder.goOn(3, 2, later)
        var bridge: [UInt8] = [0, 0, 0, 2, 0x86, 0x80, 0x37, 0x12]
        bridge += [UInt8](repeating: 0, count: 0x55)
        // PAM0 to PAM6: f0000 is firmware, the rest RAM.
        bridge += [0] + [UInt8](repeating: 0x33, count: 6)
        bridge += [UInt8](repeating: 0, count: 260 - bridge.count)
        builder.full(3, "0000:00:00.0/I440FX", version: 3, bridge)
        builder.end()
        return builder.octets
    }

    /// 2048 pages, of which 5 came: 0, 2 and 3 have data now; 4 records are of such as had come.
    private static let text = """
        machine          pc-i440fx-7.2
        page size        4 KiB

        RAM block    length  pages  data  zero  missing  sent again
        pc.ram        8 MiB   2048     3     2     2043           4
        pc.bios     128 KiB     32     1     0       31           0
        vga.vram     64 KiB     16     0     0       16           0
        all        8384 KiB   2096     4     2     2090           4

        guest-physical            length  memory
        0x0..0xa0000             640 KiB  pc.ram+0x0..0xa0000
        0xc0000..0xf0000         192 KiB  pc.ram+0xc0000..0xf0000
        0xf0000..0x100000         64 KiB  pc.bios+0x10000..0x20000 (firmware)
        0x100000..0x800000         7 MiB  pc.ram+0x100000..0x800000
        0xfffe0000..0x100000000  128 KiB  pc.bios+0x0..0x20000 (firmware)
        none known                64 KiB  vga.vram

        """

    @Test(
        "Blocks with their pages' last states, then the machine's map, of each kind of input",
        arguments: ["stream", "pipe", "4", "3", "gzip"])
    func list(form: String) throws {
        let folder = try TemporaryFolder()
        var path = try folder.store(Self.stream, as: "a")
        if form == "3" || form == "4" {
            let ber = folder.file("a.ber")
            try succeed(berth("encode", "-q", "--schema-version", form, path, "-o", ber))
            path = ber
        } else if form == "gzip" {
            _ = try folder.store(run("/usr/bin/env", ["gzip", "-c", path]).output, as: "a.gz")
            path = folder.file("a.gz")
        }
        let outcome =
            try form == "pipe"
            ? berth(["ram", "list", "-q"], input: .pipe(Self.stream))
            : berth("ram", "list", "-q", path)
        try succeed(outcome)
        #expect(outcome.text == Self.text)
        #expect(outcome.error == "")
    }

    private struct List: Decodable, Equatable {
        struct Pages: Decodable, Equatable {
            var all: Int, data: Int, zero: Int, missing: Int, resent: Int
        }
        struct Range: Decodable, Equatable {
            var address: UInt64, length: UInt64, offset: UInt64
            var rom: Bool
        }
        struct Block: Decodable, Equatable {
            var name: String
            var length: UInt64
            var isShared: Bool
            var pages: Pages?
            var ranges: [Range]
        }
        var machine: String?
        var pageSize: Int?
        var pages: Pages?
        var isMapKnown: Bool
        var isWhole: Bool
        var notes: [String]
        var blocks: [Block]
    }

    private static func list(_ arguments: String...) throws -> (List, Outcome) {
        let outcome = try berth(["ram", "list", "--json"] + arguments)
        return (try JSONDecoder().decode(List.self, from: Data(outcome.output)), outcome)
    }

    @Test("JSON tells the same")
    func json() throws {
        let folder = try TemporaryFolder()
        let (list, outcome) = try Self.list(folder.store(Self.stream, as: "a"))
        try succeed(outcome)
        #expect(
            list
                == List(
                    machine: "pc-i440fx-7.2", pageSize: 4096,
                    pages: .init(all: 2096, data: 4, zero: 2, missing: 2090, resent: 4),
                    isMapKnown: true, isWhole: true, notes: [],
                    blocks: [
                        .init(
                            name: "pc.ram", length: 8 << 20, isShared: false,
                            pages: .init(all: 2048, data: 3, zero: 2, missing: 2043, resent: 4),
                            ranges: [
                                .init(address: 0, length: 0xa0000, offset: 0, rom: false),
                                .init(
                                    address: 0xc0000, length: 0x30000, offset: 0xc0000, rom: false),
                                .init(
                                    address: 0x100000, length: 0x700000, offset: 0x100000,
                                    rom: false),
                            ]),
                        .init(
                            name: "pc.bios", length: 0x20000, isShared: false,
                            pages: .init(all: 32, data: 1, zero: 0, missing: 31, resent: 0),
                            ranges: [
                                .init(
                                    address: 0xf0000, length: 0x10000, offset: 0x10000, rom: true),
                                .init(address: 0xfffe_0000, length: 0x20000, offset: 0, rom: true),
                            ]),
                        .init(
                            name: "vga.vram", length: 0x10000, isShared: false,
                            pages: .init(all: 16, data: 0, zero: 0, missing: 16, resent: 0),
                            ranges: []),
                    ]))
    }

    @Test("What is cut off is listed as far as it goes, and the exit status is 2")
    func cut() throws {
        let folder = try TemporaryFolder()
        var stream = StreamBuilder()
        stream.startRAM(2, RAM.blocks([("pc.ram", 4 << 20)]) + RAM.endOfSection)
        let path = try folder.store(
            stream.octets + [2, 0, 0, 0, 2] + RAM.page(0x1000, "pc.ram", Samples.page(1)), as: "a")
        let (list, outcome) = try Self.list(path)
        #expect(outcome.status == 2)
        #expect(outcome.error.contains("truncated"))
        #expect(!list.isWhole)
        #expect(
            list.blocks[0].pages == .init(all: 1024, data: 1, zero: 0, missing: 1023, resent: 0))
        // Nothing is listed of what is no stream.
        let none = try berth("ram", "list", folder.store([1, 2, 3, 4], as: "b"))
        #expect(none.status == 2)
        #expect(none.text == "")
    }

    @Test("Of a machine that nobody knows the blocks are listed, and a note tells what to do")
    func unknown() throws {
        let outcome = try berth("ram", "list", Fixture.path("avr-uno-7.2"))
        try succeed(outcome)
        #expect(
            outcome.text == """
                machine          arduino-uno
                page size        256 octets

                RAM block  length  pages  data  zero  missing  sent again
                flash      32 KiB    128    32    96        0           0
                sram        4 KiB     16     0    16        0           0
                all        36 KiB    144    32   112        0           0

                """)
        #expect(outcome.error.contains("physical addresses are not known"))
        #expect(outcome.error.contains("--place BLOCK=ADDRESS"))
        let placed = try berth(
            "ram", "list", "-q", Fixture.path("avr-uno-7.2"), "--place", "sram=0x800100")
        #expect(
            placed.text.hasSuffix(
                """

                guest-physical      length  memory
                0x800100..0x801100   4 KiB  sram+0x0..0x1000
                none known          32 KiB  flash

                """))
    }

    @Test("A mapped block's bitmap tells: what is not set is zero, whatever stands there")
    func mapped() throws {
        let folder = try TemporaryFolder()
        var shared = MappedBlock("b", pages: 4, address: 0)
        shared.isShared = true
        let stream = MappedStream(
            [
                MappedBlock(
                    "a", pages: 100,
                    [3: [UInt8](repeating: 1, count: 256), 5: Array(repeating: 2, count: 256)],
                    present: [3, 99], address: 0),
                shared,
            ], capabilities: ["mapped-ram", "x-ignore-shared"])
        let path = try folder.store(stream.octets, as: "a")
        for input in [path, "-"] {
            let outcome = try berth(
                ["ram", "list", "-q", input], input: input == "-" ? .pipe(stream.octets) : .nothing)
            try succeed(outcome)
            #expect(
                outcome.text == """
                    machine          m
                    page size        256 octets

                    RAM block  length  pages  data  zero  missing  sent again
                    a          25 KiB    100     2    98        0           0
                    b           1 KiB      4     0     0   shared           0
                    all        26 KiB    104     2    98        4           0

                    """)
        }
    }

    /// The second channel's packets are read behind the first one's, though they were sent before.
    @Test("Channels are put in order by their marks of synchronization", arguments: [false, true])
    func channels(encoded: Bool) throws {
        let folder = try TemporaryFolder()
        var main = StreamBuilder()
        main.startRAM(2, RAM.blocks([("m", 8 * 4096)]) + RAM.flush + RAM.endOfSection)
        main.goOn(2, 2, RAM.fill(0, "m") + RAM.fill(0x1000) + RAM.flush + RAM.endOfSection)
        main.goOn(3, 2, RAM.fill(0x7000, "m") + RAM.flush + RAM.endOfSection)
        main.end()
        // Pages 2 and 3 have data, then 3 is zero and 0 has data.
        let one =
            Multifd.opening(id: 0) + Multifd.mark(number: 0, room: 4)
            + Multifd.header(
                flags: 0, number: 2, room: 4, normal: [0x2000, 0x3000], size: 0x2000, block: "m")
            + Samples.page(2) + Samples.page(3) + Multifd.mark(number: 4, room: 4)
            + Multifd.header(
                flags: 0, number: 6, room: 4, normal: [0], zero: [0x3000], size: 0x1000, block: "m")
            + Samples.page(4)
        // Before them: 0 zero; 3 zero.
        let two =
            Multifd.opening(id: 1) + Multifd.mark(number: 1, room: 4)
            + Multifd.mark(number: 3, room: 4)
            + Multifd.header(flags: 0, number: 5, room: 4, zero: [0x5000], block: "m")
            + Multifd.mark(number: 7, room: 4)
        var arguments = [
            try folder.store(main.octets, as: "main"), "--channel",
            try folder.store(one, as: "one"), "--channel", try folder.store(two, as: "two"),
        ]
        if encoded {
            try succeed(berth(["encode", "-q", "-o", folder.file("a.ber")] + arguments))
            arguments = [folder.file("a.ber")]
        }
        let outcome = try berth(["ram", "list", "-q"] + arguments)
        try succeed(outcome)
        // Data: 0, 2. Zero: 1, 3, 5, 7. Missing: 4, 6. Again: 0 and 3.
        #expect(
            outcome.text == """
                machine          not told (no configuration section)
                page size        4 KiB

                RAM block  length  pages  data  zero  missing  sent again
                m          32 KiB      8     2     4        2           2
                all        32 KiB      8     2     4        2           2

                """)
    }

    @Test("Help tells what it does and what it takes")
    func help() throws {
        let outcome = try berth("ram", "list", "--help")
        try succeed(outcome)
        #expect(
            outcome.text.hasPrefix(
                """
                OVERVIEW: Tell which RAM blocks there are, and where the machine has them.

                Of each block: how many of its pages the stream holds with data, as zero, or
                not at all (the last state of each page counts), and how many records are of
                pages that had been sent before. Then the stretches of guest-physical
                addresses, as ram extract --format physical lays them out; what lies where the
                guest puts it (a video card's memory), or where nothing tells, is listed last.
                Both columns of places can be given to ram read.

                Of a file that is damaged or cut off it tells what could be read, then the
                error, and exits with 2.

                USAGE: berth ram list [<options>] [<input>]

                """))
        for option in [
            "--channel <file>", "--snapshot <id|name>", "--ram-block <block>",
            "--below-4g <octets>", "--above-4g <address>", "--place <block=address>", "--json",
        ] { #expect(outcome.text.contains("\n  \(option)"), "\(option)") }
        let parent = try berth("ram", "--help")
        #expect(
            parent.text.contains(
                """
                SUBCOMMANDS:
                  list                    Tell which RAM blocks there are, and where the
                                          machine has them.
                  extract                 Write the guest's memory into a file.
                  read                    Read some octets of the guest's memory.
                """))
    }
}
