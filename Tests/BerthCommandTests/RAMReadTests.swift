import TestSupport
import Testing

@Suite("ram read")
struct RAMReadTests {
    /// Sixteen pages of `m`, the third of them by difference, and `rom`.
    private static var stream: [UInt8] {
        var builder = StreamBuilder()
        builder.startRAM(
            2, RAM.blocks([("m", 0x10000), ("rom", 0x1000)]) + RAM.endOfSection)
        var records: [UInt8] = RAM.page(0, "m", content(0))
        for page in 1..<16 {
            records += RAM.page(UInt64(page) << 12, nil, content(UInt8(page)))
        }
        records += RAM.fill(0, "rom", 0x5a)
        builder.goOn(2, 2, records + RAM.endOfSection)
        // 2 octets stay, 3 are new.
        builder.goOn(
            3, 2, RAM.xbzrle(0x2000, "m", [2, 3, 0x61, 0x62, 0x63]) + RAM.endOfSection)
        builder.end()
        return builder.octets
    }

    private static func content(_ page: UInt8) -> [UInt8] {
        (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 3 &+ Int(page) &* 16) }
    }

    @Test(
        "A listing has sixteen octets a line, what is text beside them, and * for equal lines",
        arguments: ["stream", "4", "3", "pipe"])
    func listing(form: String) throws {
        let folder = try TemporaryFolder()
        var path = try folder.store(Self.stream, as: "a")
        if form == "3" || form == "4" {
            let ber = folder.file("a.ber")
            try succeed(berth("encode", "--schema-version", form, path, "-o", ber))
            path = ber
        }
        let isPipe = form == "pipe"
        let outcome = try berth(
            ["ram", "read", isPipe ? "-" : path, "m+0x1ffd..0x2013"],
            input: isPipe ? .pipe(Self.stream) : .nothing)
        // Page 1 ends with (4093, 4094, 4095) * 3 + 16; page 2 begins with 32, 35, then 61 62 63.
        try succeed(outcome)
        #expect(
            outcome.text == """
                00001ff0                                          07 0a 0d  |...|
                00002000  20 23 61 62 63 2f 32 35  38 3b 3e 41 44 47 4a 4d  | #abc/258;>ADGJM|
                00002010  50 53 56                                          |PSV|
                00002013

                """)
        let rom = try berth(
            ["ram", "read", isPipe ? "-" : path, "rom", "64"],
            input: isPipe ? .pipe(Self.stream) : .nothing)
        #expect(
            rom.text == """
                00000000  5a 5a 5a 5a 5a 5a 5a 5a  5a 5a 5a 5a 5a 5a 5a 5a  |ZZZZZZZZZZZZZZZZ|
                *
                00000030  5a 5a 5a 5a 5a 5a 5a 5a  5a 5a 5a 5a 5a 5a 5a 5a  |ZZZZZZZZZZZZZZZZ|
                00000040

                """)
    }

    @Test("Octets are written as they are with -o")
    func raw() throws {
        let folder = try TemporaryFolder()
        let outcome = try berth(
            "ram", "read", try folder.store(Self.stream, as: "a"), "m+0x3ff0", "32", "-o", "-")
        try succeed(outcome)
        #expect(outcome.output == Array(Self.content(3).suffix(16) + Self.content(4).prefix(16)))
    }

    @Test("Of a BER file nothing but the pages is read: damage elsewhere goes unnoticed")
    func alone() throws {
        let folder = try TemporaryFolder()
        var builder = StreamBuilder()
        builder.startRAM(2, RAM.blocks([("m", 0x1000000)]) + RAM.endOfSection)
        // Three groups, each of more than the index's distance: 0, 4 MiB, 8 MiB.
        var records: [UInt8] = []
        for page in 0..<3072 {
            records += RAM.page(
                UInt64(page) << 12, page == 0 ? "m" : nil, Samples.page(UInt8(page >> 8 | 0x40)))
        }
        builder.goOn(3, 2, records + RAM.endOfSection)
        builder.end()
        let ber = folder.file("a.ber")
        try succeed(berth("encode", try folder.store(builder.octets, as: "a"), "-o", ber))
        var octets = try contents(of: ber)
        // Within the content of a page near 2 MiB.
        octets[2 << 20] ^= 0xff
        let damaged = try folder.store(octets, as: "damaged.ber")
        #expect(try berth("decode", damaged, "-o", folder.file("b")).status == 2)
        let outcome = try berth("ram", "read", damaged, "m+0xb00000", "8")
        try succeed(outcome)
        // Page 0xb00 of 4 KiB: 0x0b | 0x40.
        #expect(outcome.text.hasPrefix("00b00000  4b 4b 4b 4b 4b 4b 4b 4b "))
        // The octets there are read as they are.
        let here = try berth("ram", "read", damaged, "m+0x100000..0x300000", "-o", "-")
        var expected = (0x100..<0x300).flatMap { Samples.page(UInt8($0 >> 8 | 0x40)) }
        #expect(here.output.count == expected.count)
        let wrong = here.output.indices.filter { here.output[$0] != expected[$0] }
        #expect(wrong.count == 1)
        for index in wrong { expected[index] ^= 0xff }
        #expect(here.output == expected)
    }

    @Test("Of a mapped-ram file the present pages alone count", arguments: [false, true])
    func mapped(encoded: Bool) throws {
        let folder = try TemporaryFolder()
        let page = (0..<4).map { Samples.page(UInt8(0x11 * ($0 + 1)), size: 256) }
        let block = MappedBlock(
            "m", pages: 9, [0: page[0], 3: page[1], 4: page[2], 8: page[3]],
            present: [0, 4, 8])
        var path = try folder.store(MappedStream([block]).octets, as: "a")
        if encoded {
            let ber = folder.file("a.ber")
            try succeed(berth("encode", path, "-o", ber))
            path = ber
        }
        let outcome = try berth("ram", "read", path, "m+0x2f0..0x900", "-o", "-")
        try succeed(outcome)
        // Page 3 was left behind.
        let all =
            page[0] + [UInt8](repeating: 0, count: 3 * 256) + page[2]
            + [UInt8](repeating: 0, count: 3 * 256) + page[3]
        #expect(outcome.output == Array(all[0x2f0..<0x900]))
    }

    @Test("A place that is not there is told with what is")
    func missing() throws {
        let folder = try TemporaryFolder()
        let path = try folder.store(Self.stream, as: "a")
        let block = try berth("ram", "read", path, "n+0")
        #expect(block.status == 2)
        #expect(
            block.error == """
                berth: \(path): ram: unsupported: expected a RAM block "n", found none
                hint: there are: m, rom

                """)
        let end = try berth("ram", "read", path, "rom+0xff0", "17")
        #expect(end.status == 2)
        #expect(
            end.error == """
                berth: \(path): ram/rom: unsupported: expected octets before its end at 0x1000, \
                found up to 0x1001

                """)
    }

    @Test("A physical address wants a machine that is known, and a file")
    func physical() throws {
        let folder = try TemporaryFolder()
        let unknown = try berth("ram", "read", try folder.store(Self.stream, as: "a"), "0x1000")
        #expect(unknown.status == 2)
        #expect(unknown.error.contains("expected a machine whose memory map is known"))
        let pipe = try berth("ram", "read", "-", "0x1000", input: .pipe(Self.stream))
        #expect(pipe.status == 64)
        #expect(pipe.error.contains("a guest-physical address wants a file"))
        let placed = try berth(
            "ram", "read", folder.file("a"), "--place", "m=0x80000000", "0x80003ffe", "4")
        try succeed(placed)
        // (4094, 4095) * 3 + 48, then 64, 67.
        #expect(
            placed.text == """
                80003ff0                                             2a 2d  |*-|
                80004000  40 43                                             |@C|
                80004002

                """)
    }

    @Test("Nonsense is wrong usage", arguments: ["0x", "m+2..1", "1..0", "5..5", "0x1z", "3 "])
    func usage(place: String) throws {
        let outcome = try berth("ram", "read", "/dev/null", "--", place)
        #expect(outcome.status == 64, "\(outcome.error)")
    }
}
