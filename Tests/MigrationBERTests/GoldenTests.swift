import ByteIO
import Migration
import MigrationBER
import TestSupport
import Testing

/// Files worked out by hand from `Schemas/qemu-v4.asn` and `qemu-v3.asn`.
@Suite("BER files: by hand")
struct GoldenTests {
    static let stream: [UInt8] = {
        var stream = StreamBuilder()
        stream.startRAM(2, RAM.blocks([("a", 0x4000)]) + RAM.endOfSection)
        stream.goOn(
            2, 2,
            RAM.fill(0, "a") + RAM.fill(0x1000) + RAM.fill(0x3000, nil, 0x55) + RAM.endOfSection)
        stream.goOn(3, 2, RAM.endOfSection)
        stream.command(11)
        stream.end()
        stream.append([0xee])
        return stream.octets
    }()

    /// Tags: QemuFile 7f cd c5 51 ("MEQ"), START d3 54 ("ST"), PART d0 54 ("PT"), END c5 4e ("EN"),
    /// RAM cc 52 ("LR"), block list be 52, pages d0 47 ("PG"), command c3 4d ("CM"),
    /// end of stream c5 46 ("EF"), raw d2 57 ("RW").
    static let file = octets(
        """
        7f cd c5 51 80
          02 01 04
          30 06  02 01 03  0c 01 74
          30 80
            7f d3 54 22  02 01 02  0c 03 72 61 6d  02 01 00  02 01 04
              7f cc 52 0d  7f be 52 09  30 07  0c 01 61  02 02 40 00
              01 01 ff
            7f d0 54 80  02 01 02
              7f cc 52 80
                7f d0 47 1d  0c 01 61  01 01 ff  02 02 10 00  02 01 00
                  30 0e  80 01 02         ; two pages of zeros
                         81 01 01         ; one page forward
                         a2 06 02 01 55 02 01 01  ; one page of 55
              00 00
              01 01 ff
            00 00
            7f c5 4e 0a  02 01 02  7f cc 52 00  01 01 ff
            7f c3 4d 05  02 01 0b  04 00
            5f c5 46 00
            5f d2 57 01 ee
          00 00
        00 00
        """)

    private func write(_ stream: [UInt8]) throws -> [UInt8] {
        var writer = Version4Writer(.inMemory(), producer: "t", checkpointsAndIndex: false)
        try read(ByteSource(octets: stream), into: &writer)
        var sink = writer.takeSink()
        return try sink.takeOctets()
    }

    @Test("A stream is written as the schema of version 4 says, octet by octet")
    func version4Octets() throws {
        #expect(hex(try write(Self.stream)) == hex(Self.file))
        #expect(try decode(ByteSource(octets: Self.file)) == Self.stream)
    }

    @Test("A device is written as named fields of version 4")
    func device() throws {
        var stream = StreamBuilder()
        stream.startRAM(2, RAM.endOfSection)
        stream.full(0, "dev", [0xff])
        stream.end(
            #"{"devices": [{"name": "dev", "instance_id": 0, "vmsd_name": "dev", "version": 1, "#
                + #""fields": [{"name": "f", "type": "uint8", "size": 1}]}]}"#)
        let file = hex(try write(stream.octets))
        // SecFull 8f 53, DeviceState c4 56 ("DV"); uint8 is [0], and 255 takes two octets.
        let expected = octets(
            """
            7f 8f 53 20  02 01 00  0c 03 64 65 76  02 01 00  02 01 01
              7f c4 56 0b  30 09  30 07  0c 01 66  80 02 00 ff
              01 01 ff
            """)
        #expect(file.contains(hex(expected)))
        #expect(try decode(ByteSource(octets: octets(file))) == stream.octets)
    }

    @Test("Checkpoint and index stand at the end, with CRC-32C of what they cover")
    func checkpoint() throws {
        let file = try encode(ByteSource(octets: octets("5145564d 00000003 00")), .version4)
        // All but the producer is as above.
        let begin = octets("7fcdc551 80 02 01 04 30 09 02 01 03 0c 04 74657374 30 80 5fc546 00")
        #expect(file.starts(with: begin))
        var crc = CRC32C()
        crc.update(unsafe begin.span.bytes)
        // Checkpoint: 8651 = 67 * 128 + 75, "CK".
        let checkpoint = octets("5f c3 4b 04") + bigEndian(crc.value)
        #expect(file.dropFirst(begin.count).starts(with: checkpoint))
        let index = begin.count + checkpoint.count
        // Index: 9432 = 73 * 128 + 88, "IX"; one entry, for the item at `begin.count - 4`.
        var item = octets("7f c9 58 17 30 05 30 03 02 01") + [UInt8(begin.count - 4)]
        crc = CRC32C()
        crc.update(unsafe item.span.bytes)
        item += [4, 4] + bigEndian(crc.value) + [4, 8] + bigEndian(UInt64(index))
        #expect(hex(file.dropFirst(index)) == hex(item + [0, 0, 0, 0]))
    }

    @Test("A stream is written as the schema of version 3 says, with annotations")
    func version3Octets() throws {
        var writer = Version3Writer(.inMemory(), producer: "t")
        try read(ByteSource(octets: octets("5145564d 00000003 00")), into: &writer)
        var sink = writer.takeSink()
        let expected = octets(
            """
            7f cd c5 51 80  02 01 03  30 80
              7f 8f 53 21  0c 0c 62657274683a73747265616d  02 01 00 02 01 00 02 01 00
                04 08 30 06 02 01 03 0c 01 74
              7f 8f 53 16  0c 09 62657274683a656f66  02 01 00 02 01 00 02 01 00  04 00
            00 00  00 00
            """)
        #expect(hex(try sink.takeOctets()) == hex(expected))
    }

    @Test("A version 3 file from elsewhere, without annotations, becomes a stream")
    func unannotated() throws {
        let zeros = [UInt8](repeating: 0x5a, count: 4096)
        let list = tlv(
            "7fc552",
            octets("02 02 2000 02 01 04") + tlv("30", tlv("30", text("a") + octets("02 02 2000"))))
        let ram = tlv(
            "7f8f53", text("ram") + octets("02 01 02 02 01 00 02 01 04") + tlv("7fcc52", list))
        let pages =
            tlv("7fc552", octets("02 01 00 02 01 02") + text("a") + octets("02 01 00"))
            + tlv("7fc552", octets("02 02 1000 02 01 28") + tlv("04", zeros))
        let part = tlv("7f8153", octets("02 01 02") + tlv("7fcc52", pages))
        let blob = tlv("7f8f53", text("dev") + octets("02 01 07 02 01 01 02 01 03 04 02 aabb"))
        let file = tlv("7fcdc551", octets("02 01 03") + tlv("30", ram + part + blob))

        var stream = StreamBuilder(footers: false)
        stream.startRAM(2, RAM.blocks([("a", 0x2000)]) + RAM.endOfSection)
        stream.goOn(2, 2, RAM.fill(0, "a") + RAM.page(0x1000, nil, zeros) + RAM.endOfSection)
        stream.full(7, "dev", instance: 1, version: 3, [0xaa, 0xbb])
        stream.end()
        #expect(hex(try decode(ByteSource(octets: file))) == hex(stream.octets))
    }

    @Test("Values without a width can be looked at, but are no stream")
    func widthless() throws {
        let state = tlv("30", octets("02 01 05 01 01 ff 04 01 09 30 03 02 01 fe"))
        let device = tlv("7f8f53", text("dev") + octets("02 01 00 02 01 00 02 01 01") + state)
        let file = tlv("7fcdc551", octets("02 01 03") + tlv("30", device))
        let values = "{[0]: number 5, [1]: true, [2]: blob 09, [3]: array[number -2]}"
        #expect(try berEvents(file).contains(values))
        do {
            _ = try decode(ByteSource(octets: file))
            Issue.record("no error")
        } catch let error as MigrationError { #expect(error.code == .unsupported) }
    }
}
