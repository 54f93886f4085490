import ByteIO
import Migration
import MigrationBER
import TestSupport
import Testing

/// A command on the wire and in version 4.
struct CommandSample: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var code: UInt16
    var payload: [UInt8]
    /// The element `Command`.
    var element: [UInt8]

    init(_ name: String, _ code: UInt16, _ payload: String, _ element: String) {
        testDescription = name
        self.code = code
        self.payload = octets(payload)
        self.element = octets(element)
    }
}

/// Payloads of commands: the reference's section 2.1 on one side, `Command` of version 4 worked out
/// by hand on the other.
@Suite("BER files: commands")
struct CommandTests {
    static let samples: [CommandSample] = [
        CommandSample("PING", 2, "00000042", "7fc34d 06 020102 810142"),
        CommandSample("PING of another length", 2, "000042", "7fc34d 08 020102 0403000042"),
        CommandSample(
            "POSTCOPY_ADVISE", 3, "0000000000201000 0000000000001000",
            "7fc34d 0e 020103 a209 0203201000 02021000"),
        CommandSample(
            "POSTCOPY_ADVISE, all bits", 3, "ffffffffffffffff 0000000000000000",
            "7fc34d 13 020103 a20e 020900ffffffffffffffff 020100"),
        CommandSample("POSTCOPY_ADVISE of bitmaps alone", 3, "", "7fc34d 05 020103 0400"),
        CommandSample(
            "POSTCOPY_RAM_DISCARD", 6,
            "00 01 6d 00 0000000000001000 0000000000002000 0000000000000000 0000000000000080",
            "7fc34d 1d 020106 a318 0c016d 3013 3008 02021000 02022000 3007 020100 02020080"),
        CommandSample(
            "POSTCOPY_RAM_DISCARD, version 1", 6,
            "01 01 6d 00 0000000000001000 0000000000002000",
            "7fc34d 19 020106 0414 01016d00 0000000000001000 0000000000002000"),
        CommandSample(
            "POSTCOPY_RAM_DISCARD, a name without its zero", 6,
            "00 01 6d 01 0000000000001000 0000000000002000",
            "7fc34d 19 020106 0414 00016d01 0000000000001000 0000000000002000"),
        CommandSample(
            "POSTCOPY_RAM_DISCARD of nothing", 6, "00016d00", "7fc34d 09 020106 0404 00016d00"),
        CommandSample(
            "POSTCOPY_RAM_DISCARD, a range that is cut", 6, "00 01 6d 00 0000000000001000",
            "7fc34d 11 020106 040c 00016d00 0000000000001000"),
        CommandSample("RECV_BITMAP", 10, "0670632e72616d", "7fc34d 0b 02010a 0c0670632e72616d"),
        CommandSample(
            "RECV_BITMAP of no name", 10, "00", "7fc34d 06 02010a 040100"),
        CommandSample(
            "RECV_BITMAP of a name that is not UTF-8", 10, "01ff", "7fc34d 07 02010a 040201ff"),
        CommandSample(
            "a name under 9, as QEMU 3.0 had it", 9, "0670632e72616d",
            "7fc34d 0c 020109 04070670632e72616d"),
    ]

    private static func stream(_ sample: CommandSample) -> [UInt8] {
        var stream = StreamBuilder()
        stream.command(sample.code, sample.payload)
        stream.end()
        return stream.octets
    }

    @Test(
        "A payload is what its octets prove it to be, and comes back",
        arguments: CommandTests.samples)
    func coding(sample: CommandSample) throws {
        let stream = Self.stream(sample)
        var writer = Version4Writer(.inMemory(), producer: "t", checkpointsAndIndex: false)
        try read(ByteSource(octets: stream), into: &writer)
        var sink = writer.takeSink()
        let file = try sink.takeOctets()
        #expect(hex(file) == hex(version4(sample.element + octets("5fc54600"))))
        #expect(try decode(ByteSource(octets: file)) == stream)
        // Version 3 has the same element in an annotation.
        let three = try encode(ByteSource(octets: stream), .version3)
        #expect(hex(three).contains(hex(sample.element)))
        #expect(try decode(ByteSource(octets: three)) == stream)
        let four = try encode(ByteSource(octets: stream), .version4)
        #expect(try recode(ByteSource(octets: three), to: .version4) == four)
        #expect(try recode(.packets(three, sizes: [1]), to: .version4) == four)
    }

    @Test("Octets are accepted for any command: files of before have them")
    func plain() throws {
        for sample in Self.samples {
            let element = tlv(
                "7fc34d", octets("0201") + [UInt8(sample.code)] + tlv("04", sample.payload))
            let file = version4(element + octets("5fc54600"))
            #expect(try decode(ByteSource(octets: file)) == Self.stream(sample))
        }
    }

    static let faults: [(String, String)] = [
        ("a discard's payload of command 3", "020103 a30e 0c016d 3009 3007 020100 02020080"),
        ("a PING's payload of command 10", "02010a 810142"),
        ("a name of command 6", "020106 0c016d"),
        ("no range", "020106 a305 0c016d 3000"),
        ("a range without a length", "020106 a30a 0c016d 3005 3003 020100"),
        ("a range with more", "020106 a311 0c016d 300c 300a 020100 02020080 020100"),
        ("a name of no octets", "020106 a30d 0c00 3009 3007 020100 02020080"),
        ("a page size above 64 bits", "020103 a20f 020a01ffffffffffffffffff 020100"),
        ("a negative page size", "020103 a206 0201ff 020100"),
        ("a PING above 32 bits", "020102 81050100000000"),
        ("a kind that is not known", "020102 840142"),
        ("a package in place of a PING", "020102 a007 020100 3000"),
    ]

    @Test(
        "What can't be a command's payload is refused with its place",
        arguments: CommandTests.faults.indices)
    func refused(index: Int) throws {
        let (what, content) = Self.faults[index]
        let file = version4(tlv("7fc34d", content) + octets("5fc54600"))
        do {
            _ = try decode(ByteSource(octets: file))
            Issue.record("\(what): not refused")
        } catch let error as MigrationError {
            #expect(error.code == .corrupt, "\(what): \(error)")
            let start = file.count - content.count
            #expect(error.offset != nil && start > 0, "\(what): \(error)")
            #expect(error.path.contains("command"), "\(what): \(error)")
        }
    }

    @Test("Ranges that no command has room for are refused")
    func tooMany() throws {
        let range = octets("3007 020100 02020080")
        let ranges = Array(repeatElement(range, count: 4097).joined())
        let content = octets("020106") + tlv("a3", octets("0c016d") + tlv("30", ranges))
        let file = version4(tlv("7fc34d", content) + octets("5fc54600"))
        #expect(throws: MigrationError.self) { try decode(ByteSource(octets: file)) }
    }
}
