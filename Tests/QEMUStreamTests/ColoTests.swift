import ByteIO
import Migration
import TestSupport
import Testing

/// COLO's rounds behind the vmdesc: their sections are read, their words kept.
@Suite("Binary stream: COLO")
struct ColoTests {
    static let description =
        #"{"page_size": 4096, "devices": [{"name": "timer", "instance_id": 0, "#
        + #""vmsd_name": "timer", "version": 2, "fields": ["#
        + #"{"name": "ticks", "type": "int64", "size": 8}]}]}"#

    private static func devices(_ ticks: Int64) -> [UInt8] {
        var items = StreamBuilder(header: false)
        items.full(0, "timer", version: 2, bigEndian(ticks))
        return items.octets + [0]
    }

    private static func round(_ devices: [UInt8], page: UInt8) -> [UInt8] {
        var items = StreamBuilder(header: false)
        // The block is the one of the page before, in the migration or in the last round.
        items.goOn(3, 2, RAM.page(0x1000, nil, Samples.page(page)) + RAM.endOfSection)
        return octets("00000001 00000003") + items.octets + [0] + octets("00000004")
            + bigEndian(UInt64(devices.count)) + devices
    }

    static let migration: [UInt8] = {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.startRAM(2, RAM.blocks([("a", 0x4000)]) + RAM.endOfSection)
        stream.goOn(3, 2, RAM.fill(0, "a") + RAM.endOfSection)
        stream.full(0, "timer", version: 2, bigEndian(1 as Int64))
        stream.end(description)
        return stream.octets
    }()

    static let stream = migration + round(devices(-2), page: 5) + round(devices(3), page: 6)

    @Test("Each round's pages and devices are told, between raw words")
    func rounds() throws {
        let lines = try events(Self.stream)
        let begin = try #require(lines.firstIndex { $0.hasPrefix("description") })
        let kinds = lines[(begin + 1)...].map { String($0.prefix { $0 != "@" }) }
        let sum = Samples.page(5).reduce(0) { $0 + Int($1) }
        #expect(
            Array(kinds.prefix(12)) == [
                "raw 0000000100000003", "end 2 ram 0 v4: ram ", "pages of 4096 in (a)",
                "  full 4096 x1 \(sum)/fa", "footer", "end of stream",
                "raw 000000040000000000000021", "full 0 timer 0 v2: device ",
                "{ticks: int64 -2}", "footer", "end of stream", "raw 0000000100000003",
            ])
        #expect(lines.contains("{ticks: int64 3}"))
        #expect(lines.last == "end")
    }

    @Test("Rounds come back, from the stream and from both versions", arguments: Format.allCases)
    func roundTrip(_ format: Format) throws {
        #expect(try rewrite(ByteSource(octets: Self.stream)) == Self.stream)
        let file = try encode(ByteSource(octets: Self.stream), format)
        #expect(try decode(ByteSource(octets: file)) == Self.stream)
        #expect(try encode(.packets(Self.stream, sizes: [1]), format) == file)
    }

    @Test("Devices that the vmdesc does not list as they come are raw as a whole")
    func otherDevices() throws {
        var items = StreamBuilder(header: false)
        items.full(0, "other", version: 2, bigEndian(1 as Int64))
        let stream = Self.migration + Self.round(items.octets + [0], page: 1)
        let lines = try events(stream)
        #expect(lines.contains("raw " + hex(items.octets + [0])))
        #expect(try rewrite(ByteSource(octets: stream)) == stream)
    }

    @Test("Rounds may break off anywhere: the octets come back")
    func broken() throws {
        for count in stride(from: Self.migration.count, to: Self.stream.count, by: 13) {
            let octets = Array(Self.stream.prefix(count))
            #expect(try rewrite(ByteSource(octets: octets)) == octets, "\(count)")
            for format in Format.allCases {
                let file = try encode(ByteSource(octets: octets), format)
                #expect(try decode(ByteSource(octets: file)) == octets, "\(count)")
            }
        }
    }

    @Test("What begins like a round, but has no section behind it, is raw")
    func noRound() throws {
        let stream = Self.migration + octets("00000001 00000003 09")
        let lines = try events(stream)
        #expect(lines.contains("raw 000000010000000309"))
    }
}
