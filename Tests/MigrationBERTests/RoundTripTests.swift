import ByteIO
import Migration
import TestSupport
import Testing

/// decode(encode(x)) == x, and the same input gives the same output.
@Suite("BER files: round trips")
struct RoundTripTests {
    @Test("A real stream comes back from both versions", arguments: Fixture.names, Format.allCases)
    func fixtures(_ name: String, _ format: Format) throws {
        let stream = try Fixture.octets(name)
        let file = try encode(ByteSource(octets: stream), format)
        #expect(file.starts(with: [0x7f, 0xcd, 0xc5, 0x51]))
        #expect(try decode(ByteSource(octets: file)) == stream)
        // What is told of the file is what was told of the stream, but for places.
        func unplaced(_ lines: [String]) -> [String] {
            lines.map { String($0.prefix(upTo: $0.firstIndex(of: "@") ?? $0.endIndex)) }
        }
        if format == .version4 {
            let ours = unplaced(try events(stream)).filter {
                $0.hasPrefix("{") || $0.hasPrefix("block")
            }
            let theirs = unplaced(try berEvents(file)).filter {
                $0.hasPrefix("{") || $0.hasPrefix("block")
            }
            #expect(ours == theirs)
        }
    }

    @Test(
        "One version's file becomes the other's, the same as from the stream",
        arguments: Fixture.names)
    func recoding(_ name: String) throws {
        let stream = try Fixture.octets(name)
        let four = try encode(ByteSource(octets: stream), .version4)
        let three = try encode(ByteSource(octets: stream), .version3)
        #expect(try recode(ByteSource(octets: four), to: .version4) == four)
        #expect(try recode(ByteSource(octets: three), to: .version3) == three)
        #expect(try recode(ByteSource(octets: three), to: .version4) == four)
        #expect(
            try decode(ByteSource(octets: recode(ByteSource(octets: four), to: .version3)))
                == stream)
    }

    @Test(
        "A file is the same however its stream arrives", arguments: Format.allCases,
        [[1], [3, 1, 500], [4093, 70]])
    func arrival(_ format: Format, _ sizes: [Int]) throws {
        for stream in [Samples.small, try Fixture.octets("avr-uno-7.2")] {
            let file = try encode(ByteSource(octets: stream), format)
            #expect(try encode(.packets(stream, sizes: sizes), format) == file)
        }
    }

    @Test(
        "What is read of a file is the same however it arrives", arguments: Format.allCases,
        [[1], [3, 1, 500], [4093, 70]])
    func fileArrival(_ format: Format, _ sizes: [Int]) throws {
        let stream = Samples.small
        let file = try encode(ByteSource(octets: stream), format)
        #expect(try decode(.packets(file, sizes: sizes)) == stream)
        let four = try recode(ByteSource(octets: file), to: .version4)
        #expect(try recode(.packets(file, sizes: sizes), to: .version4) == four)
    }

    @Test(
        "An opaque device of any size is the same whichever file it comes from",
        arguments: [1 << 20, (1 << 20) + 1, (1 << 20) + 127, (1 << 20) + 128, 2 << 20, 2_600_000])
    func largeOpaque(_ size: Int) throws {
        var random = SeededGenerator(seed: 5)
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.startRAM(2, RAM.endOfSection)
        stream.goOn(3, 2, RAM.endOfSection)
        stream.full(0, "large", random.octets(size))
        stream.end()
        let four = try encode(ByteSource(octets: stream.octets), .version4)
        let three = try encode(ByteSource(octets: stream.octets), .version3)
        #expect(try recode(ByteSource(octets: four), to: .version4) == four)
        #expect(try recode(ByteSource(octets: three), to: .version3) == three)
        #expect(try recode(ByteSource(octets: three), to: .version4) == four)
        #expect(try recode(.packets(three, sizes: [60_000, 3]), to: .version4) == four)
        #expect(try decode(ByteSource(octets: three)) == stream.octets)
    }

    @Test("Where a group ends does not depend on the length of its block's name")
    func longName() throws {
        // Records of 9 octets, of which a group has 278 528 at most: 30 947 pages.
        let name = String(repeating: "n", count: 200)
        let pages = 130_000
        var records = RAM.fill(0, name)
        for page in 1..<pages { records += RAM.fill(UInt64(page) << 12) }
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.startRAM(2, RAM.blocks([(name, UInt64(pages) << 12)]) + RAM.endOfSection)
        stream.goOn(3, 2, records + RAM.endOfSection)
        stream.end()
        let four = try encode(ByteSource(octets: stream.octets), .version4)
        let first = octets("30 04 80 02") + [0x78, 0xe3]
        #expect(hex(four).contains(hex(first)))
        let three = try encode(ByteSource(octets: stream.octets), .version3)
        #expect(try recode(ByteSource(octets: three), to: .version4) == four)
        #expect(try decode(ByteSource(octets: four)) == stream.octets)
    }

    @Test("Names of sections that look like annotations come back", arguments: Format.allCases)
    func annotationNames(_ format: Format) throws {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.startRAM(2, RAM.endOfSection)
        stream.full(0, "berth:raw", [1, 2, 3])
        stream.full(1, "berth:what", [4])
        stream.end()
        let file = try encode(ByteSource(octets: stream.octets), format)
        #expect(try decode(ByteSource(octets: file)) == stream.octets)
    }

    @Test(
        "Packages, cut connections and zeros before the header come back",
        arguments: Format.allCases)
    func oddities(_ format: Format) throws {
        var inner = StreamBuilder(header: false)
        inner.command(4)
        inner.full(5, "dev", [1, 2, 3])
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.startRAM(2, RAM.blocks([("a", 0x4000)]) + RAM.endOfSection)
        stream.package(inner.octets)
        stream.append([2, 0, 0, 0, 2] + RAM.fill(0, "a") + [0, 0, 0])
        let octets = [UInt8](repeating: 0, count: 300) + stream.octets
        let file = try encode(ByteSource(octets: octets), format)
        #expect(try decode(ByteSource(octets: file)) == octets)
    }
}
