import ByteIO
import Migration
import MigrationBER
import QEMUStream
import TestSupport
import Testing

/// Iterators in BER files of both versions.
@Suite("BER files: iterators")
struct IteratorTests {
    // MARK: By hand

    /// The contents of the first section whose header ends so, as a file of version 4 has them.
    private func contents(_ sample: IteratorSample) throws -> [UInt8] {
        var writer = Version4Writer(.inMemory(), producer: "t", checkpointsAndIndex: false)
        try read(ByteSource(octets: sample.stream), into: &writer)
        var sink = writer.takeSink()
        return try sink.takeOctets()
    }

    private func sample(_ name: String, _ kind: SectionKind) throws -> IteratorSample {
        try #require(IteratorSample.all.first { $0.name.hasSuffix(name) && $0.kind == kind })
    }

    /// Each kind of record, worked out by hand from `Schemas/qemu-v4.asn`. Application tags:
    /// BK c2 4b, DB c4 42, HT c8 54, SA d3 41, VF d6 46, PB d0 42.
    static let byHand: [(String, SectionKind, String)] = [
        ("block", .start, "7f c2 4b 00"),
        (
            "block", .end,
            "7f c2 4b 11  a1 0c 02 07 7fffffffffffff 0c 01 64  82 01 64"
        ),
        (
            "dirty-bitmap", .start,
            "7f c4 42 13  a0 11 80 02 6464 81 03 626d30 02 03 010000 02 01 03"
        ),
        (
            "dirty-bitmap", .part,
            """
            7f c4 42 3b
              a1 17 80 02 6464 81 03 626d30 02 02 0800 02 02 0400 04 04 01020380
              a2 07 02 02 0c00 02 01 01
              a1 17 81 01 62 02 09 00ffffffffffffffff 02 05 00ffffffff 04 00
            """
        ),
        ("dirty-bitmap", .end, "7f c4 42 12  a3 09 80 02 6464 81 03 626d30  a3 03 81 01 62  a3 00"),
        ("spapr/htab", .start, "7f c8 54 03  81 01 18"),
        (
            "spapr/htab", .part,
            """
            7f c8 54 2e
              a2 18 02 01 10 02 01 02 04 10 00112233445566778899aabbccddeeff
              a2 08 02 01 00 02 01 01 04 00
              a2 08 02 01 01 02 01 00 04 00
            """
        ),
        ("spapr/htab", .end, "7f c8 54 02  80 00"),
        ("s390-storage_attributes", .start, "7f d3 41 00"),
        (
            "s390-storage_attributes", .part,
            "7f d3 41 0c  a0 08 02 01 12 04 03 010203  81 00"
        ),
        ("s390-storage_attributes", .end, "7f d3 41 02  82 00"),
        ("/vfio", .start, "7f d6 46 02  80 00"),
        ("/vfio", .part, "7f d6 46 06  81 02 abcd  83 00"),
        ("/vfio", .end, "7f d6 46 02  81 00"),
        ("/vfio", .full, "7f d6 46 08  82 06 000000028086"),
        ("pbs-state", .start, "7f d0 42 07  80 05 7b2261227d"),
    ]

    @Test("Records are written as the schema says, octet by octet", arguments: byHand.indices)
    func golden(_ number: Int) throws {
        let (name, kind, text) = Self.byHand[number]
        let sample = try sample(name, kind)
        // The contents, then a footer's TRUE.
        let expected = hex(octets(text) + [0x01, 0x01, 0xff])
        let file = try contents(sample)
        #expect(hex(file).contains(expected), "\(sample)")
        #expect(try decode(ByteSource(octets: file)) == sample.stream)
    }

    /// The example of `docs/format-v4.md`, 10.
    @Test("The documentation's example is what is written")
    func documented() throws {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.section(1, 3, "dirty-bitmap", octets("1c 026464 03626d30 00010000 03  01"))
        stream.goOn(2, 3, octets("42 0000000000000c00 00000400  01"))
        stream.end()
        let expected = octets(
            """
            7f d3 54 31  02 01 03  0c 0c 64697274792d6269746d6170  02 01 00  02 01 01
              7f c4 42 13  a0 11 80 02 6464 81 03 626d30 02 03 01 00 00 02 01 03
              01 01 ff
            7f d0 54 14  02 01 03
              7f c4 42 0a  a2 08 02 02 0c 00 02 02 04 00
              01 01 ff
            """)
        let file = try encode(ByteSource(octets: stream.octets), .version4)
        #expect(hex(file).contains(hex(expected)))
    }

    @Test("What is no record any more is an octet string behind the records")
    func rest() throws {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.section(1, 3, "a/vfio", octets("ffffffffef100003 aabb"))
        stream.end()
        for format in Format.allCases {
            let file = try encode(ByteSource(octets: stream.octets), format)
            #expect(try decode(ByteSource(octets: file)) == stream.octets)
            if format == .version4 {
                #expect(hex(file).contains("7fd646068000" + "0402aabb" + "0101ff"))
            }
        }
    }

    // MARK: Round trips

    @Test(
        "Sections come back from both versions, however they arrive", arguments: IteratorSample.all,
        Format.allCases)
    func roundTrip(_ sample: IteratorSample, _ format: Format) throws {
        let stream = sample.stream
        let file = try encode(ByteSource(octets: stream), format)
        #expect(try decode(ByteSource(octets: file)) == stream)
        if sample.payload.count < 1 << 16 {
            #expect(try encode(.packets(stream, sizes: [1]), format) == file)
            #expect(try decode(.packets(file, sizes: [1])) == stream)
        }
        #expect(try encode(.packets(stream, sizes: [31_337, 5]), format) == file)
        #expect(try decode(.packets(file, sizes: [31_337, 5])) == stream)
        // Both versions tell the same.
        let four = try encode(ByteSource(octets: stream), .version4)
        #expect(try recode(ByteSource(octets: file), to: .version4) == four)
        #expect(try recode(.packets(file, sizes: [60_000, 3]), to: .version4) == four)
    }

    /// A section with every kind of data above and below the limits of pieces and held records.
    static let large: [UInt8] = {
        var random = SeededGenerator(seed: 71)
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.section(1, 3, "a/vfio", octets("ffffffffef100003 ffffffffef100001"))
        var payload: [UInt8] = []
        for count in [
            0, 1, 65_530, 65_536, 1 << 20, (1 << 20) + 1, (1 << 20) + 2, 2 << 20, 5 << 20, 7,
            (1 << 20) - 1, (4 << 20) + 127, (4 << 20) + 128, 3 << 20,
        ] {
            payload += octets("ffffffffef100004") + bigEndian(UInt64(count)) + random.octets(count)
        }
        stream.goOn(2, 3, payload + octets("ffffffffef100001"))
        stream.goOn(3, 3, octets("ffffffffef100001"))
        stream.section(1, 4, "block", octets("0000000000000002"))
        var chunks: [UInt8] = []
        for number in 0..<9 {
            let word = UInt64(number) << 20 | 1
            chunks += bigEndian(word) + octets("046469736b") + IteratorSample.chunk
        }
        stream.goOn(3, 4, chunks + octets("0000000000000002"))
        stream.end()
        return stream.octets
    }()

    @Test("Large data comes back from both versions", arguments: Format.allCases)
    func large(_ format: Format) throws {
        let file = try encode(ByteSource(octets: Self.large), format)
        #expect(try decode(ByteSource(octets: file)) == Self.large)
        #expect(try encode(.packets(Self.large, sizes: [60_000]), format) == file)
        #expect(try decode(.packets(file, sizes: [59_999])) == Self.large)
        let four = try encode(ByteSource(octets: Self.large), .version4)
        #expect(try recode(.packets(file, sizes: [50_001]), to: .version4) == four)
    }

    @Test("A checkpoint stands behind the record with which 4 MiB have come")
    func checkpoints() throws {
        let file = try encode(ByteSource(octets: Self.large), .version4)
        // Between records alone: so a distance is 4 MiB and less than a record more.
        var places: [Int] = []
        var at = 0
        let mark = octets("5fc34b04")
        while at + 4 < file.count {
            if file[at] == 0x5f, file[at..<at + 4].elementsEqual(mark) {
                places.append(at)
                at += 8
            } else {
                at += 1
            }
        }
        #expect(places.count > 6)
        var before = 0
        for place in places {
            #expect(place - before < (4 << 20) + (5 << 20) + 4096)
            before = place + 8
        }
        // Damage is found at the checkpoint behind it.
        var damaged = file
        damaged[places[1] - 100] ^= 1
        do {
            _ = try decode(ByteSource(octets: damaged))
            Issue.record("no error")
        } catch let error as MigrationError {
            #expect(error.code == .checksum)
            #expect(error.offset == UInt64(places[1]))
        }
    }

    @Test("A cut section comes back from both versions, and both tell the same")
    func cut() throws {
        var inner = StreamBuilder(header: false)
        inner.command(4)
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.section(1, 3, "dirty-bitmap", octets("1c 016e 0162 00001000 01  01"))
        stream.section(1, 4, "spapr/htab", octets("00000018"))
        stream.package(inner.octets)
        let bitmaps = octets(
            "02 00000003  42 0000000000000000 00000008 "
                + "40 0000000000000008 00000008 0000000000000004 01020304 01 7e00000003")
        let table = octets(
            "02 00000004  00000000  00000010 0001 0002 00112233445566778899aabbccddeeff "
                + "0000000000000000 7e00000004")
        for part in [bitmaps, table] {
            for count in 0...part.count {
                let octets = stream.octets + part.prefix(count)
                let four = try encode(ByteSource(octets: octets), .version4)
                let three = try encode(ByteSource(octets: octets), .version3)
                #expect(try decode(ByteSource(octets: four)) == octets, "\(count)")
                #expect(try decode(ByteSource(octets: three)) == octets, "\(count)")
                #expect(try recode(ByteSource(octets: three), to: .version4) == four, "\(count)")
                #expect(try recode(ByteSource(octets: four), to: .version3) == three, "\(count)")
            }
        }
    }

    // MARK: Other writers' files, and damage

    /// A file of version 4 with one PART whose contents are these.
    private func file(_ contents: String) -> [UInt8] {
        let part = tlv("7fd054", octets("02 01 03") + octets(contents) + octets("01 01 ff"))
        return tlv(
            "7fcdc551",
            octets("02 01 04") + tlv("30", octets("02 01 03 0c 01 78")) + tlv("30", part))
    }

    @Test("Indefinite lengths and strings in other segments are read")
    func otherWriters() throws {
        let payload = octets("ffffffffef100004 0000000000000003 010203 ffffffffef100001")
        for contents in [
            "7fd64605 8103010203", "7fd64680 8103010203 0000",
            "7fd64680 a180 040101 04020203 0000 0000", "7fd6460b a109 040101 2404 04020203",
        ] {
            let stream = try decode(ByteSource(octets: file(contents)))
            #expect(hex(stream).contains(hex([2, 0, 0, 0, 3] + payload)), "\(contents)")
        }
    }

    static let damages: [(String, String, String)] = [
        ("a record of no kind", "7fc24b02 8300", "a record of block migration"),
        ("a chunk too short", "7fc24b0e a00c 020100 0c0164 0404 41424344", "1048576 octets"),
        ("a chunk without data", "7fc24b08 a006 020100 0c0164", "data"),
        ("a sector above 2^55", "7fc24b0f a10d 0208 0080000000000000 0c0164", "at most"),
        ("an empty name", "7fc24b07 a105 020100 0c00", "1 to 255 octets"),
        ("a granularity above 2^32", "7fc4420e a00c 0205 0100000000 020101 8000", "at most"),
        ("names behind numbers", "7fc4420b a309 810162 800161 020101", "the end of complete"),
        ("half an entry", "7fc85412 a210 020110 020102 0408 0011223344556677", "a multiple of 16"),
        ("a chunk like the end", "7fc8540a a208 020100 020100 0400", "told from the section's end"),
        ("a size behind a chunk", "7fc8540d a208 020101 020100 0400 810118", "no shift behind"),
        ("a chunk behind a size", "7fc8540d 810118 a208 020101 020100 0400", "behind the section"),
        ("a size of 0", "7fc85403 810100", "at least 1"),
        ("no NULL", "7fd34103 820100", "NULL"),
        ("a record behind the rest", "7fd64604 0400 8000", "behind the section's last record"),
    ]

    @Test("A file whose records can't be is refused", arguments: damages.indices)
    func damaged(_ number: Int) throws {
        let (what, contents, expected) = Self.damages[number]
        do {
            _ = try decode(ByteSource(octets: file(contents)))
            Issue.record("\(what): no error")
        } catch let error as MigrationError {
            #expect(error.code == .corrupt, "\(what)")
            #expect(error.expected.contains(expected), "\(what): \(error)")
            #expect(error.path.hasPrefix("QemuFile.top[0].part.contents"), "\(what): \(error.path)")
            #expect(error.offset ?? 0 > 20, "\(what)")
        }
    }

    @Test("Every flipped bit of a file gives an error or a stream", arguments: Format.allCases)
    func flips(_ format: Format) throws {
        for sample in IteratorSample.all where sample.payload.count < 200 {
            var file = try encode(ByteSource(octets: sample.stream), format)
            for at in 20..<file.count {
                let bit = at % 8
                file[at] ^= 1 << bit
                // Whatever comes of it: no trap.
                _ = try? decode(ByteSource(octets: file))
                file[at] ^= 1 << bit
            }
        }
    }
}
