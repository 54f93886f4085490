import ByteIO
import Foundation
import Migration
import MigrationBER
import QEMUStream
import TestSupport
import Testing

/// Channels in version 4.
@Suite("Version 4: channels")
struct ChannelFormatTests {
    /// The octets behind `top`'s head, up to the checkpoint that stands before the index.
    private func items(_ file: [UInt8], head: String) throws -> String {
        let text = hex(file)
        let start = octets(head).count
        #expect(text.hasPrefix(hex(octets(head))))
        let checkpoint = try #require(text.range(of: "5fc34b04", options: .backwards))
        return String(
            text[text.index(text.startIndex, offsetBy: 2 * start)..<checkpoint.lowerBound])
    }

    // MARK: To the octet

    /// The file up to `top`: fileversion 0, producer "test", one channel.
    private static let head = """
        7fcdc551 80 020104 300c 020100 0c0474657374 810101 3080
        """

    @Test("A return path, to the octet")
    func returnPath() throws {
        let octets =
            Return.message(2, bigEndian(1 as UInt32))
            + Return.message(
                3,
                bigEndian(0x2000 as UInt64) + bigEndian(4096 as UInt32)
                    + StreamBuilder.counted("a"))
            + Return.bitmap("a", [0xff, 0, 0, 0, 0, 0, 0, 0x80]) + Return.message(7, [])
            + Return.message(1, bigEndian(0 as UInt32)) + bigEndian(6 as UInt32) + [0, 2]
        let recordings = Recordings(channels: [octets])
        let file = try recordings.encoded([.returnPath])
        // [APPLICATION 10576] is 7f d2 50.
        let expected = TestSupport.octets(
            """
            7fd250 80
              810101                          pong 1
            """.replacingOccurrences(of: "pong 1", with: "")
                + """
                  a20b 02022000 02021000 0c0161  ; request
                  a313 0c0161 020108 0408ff00000000000080 0101ff  ; bitmap
                  8500  ; switchoverack
                  800100  ; shut
                  860106  ; colo
                  5fc354020002  ; cut
                0000
                """)
        #expect(try items(file, head: Self.head) == hex(expected))
        #expect(try Recordings(decoding: file, channels: 1, hasMain: false) == recordings)
    }

    @Test("A preempt channel, to the octet")
    func preempt() throws {
        let octets = RAM.fill(0x1000, "a") + RAM.fill(0x2000) + RAM.endOfSection
        let recordings = Recordings(channels: [octets])
        let file = try recordings.encoded([.preempt])
        let expected = TestSupport.octets(
            """
            7fd045 80 3080
              7fd047 13 0c0161 0101ff 02021000 02021000 3003 800102
            0000 0101ff 0000
            """)
        #expect(try items(file, head: Self.head) == hex(expected))
        #expect(try Recordings(decoding: file, channels: 1, hasMain: false) == recordings)
    }

    @Test("A multifd channel, to the octet")
    func multifd() throws {
        let content = Samples.page(1, size: 256)
        var octets = Multifd.opening(id: 2, uuid: [UInt8](repeating: 0xab, count: 16))
        octets += Multifd.mark(number: 1, room: 2048)
        octets +=
            Multifd.header(
                flags: 0, number: 2, room: 2048, normal: [0x200], zero: [0, 0x100], size: 256,
                block: "a") + content
        octets +=
            Multifd.header(
                flags: 4, number: 3, room: 2048, normal: [0, 0x100], size: 3, block: "a")
            + [7, 8, 9]
        octets += Multifd.header(flags: 1, number: 4, room: 2048, size: 3, stale: [1])
        octets += Multifd.device("d", instance: 5, [0xcc])
        let recordings = Recordings(channels: [octets])
        let file = try recordings.encoded([.multifd])
        // Room 2048 is 02 02 08 00. The stale header has 320 + 8 octets up to its last: 0x148.
        let stale = Multifd.header(flags: 1, number: 4, room: 2048, size: 3, stale: [1]).prefix(328)
        let expected =
            TestSupport.octets(
                """
                7fcd46 80 020101 0410 abababababababababababababababab 020102 3080
                  7fd04b 10 020101 020101 02020800 020100 800100
                  7fd04b 820130 020100 020102 02020800 02020100
                    7fd047 82011c 0c0161 010100 02020100 02020200 3082010a
                      04820100
                """) + content
            + TestSupport.octets(
                """
                      8101fd 800102
                  7fd04b 28 020104 020103 02020800 020103
                    7fd047 12 0c0161 010100 02020100 020100 3003 830102
                    8203070809
                  7fd04b 820159 020101 020104 02020800 020103 81820148
                """) + stale
            + TestSupport.octets(
                """
                  7fc450 0f 020140 0c0164 020105 020101 8201cc
                0000 0000
                """)
        #expect(try items(file, head: Self.head) == hex(expected))
        #expect(try Recordings(decoding: file, channels: 1, hasMain: false) == recordings)
    }

    @Test("A CPR state, to the octet")
    func cprState() throws {
        let list = "01 00000002 6100 ffffffff 00000011 00"
        let octets = TestSupport.octets("51435052 00000001" + list + "aa")
        // What follows the list does not begin as a subsection: so it is no list.
        let kept = Recordings(channels: [octets])
        #expect(
            try items(try kept.encoded([.cprState]), head: Self.head)
                == hex(TestSupport.octets("7fc350 16 020101 8011" + list + "aa")))
        let recordings = Recordings(channels: [octets.dropLast() + [5]])
        let file = try recordings.encoded([.cprState])
        #expect(
            try items(file, head: Self.head)
                == hex(
                    TestSupport.octets(
                        "7fc350 13 020101 300b 3009 0c0161 0201ff 800111 800105")))
        #expect(try Recordings(decoding: file, channels: 1, hasMain: false) == recordings)
    }

    // MARK: Round trips

    @Test(
        "Each recording comes back alone, from a file and from a pipe",
        arguments: ChannelFixture.allCases)
    func alone(fixture: ChannelFixture) throws {
        let recordings = Recordings(channels: [try fixture.octets()])
        let file = try recordings.encoded([fixture.kind])
        #expect(try Recordings(decoding: file, channels: 1, hasMain: false) == recordings)
        let piped = try recordings.encoded([fixture.kind]) { .packets($0, sizes: [1, 333, 8000]) }
        #expect(piped == file)
        #expect(try recode(ByteSource(octets: file), to: .version4) == file)
        #expect(throws: MigrationError.self) { try recode(ByteSource(octets: file), to: .version3) }
    }

    @Test("Whole migrations come back, main channel and all", arguments: ChannelFixture.migrations)
    func together(names: [String]) throws {
        let octets = try names.map { try ChannelFixture.octets($0) }
        let recordings = Recordings(main: octets[0], channels: Array(octets[1...]))
        let kinds = [ChannelKind](repeating: .multifd, count: names.count - 1)
        let file = try recordings.encoded(kinds)
        #expect(try Recordings(decoding: file, channels: kinds.count, hasMain: true) == recordings)
        #expect(try recode(ByteSource(octets: file), to: .version4) == file)
    }

    @Test("All kinds at once come back in their order")
    func allKinds() throws {
        let fixtures = ChannelFixture.allCases
        let recordings = Recordings(
            main: Samples.small, channels: try fixtures.map { try $0.octets() })
        // Their blocks are not the main channel's.
        #expect(throws: MigrationError.self) { try recordings.encoded(fixtures.map(\.kind)) }
        let alone = Recordings(channels: recordings.channels)
        let file = try alone.encoded(fixtures.map(\.kind))
        #expect(
            try Recordings(decoding: file, channels: fixtures.count, hasMain: false) == alone)
    }

    // MARK: Decoding

    @Test("Outputs and channels must be as many; nothing is written if not")
    func count() throws {
        let octets = try ChannelFixture.returnRecovery.octets()
        let file = try Recordings(channels: [octets, octets]).encoded([.returnPath, .returnPath])
        for (targets, found) in [(0, "0"), (2, "2"), (3, "3")] {
            var writer = StreamWriter(
                .inMemory(), channels: [ChannelTarget](repeating: .memory, count: targets))
            let error = #expect(throws: MigrationError.self) {
                try MigrationFileReader(ByteSource(octets: file)).read(into: &writer)
            }
            #expect(error?.expected == "1 outputs for channels" && error?.found == found)
            #expect(writer.channelOctets.isEmpty)
            var sink = writer.takeSink()
            #expect(try sink.takeOctets().isEmpty)
        }
    }

    /// A file with one channel, of these items.
    private func file(_ items: String) -> [UInt8] {
        octets(Self.head) + octets(items) + octets("0000 0000")
    }

    private func decodeChannel(_ items: String) throws -> [UInt8] {
        try Recordings(decoding: file(items), channels: 1, hasMain: false).channels[0]
    }

    @Test("Packets of other writers are read: lengths indefinite, strings in segments")
    func otherForms() throws {
        // Two pages of 256 octets in one string of two segments, 16 octets of data in two.
        let page = String(repeating: "41", count: 256)
        let packet = try decodeChannel(
            """
            7fcd4680 020101 0410 00000000000000000000000000000000 020100 3080
              7fd04b80 020100 020101 020108 02020200
                7fd04780 0c0161 010100 02020100 020100
                  3080 2480 04820100 \(page) 04820100 \(page) 0000 800101 0000
                0000
              0000
              7fd04b80 020102 020102 020108 020104
                7fd04780 0c0161 010100 02020100 020100 3080 830101 0000 0000
                a280 04020102 04020304 0000
              0000
            0000 0000
            """)
        let expected =
            Multifd.opening(id: 0)
            + Multifd.header(
                flags: 0, number: 1, room: 8, normal: [0, 0x100], zero: [0x200], size: 512,
                block: "a") + octets(page + page)
            + Multifd.header(flags: 2, number: 2, room: 8, normal: [0], size: 4, block: "a")
            + [1, 2, 3, 4]
        #expect(packet == expected)
    }

    /// What no channel can be, with what is said of it.
    private static let faults: [(items: String, expected: String)] = [
        (
            "7fcd4680 020101 040f 000000000000000000000000000000 020100 3080 0000 0000",
            "16 octets"
        ),
        (
            packet(
                "020102 020101 020108 020104 7fd047 12 0c0161 010100 02020100 020100 3003 830101"),
            "the data of packed pages"
        ),
        (
            packet("020102 020101 020108 020101 820101"),
            "the end of a packet without packed pages"
        ),
        (
            packet(
                "020102 020101 020108 020102 7fd047 12 0c0161 010100 02020100 020100 3003 830101 8201aa"
            ), "2 octets"
        ),
        (
            packet(
                "020100 020101 020108 020102 7fd047 820118 0c0161 010100 02020100 020100 30820107 "
                    + "04820100" + String(repeating: "00", count: 256) + "800101"),
            "2 octets of pages"
        ),
        (
            packet(
                "020100 020101 020101 020100 7fd047 12 0c0161 010100 02020100 020100 3003 800102"),
            "at most 1 pages, those with content before those of zeros"
        ),
        (packet("020100 020101 0203010001 020100"), "at most 65536"),
        (
            packet(
                "020102 020101 020108 020101 7fd047 15 0c0161 010100 02020100 020100 3006 800101 830101 8201aa"
            ), "at most 8 pages, those with content before those of zeros"
        ),
        (
            packet(
                "020100 020101 020108 020101 7fd047 14 0c0161 010100 02020100 020100 3005 5fd84201aa"
            ),
            "at most 8 pages, those with content before those of zeros"
        ),
        (
            packet("020100 020101 020100 020100 81820141" + String(repeating: "11", count: 321)),
            "BER as X.690 defines it"
        ),
        ("7fc34e80 7fd25080 0000 0000", "an Item that is no channel"),
        ("7fd04580 3080 7fc84f00 0000 010100 0000", "a group of pages"),
        ("7fd25080 880100 0000", "a ReturnMessage"), ("7fd25080 860107 0000", "at most 6"),
        ("7fd25080 a30d 0c0161 020108 0402ffff 0101ff 0000", "6 octets more"),
        (
            "7fd04580 3080 7fd047 12 0c0161 0101ff 02020100 020100 3003 830101 0000 010100 0000",
            "a RAMPage"
        ),
    ]

    @Test("What no channel can be is corrupt", arguments: faults.indices)
    func corrupt(index: Int) throws {
        let (items, expected) = Self.faults[index]
        let error = #expect(throws: MigrationError.self) { try decodeChannel(items) }
        #expect(error?.code == .corrupt)
        #expect(error?.expected == expected)
    }

    private static func packet(_ content: String) -> String {
        let size = octets(content).count
        let length = size < 128 ? hex([UInt8(size)]) : "82" + hex(bigEndian(UInt16(size)))
        return "7fcd4680 020101 0410 \(String(repeating: "00", count: 16)) 020100 3080 7fd04b "
            + length + content + " 0000 0000"
    }

    @Test("A damaged file never crashes, and what is taken is the same again", arguments: 1...60)
    func damaged(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fixtures = ChannelFixture.allCases
        let fixture = fixtures[Int(seed) % fixtures.count]
        var file = try Recordings(channels: [try fixture.octets()]).encoded([fixture.kind])
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            file[Int.random(in: 0..<file.count, using: &generator)] = UInt8.random(
                in: 0 ... .max, using: &generator)
        }
        // Checkpoints see every change: some error it is.
        #expect(throws: MigrationError.self, "seed \(seed)") {
            try Recordings(decoding: file, channels: 1, hasMain: false)
        }
    }

    @Test("The index leads to the pages of packets")
    func index() throws {
        let octets = try ChannelFixture.multifdZstd.octets()
        let file = try Recordings(channels: [octets]).encoded([.multifd])
        let text = hex(file)
        // The index item, [APPLICATION 9432], has an entry with "pc.ram" and its pages' bounds.
        let index = try #require(text.range(of: "7fc958", options: .backwards))
        #expect(text[index.lowerBound...].contains("0c06" + hex(Array("pc.ram".utf8))))
    }
}
