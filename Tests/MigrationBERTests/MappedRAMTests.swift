import ByteIO
import Migration
import MigrationBER
import QEMUStream
import TestSupport
import Testing

/// Mapped RAM in BER, worked out by hand from `Schemas/qemu-v4.asn`.
@Suite("BER files: mapped RAM")
struct MappedRAMTests {
    /// One block of 8 pages of 256 octets. Pages 0 and 1 are present, 3 is stale.
    static let stream: MappedStream = {
        var block = MappedBlock(
            "m", pages: 8,
            [
                0: [UInt8](repeating: 0xaa, count: 256), 1: [UInt8](repeating: 0xbb, count: 256),
                3: [UInt8](repeating: 0xcc, count: 256),
            ], present: [0, 1])
        block.gapEnd = [7] + [UInt8](repeating: 0x11, count: 20)
        return MappedStream([block])
    }()

    /// Tags: mapped cd 54 ("MT"), block cd 42 ("MB"), bitmap c2 4d ("BM"), gap c7 50 ("GP"),
    /// stored d3 50 ("SP").
    static let ram = octets(
        """
        5f cd 54 02 08 00                  ; the sum: 2048
        7f cd 42 12  0c 01 6d  02 02 08 00
          02 02 01 00  02 01 47  02 02 01 00   ; pages of 256, bitmap at 71, pages at 256
        7f c2 4d 0b  0c 01 6d  02 01 00  30 03  04 01 03
        7f c7 50 14  0c 01 6d              ; 177 octets of gap: the last 21 are not 0
          02 02 00 9c  30 0b  04 01 07  a2 06  02 01 11 02 01 14
        """)

    private func write(_ stream: [UInt8]) throws -> [UInt8] {
        var writer = Version4Writer(.inMemory(), producer: "t", checkpointsAndIndex: false)
        try read(ByteSource(octets: stream), into: &writer)
        var sink = writer.takeSink()
        return try sink.takeOctets()
    }

    static let stored: [UInt8] = {
        let pages =
            octets("04 82 02 00") + [UInt8](repeating: 0xaa, count: 256)
            + [UInt8](repeating: 0xbb, count: 256)  // two full pages
            + octets("81 01 01")  // one page forward
            + octets("04 82 01 00") + [UInt8](repeating: 0xcc, count: 256)
        let content = octets("0c 01 6d  02 02 01 00  02 01 00  30 82 03 0b") + pages
        return octets("7f d3 50 82 03 19") + content
    }()

    @Test("A block is written as the schema of version 4 says, octet by octet")
    func golden() throws {
        let file = try write(Self.stream.octets)
        let ramSection = octets("7f cc 52 80") + Self.ram + Self.stored + octets("00 00")
        let at = try #require(
            (0..<file.count - 4).first { file[$0..<$0 + 4].elementsEqual(ramSection.prefix(4)) })
        #expect(hex(file[at..<min(file.count, at + ramSection.count)]) == hex(ramSection))
    }

    static let blocks: [MappedBlock] = {
        var random = SeededGenerator(seed: 51)
        var content: [Int: [UInt8]] = [:]
        for _ in 0..<300 { content[Int.random(in: 0..<3000, using: &random)] = random.octets(256) }
        let present = Set((0..<3000).filter { _ in Bool.random(using: &random) })
        var shared = MappedBlock("s", pages: 4, address: 1 << 32)
        shared.isShared = true
        return [
            MappedBlock("big", pages: 3000, content, present: present, address: 0), shared,
            MappedBlock("all", pages: 640, present: Set(0..<640), address: 0x10_0000),
            MappedBlock("none", pages: 65, address: 9),
        ]
    }()

    @Test(
        "Both versions give the stream back, from a file, memory or a pipe",
        arguments: Format.allCases)
    func roundTrip(_ format: Format) throws {
        for (base, zeros) in [(0, 0), (77, 0), (0, 8192)] {
            let stream = MappedStream(
                Self.blocks, base: base, zeros: zeros,
                capabilities: ["x-ignore-shared", "mapped-ram"]
            ).octets
            let file = try encode(ByteSource(octets: stream), format)
            #expect(try decode(ByteSource(octets: file)) == stream)
            #expect(try encode(.packets(stream, sizes: [999, 1, 50_000]), format) == file)
            let folder = try TemporaryFolder()
            #expect(
                try encode(ByteSource(path: folder.store(stream, as: "s")), format) == file)
            // And from each version to the other.
            for other in Format.allCases {
                #expect(
                    try recode(ByteSource(octets: file), to: other)
                        == encode(ByteSource(octets: stream), other))
            }
        }
    }

    @Test("Each page's group is found by the index, and each block's head")
    func index() throws {
        let stream = MappedStream(Self.blocks, capabilities: ["x-ignore-shared", "mapped-ram"])
        let file = try encode(ByteSource(octets: stream.octets), .version4)
        let here = file.suffix(12).prefix(8).reduce(0) { $0 << 8 | Int($1) }
        #expect(file[here..<here + 3].elementsEqual([0x7f, 0xc9, 0x58]))
        // An entry of a block's head: offset and name alone.
        for block in Self.blocks {
            let head = octets("7f cd 42")
            let name = [0x0c, UInt8(block.name.utf8.count)] + Array(block.name.utf8)
            let at = try #require(
                (0..<here).first {
                    file[$0..<$0 + 3].elementsEqual(head)
                        && file[($0 + 4)..<($0 + 4 + name.count)].elementsEqual(name)
                })
            var number = Array(bigEndian(UInt64(at)).drop { $0 == 0 })
            if number[0] >= 0x80 { number.insert(0, at: 0) }
            let content = [0x02, UInt8(number.count)] + number + name
            let entry = [0x30, UInt8(content.count)] + content
            let isThere = (here..<file.count - entry.count).contains {
                file[$0..<$0 + entry.count].elementsEqual(entry)
            }
            #expect(isThere, "\(block.name) at \(at)")
        }
    }

    // MARK: Damage

    /// A file of one START whose RAM section has these records.
    private func file(_ records: [UInt8]) -> [UInt8] {
        octets("7f cd c5 51 80 02 01 04 30 06 02 01 03 0c 01 74 30 80")
            + octets("7f d3 54 80 02 01 02 0c 03 72 61 6d 02 01 00 02 01 04 7f cc 52 80")
            + records + octets("00 00 01 01 ff 00 00 00 00 00 00")
    }

    private func failure(_ records: [UInt8]) -> MigrationError? {
        do {
            _ = try decode(ByteSource(octets: file(records)))
            return nil
        } catch { return error as? MigrationError }
    }

    @Test("What the records' order forbids is told by its offset")
    func order() throws {
        let total = Array(Self.ram[0..<6])
        let block = Array(Self.ram[6..<28])
        let bitmap = Array(Self.ram[28..<43])
        let gap = Array(Self.ram[43...])
        let start = file([]).count - 11
        #expect(failure(total + block + bitmap + gap + Self.stored) == nil)
        #expect(failure(total + block) == nil)
        let cases: [(records: [UInt8], before: Int, String)] = [
            (block, 7, "no total"),
            (total + bitmap, 6, "no block"),
            (total + block + gap + bitmap, 28 + gap.count, "bitmap behind the gap"),
            (total + block + Self.stored + gap, 28 + Self.stored.count, "gap behind the pages"),
            (total + block + bitmap + bitmap, 28 + 15 + 7, "bitmap twice"),
            (total, 8, "a block is missing"),
            (total + block + block, 28 + 7, "more than the total"),
        ]
        for (records, before, what) in cases {
            let error = failure(records)
            #expect(error?.code == .corrupt, "\(what)")
            #expect(error?.offset == UInt64(start + before), "\(what)")
        }
    }

    @Test("Octets beyond their part, pages beyond the block or of another size are refused")
    func beyond() {
        let head = Array(Self.ram[0..<28])
        // The bitmap of 8 pages has 8 octets.
        let cases = [
            "7f c2 4d 0b  0c 01 6d  02 01 08  30 03  04 01 03",
            "7f c2 4d 0d  0c 01 6d  02 01 00  30 05  80 01 08 04 01",
            "7f c2 4d 11  0c 01 6d  02 01 00  30 09  80 07 7f ff ff ff ff ff ff",
            "7f c2 4d 0b  0c 01 6e  02 01 00  30 03  04 01 03",
            "7f c2 4d 0b  0c 01 6d  02 01 00  30 03  80 01 00",
            "7f d3 50 0f  0c 01 6d  02 02 02 00  02 01 00  30 00 05 00",
        ]
        for text in cases { #expect(failure(head + octets(text)) != nil, "\(text)") }
        let page = octets("30 82 01 04 04 82 01 00") + [UInt8](repeating: 1, count: 256)
        let last = octets("7f d3 50 82 01 13 0c 01 6d 02 02 01 00 02 02 07 00") + page
        #expect(failure(head + last) == nil)
        let behind = octets("7f d3 50 82 01 13 0c 01 6d 02 02 01 00 02 02 08 00") + page
        #expect(failure(head + behind)?.code == .corrupt)
        #expect(failure(head + last + last)?.code == .corrupt)
    }

    @Test("Entries of any size, as other programs may write them, come in pieces")
    func otherWriters() throws {
        // A block of 2^21 pages has a bitmap of 256 KiB: all set, in one run.
        let ram = octets(
            """
            5f cd 54 04 20 00 00 00
            7f cd 42 15  0c 01 6d  02 04 20 00 00 00  02 02 01 00  02 01 47
                         02 03 04 01 00
            """)
        let bitmap = octets(
            "7f c2 4d 13 0c 01 6d 02 01 00 30 0b a2 09 02 02 00 ff 02 03 04 00 00")
        let lines = try berEvents(file(ram + bitmap))
        #expect(lines.filter { $0.hasPrefix("bitmap ") }.count == 4)
        #expect(lines.contains("bitmap 196608: 65536 octets"))
    }
}
