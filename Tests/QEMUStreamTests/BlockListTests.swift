import ByteIO
import Migration
import TestSupport
import Testing

/// The list of RAM blocks with its unmarked parts (reference, 3.3), and the page size (3.1).
@Suite("Binary stream: block list and page size")
struct BlockListTests {
    private struct Block {
        var name: String
        var length: UInt64
        var pageSize: UInt64?
        var address: UInt64?
    }

    private func stream(
        _ blocks: [Block], capabilities: [String] = [], total: UInt64? = nil
    ) -> [UInt8] {
        var stream = StreamBuilder()
        let names = capabilities.flatMap(StreamBuilder.counted)
        stream.configuration(
            "m",
            subsections: capabilities.isEmpty
                ? []
                : StreamBuilder.subsection(
                    "configuration/capabilities",
                    bigEndian(UInt32(capabilities.count)) + names))
        var list = bigEndian((total ?? blocks.reduce(0) { $0 + $1.length }) | 4)
        for block in blocks {
            list += StreamBuilder.counted(block.name) + bigEndian(block.length)
            if let pageSize = block.pageSize { list += bigEndian(pageSize) }
            if let address = block.address { list += bigEndian(address) }
        }
        stream.startRAM(2, list + RAM.endOfSection)
        stream.goOn(3, 2, RAM.endOfSection)
        stream.end()
        return stream.octets
    }

    private func lines(_ blocks: [Block]) -> [String] {
        blocks.map { block in
            "block \(block.name) \(block.length)"
                + (block.pageSize.map { " pages of \($0)" } ?? "")
                + (block.address.map { " at \($0)" } ?? "")
        }
    }

    private static let huge: UInt64 = 0x20_0000

    /// Lists with the optional fields in every mixture that the rules A and x-ignore-shared give.
    private static let lists: [(blocks: [Block], capabilities: [String])] = [
        ([Block(name: "pc.ram", length: 0x800_0000)], []),
        (
            [
                Block(name: "mem0", length: 0x800_0000, pageSize: huge),
                Block(name: "0000:00:02.0/vga.vram", length: 0x100_0000),
                Block(name: "/rom@etc/acpi/tables", length: 0x2_0000),
            ], []
        ),
        (
            [
                Block(name: "vga", length: 0x100_0000),
                Block(name: "a-block-whose-name-is-longer-than-what-stands-before", length: 0x1000),
                Block(name: "mem0", length: 0x800_0000, pageSize: huge),
            ], []
        ),
        (
            [
                Block(name: "mem0", length: 0x800_0000, pageSize: huge),
                Block(name: "mem1", length: 0x800_0000, pageSize: 1 << 30),
                Block(name: String(repeating: "n", count: 255), length: 0x1000, pageSize: 4096),
            ], []
        ),
        (
            [
                Block(name: "mem0", length: 0x800_0000, address: 0x1_0000_0000),
                Block(name: "pc.bios", length: 0x4_0000, address: 0xfffc_0000),
            ], ["x-ignore-shared"]
        ),
        (
            [
                Block(name: "mem0", length: 0x800_0000, pageSize: huge, address: 0),
                Block(name: "0000:00:02.0/vga.vram", length: 0x100_0000, address: 0xfd00_0000),
            ], ["x-ignore-shared"]
        ),
    ]

    @Test("Page sizes and addresses are found where nothing marks them", arguments: 0..<6)
    func optionalFields(_ index: Int) throws {
        let (blocks, capabilities) = Self.lists[index]
        let stream = stream(blocks, capabilities: capabilities)
        let found = try events(stream).filter { $0.hasPrefix("block") }
        #expect(found == lines(blocks))
        #expect(try rewrite(ByteSource(octets: stream)) == stream)
    }

    @Test("The same fields are found when the octets come one by one", arguments: 0..<6)
    func slowArrival(_ index: Int) throws {
        let (blocks, capabilities) = Self.lists[index]
        let stream = stream(blocks, capabilities: capabilities)
        for sizes in [[1], [2, 3], [17, 31]] {
            var recorder = Recorder()
            try read(.packets(stream, sizes: sizes), into: &recorder)
            #expect(recorder.lines == (try events(stream)), "pieces of \(sizes)")
        }
    }

    @Test("A list of another total, or of a block without name or pages, is refused at its octet")
    func badLists() {
        let list = [Block(name: "a", length: 0x3000), Block(name: "b", length: 0x1000)]
        // 14 octets, the section's header of 17, the word of 8, `a` with 10, `b`'s name with 2.
        for (octets, offset) in [
            (stream(list, total: 0x3800), 14 + 17 + 8 + 10 + 2),
            (stream([Block(name: "", length: 0x1200)]), 14 + 17 + 8),
            (stream(list + [Block(name: "", length: 0)], total: 0x8000), 14 + 17 + 8 + 20),
            (stream(list, total: 0x8000), 14 + 17 + 8 + 20),
        ] {
            do {
                _ = try events(octets)
                Issue.record("no error")
            } catch {
                #expect(error.code == .corrupt && error.offset == UInt64(offset), "\(error)")
                #expect(error.path == "ram/block list")
            }
        }
    }

    @Test("Lengths that overflow 64 bits are refused")
    func overflow() {
        let octets = stream(
            [
                Block(name: "a", length: .max - 0xfff), Block(name: "b", length: 0x2000),
            ], total: .max - 0xfff + 0)
        // The first reaches the total, so that the second is no block any more.
        #expect(throws: MigrationError.self) { try events(octets) }
    }

    // MARK: Page size

    /// A stream whose records alone tell the page size.
    private func pages(_ size: Int, _ first: [UInt8] = []) -> [UInt8] {
        var random = SeededGenerator(seed: UInt64(size))
        var stream = StreamBuilder(footers: false)
        stream.append(first)
        stream.startRAM(2, RAM.blocks([("r", 0x100_0000)]) + RAM.endOfSection)
        var records = RAM.fill(0, "r")
        for index in 1..<20 {
            records +=
                index % 5 == 0
                ? RAM.fill(UInt64(index * size))
                : RAM.page(UInt64(index * size), nil, random.octets(size))
        }
        stream.goOn(2, 2, records + RAM.endOfSection)
        stream.goOn(3, 2, RAM.endOfSection)
        stream.end()
        return stream.octets
    }

    @Test("The records tell the page size", arguments: [256, 1024, 4096, 8192, 16384, 65536])
    func fromRecords(_ size: Int) throws {
        let octets = pages(size)
        #expect(try events(octets).contains("pages of \(size) in r"))
        #expect(try rewrite(ByteSource(octets: octets)) == octets)
    }

    @Test("POSTCOPY_ADVISE, the configuration or the user tell the page size")
    func stated() throws {
        // One page of zeros tells nothing.
        func one(_ items: [UInt8]) -> [UInt8] {
            var stream = StreamBuilder()
            stream.append(items)
            stream.startRAM(2, RAM.blocks([("r", 0x10_0000)]) + RAM.endOfSection)
            stream.goOn(2, 2, RAM.fill(0, "r") + RAM.endOfSection)
            stream.end()
            return stream.octets
        }
        var advise = StreamBuilder(header: false)
        advise.command(3, bigEndian(0x20_1000 as UInt64) + bigEndian(8192 as UInt64))
        var bits = StreamBuilder(header: false)
        bits.configuration(
            "m",
            subsections: StreamBuilder.subsection(
                "configuration/target-page-bits", bigEndian(14 as UInt32)))
        #expect(try events(one([])).contains("pages of 4096 in r"))
        #expect(try events(one(advise.octets)).contains("pages of 8192 in r"))
        #expect(try events(one(bits.octets)).contains("pages of 16384 in r"))
        #expect(try events(one(advise.octets), pageSize: 1024).contains("pages of 1024 in r"))
    }

    @Test("A page size that no format can hold is not believed")
    func absurd() throws {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.command(3, bigEndian(1 << 40 as UInt64) + bigEndian(1 << 40 as UInt64))
        stream.startRAM(2, RAM.blocks([("r", 1 << 42)]) + RAM.endOfSection)
        stream.goOn(2, 2, RAM.fill(0, "r") + RAM.endOfSection)
        stream.end()
        // Version 4 has page sizes up to 2^24: what is read must be written so that it can be.
        for format in Format.allCases {
            let file = try encode(ByteSource(octets: stream.octets), format)
            #expect(try decode(ByteSource(octets: file)) == stream.octets)
        }
    }
}
