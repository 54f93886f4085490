import ByteIO
import Migration
import TestSupport
import Testing

/// RAM records (reference, section 3).
@Suite("Binary stream: RAM")
struct RAMTests {
    /// Header, configuration of `m` and a START with the blocks `a` (16 KiB) and `b` (8 KiB):
    /// PART begins at 14 + 17 + (8 + 2 * 10 + 8) + 5.
    static let begun: StreamBuilder = {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.startRAM(2, RAM.blocks([("a", 0x4000), ("b", 0x2000)]) + RAM.endOfSection)
        return stream
    }()

    private func stream(_ records: [UInt8]) -> [UInt8] {
        var stream = Self.begun
        stream.goOn(2, 2, records + RAM.endOfSection)
        stream.goOn(3, 2, RAM.endOfSection)
        stream.end()
        return stream.octets
    }

    /// The lines of the PART with these records; and the stream must come back.
    private func part(_ records: [UInt8], pageSize: UInt64 = 4096) throws -> [String] {
        let stream = stream(records)
        #expect(try rewrite(ByteSource(octets: stream)) == stream)
        let lines = try events(stream, pageSize: pageSize)
        let start = lines.firstIndex { $0.hasPrefix("part") } ?? 0
        return Array(lines[(start + 1)...].prefix { $0 != "footer" })
    }

    @Test("Records of every kind are told in order (3.2)")
    func kinds() throws {
        var records = RAM.page(0, "a", Samples.page(1)) + RAM.page(0x1000, nil, Samples.page(2))
        records += RAM.fill(0x2000) + RAM.fill(0x3000)
        records += RAM.xbzrle(0, nil, [0, 2, 0xaa, 0xbb]) + RAM.compressed(0x1000, nil, [1, 2, 3])
        records += RAM.hook + RAM.fill(0, "b", 0x55) + RAM.flush + RAM.fill(0x1000)
        // 4095 octets of n and one of n ^ ff.
        #expect(
            try part(records) == [
                "pages of 4096 in a", "  full 0 x2 \(4095 + 0xfe)/fe \(2 * 4095 + 0xfd)/fd",
                "  fill 8192 x2 00", "  xbzrle 0 x1 0002aabb", "  zlib 4096 x1 010203", "hook",
                "pages of 4096 in b", "  fill 0 x1 55", "flush", "pages of 4096 in (b)",
                "  fill 4096 x1 00",
            ])
    }

    @Test("Pages that don't adjoin, or differ in their octet, are entries of their own")
    func entries() throws {
        var records = RAM.fill(0x3000, "a") + RAM.fill(0x3000) + RAM.fill(0, nil, 1)
        records += RAM.fill(0x1000, nil, 1) + RAM.fill(0x2000, nil, 2)
        let lines = try part(records).filter { $0.hasPrefix("  ") }
        #expect(
            lines == [
                "  fill 12288 x1 00", "  fill 12288 x1 00", "  fill 0 x2 01", "  fill 8192 x1 02",
            ])
    }

    @Test("A name that is spelled again is kept, and begins a group")
    func repeatedName() throws {
        let lines = try part(RAM.fill(0, "a") + RAM.fill(0x1000, "a") + RAM.fill(0x2000))
        #expect(
            lines == [
                "pages of 4096 in a", "  fill 0 x1 00", "pages of 4096 in a", "  fill 4096 x2 00",
            ])
    }

    @Test("The block goes on from one section to the next (3.4)")
    func continued() throws {
        var stream = Self.begun
        stream.goOn(2, 2, RAM.fill(0, "b") + RAM.endOfSection)
        stream.goOn(2, 2, RAM.fill(0x1000) + RAM.endOfSection)
        stream.end()
        let lines = try events(stream.octets)
        #expect(lines.contains("pages of 4096 in (b)"))
        #expect(try rewrite(ByteSource(octets: stream.octets)) == stream.octets)
    }

    /// Records that can't be, and where in them the fault lies.
    static let faults: [(String, [UInt8], Int)] = [
        ("a page beyond its block", RAM.fill(0x4000, "a"), 0),
        ("a page beyond its block, behind good ones", RAM.fill(0, "b") + RAM.fill(0x2000), 11),
        ("a page far beyond", RAM.page(0xffff_ffff_ffff_f000, "a", Samples.page(1)), 0),
        ("an offset inside a page", RAM.fill(0x800, "a"), 0),
        ("a block that is not in the list", RAM.fill(0, "c"), 8),
        ("a block without a name", RAM.fill(0, ""), 8),
        ("no block at all", RAM.fill(0), 0),
        ("no flag", bigEndian(0x1000 as UInt64), 0),
        ("two flags", bigEndian(0x100a as UInt64), 0),
        ("the obsolete flag", bigEndian(0x1001 as UInt64), 0),
        ("an end that goes on", bigEndian(0x30 as UInt64), 0),
        ("an end with an offset", bigEndian(0x1010 as UInt64), 0),
        ("a hook with an offset", bigEndian(0x1080 as UInt64), 0),
        ("XBZRLE of another kind", RAM.record(0x40, 0, "a", [2, 0, 1, 0]), 10),
        ("XBZRLE longer than a page", RAM.record(0x40, 0, "a", [1, 0x10, 0x01]), 11),
        ("zlib much longer than a page", RAM.record(0x100, 0, "a", [0, 1, 0, 0]), 10),
        ("zlib of 4 GiB", RAM.record(0x100, 0, "a", [0xff, 0xff, 0xff, 0xff]), 10),
    ]

    @Test("A record that can't be is refused with its offset", arguments: faults)
    func fault(_ name: String, _ records: [UInt8], _ at: Int) {
        // Enough behind it that nothing is cut.
        let octets =
            Self.begun.octets + [2, 0, 0, 0, 2] + records + [UInt8](repeating: 0, count: 9000)
        do {
            _ = try events(octets, pageSize: 4096)
            Issue.record("\(name): no error")
        } catch {
            #expect(error.code == .corrupt, "\(name): \(error)")
            #expect(error.offset == UInt64(Self.begun.count + 5 + at), "\(name): \(error)")
        }
    }

    @Test("RAM of another version than 4 is carried raw with a warning")
    func otherRAM() throws {
        var old = StreamBuilder()
        old.section(1, 2, "ram", version: 3, RAM.endOfSection)
        let warnings = Warnings()
        let lines = try events(old.octets, warnings: warnings)
        #expect(lines.suffix(2).first?.hasPrefix("raw ") == true)
        #expect(warnings.all.map(\.code) == [.carriedRaw])
        #expect(try rewrite(ByteSource(octets: old.octets)) == old.octets)
    }

    @Test("After a package a broken connection is no damage: the rest is kept, with a warning")
    func cutAfterPackage() throws {
        var stream = Self.begun
        stream.goOn(2, 2, RAM.fill(0, "a") + RAM.endOfSection)
        stream.package(octets("08 0004 0000"))
        stream.append([2, 0, 0, 0, 2] + RAM.page(0x1000, "b", Samples.page(3)))
        let whole = stream.octets
        // Cut between records, in content, in a name, in a word, in a section's header.
        for cut in [0, 1, 4000, 4096, 4097, 4098, 4105, 4106, 4107, 4110] {
            let octets = Array(whole.dropLast(cut))
            let warnings = Warnings()
            #expect(
                try rewrite(ByteSource(octets: octets), warnings: warnings) == octets,
                "cut \(cut)")
            #expect(warnings.all.map(\.code) == [.cutConnection], "cut \(cut)")
        }
    }
}
