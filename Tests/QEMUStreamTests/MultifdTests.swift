import ByteIO
import Migration
import QEMUStream
import TestSupport
import Testing

/// multifd channels (reference, section 5): what a channel's octets are told as.
@Suite("Channels: multifd")
struct MultifdTests {
    private static let first = "channel multifd 3 v1 \(String(repeating: "0", count: 32)) @0"

    /// The lines of packets behind the opening.
    private func lines(
        _ packets: [UInt8], pageSize: UInt64? = nil, context: StreamContext = StreamContext()
    ) throws -> [String] {
        let octets = Multifd.opening(id: 3) + packets
        let lines = try channelEvents(
            ByteSource(octets: octets), .multifd, pageSize: pageSize, context: context)
        #expect(lines.first == Self.first)
        #expect(lines.last == "end of channel")
        return Array(lines.dropFirst().dropLast())
    }

    @Test("The opening tells version, UUID, number, and what stands in reserved octets")
    func opening() throws {
        let uuid = octets("6f1f9a1e0c0f4f5e9f4b1b2c3d4e5f60")
        var reserved = [UInt8](repeating: 0, count: 39)
        reserved[38] = 7
        let lines = try channelEvents(
            ByteSource(octets: Multifd.opening(id: 255, uuid: uuid, reserved: reserved)), .multifd)
        #expect(
            lines == [
                "channel multifd 255 v1 6f1f9a1e0c0f4f5e9f4b1b2c3d4e5f60 reserved "
                    + String(repeating: "00", count: 38) + "07 @0", "end of channel",
            ])
    }

    @Test("Uncompressed pages are a group: those with content, then those of zeros (5.3)")
    func pages() throws {
        // Room for 128 pages: 512 KiB of 4096 octets each.
        let packet =
            Multifd.header(
                flags: 0, number: 9, room: 128, normal: [0x3000, 0x4000, 0x1000],
                zero: [0, 0x2000],
                size: 3 * 4096, block: "pc.ram")
            + Samples.page(1) + Samples.page(2) + Samples.page(3)
        // 4095 octets of n and one of n ^ ff.
        #expect(
            try lines(packet) == [
                "packet 9: flags 0, room 128, size 12288", "pages of 4096 in (pc.ram)",
                "  full 12288 x2 \(4095 + 0xfe)/fe \(2 * 4095 + 0xfd)/fd",
                "  full 4096 x1 \(3 * 4095 + 0xfc)/fc", "  fill 0 x1 00", "  fill 8192 x1 00",
                "end of packet",
            ])
    }

    @Test("A first mark's room reaches to the next packet, wherever a read ends")
    func roomOfFirstMark() throws {
        // 2048 places of 8 octets: more than is looked at in one go.
        let octets =
            Multifd.opening(id: 0) + Multifd.mark(number: 0, room: 2048)
            + Multifd.mark(number: 1, room: 2048)
        let whole = try channelEvents(ByteSource(octets: octets), .multifd)
        #expect(whole.filter { $0.contains("flags 1, room 2048") }.count == 2)
        for size in [61, 4099, 9000] {
            #expect(try channelEvents(.packets(octets, sizes: [size]), .multifd) == whole)
        }
    }

    @Test("The page size is what the room says: 512 KiB of pages", arguments: [256, 4096, 65536])
    func pageSizes(size: Int) throws {
        let packet = Multifd.header(
            flags: 0, number: 0, room: (512 << 10) / size, zero: [0, UInt64(size)], block: "a")
        #expect(
            try lines(packet).dropFirst().dropLast() == [
                "pages of \(size) in (a)", "  fill 0 x2 00",
            ])
    }

    @Test(
        "Compressed pages are packed; the payload is data",
        arguments: [0x02, 0x04, 0x08, 0x10, 0x20] as [UInt32])
    func packed(method: UInt32) throws {
        let packet =
            Multifd.header(
                flags: method | 1, number: 1, room: 128, normal: [0x1000, 0x2000], zero: [0],
                size: 5, block: "pc.ram") + [1, 2, 3, 4, 5]
        #expect(
            try lines(packet) == [
                "packet 1: flags \(method | 1), room 128, size 5, data",
                "pages of 4096 in (pc.ram)", "  packed 4096 x2", "  fill 0 x1 00",
                "opaque 0102030405", "end of packet",
            ])
    }

    @Test("Without a page with content there is no payload, whatever the header says (5.3)")
    func staleSize() throws {
        // As QEMU 7.2 has it: name, size and offsets of the packet before.
        let stale = Multifd.header(
            flags: 1, number: 7, room: 128, size: 8192, block: "pc.bios", stale: [0x1000, 0x2000])
        let lines = try lines(stale + stale)
        // The last octet that is not zero is the second of the second offset's eight's seventh.
        #expect(
            lines == [
                "packet 7: flags 1, room 128, size 8192, header of \(320 + 8 + 7)", "end of packet",
                "packet 7: flags 1, room 128, size 8192, header of \(320 + 8 + 7)", "end of packet",
            ])
    }

    @Test("A header that says more than its fields is kept up to its last octet that is not zero")
    func staleOffsets() throws {
        var packet = Multifd.header(
            flags: 0, number: 2, room: 128, zero: [0x1000], block: "pc.ram", stale: [0x7f_f000])
        #expect(
            try lines(packet).first
                == "packet 2: flags 0, room 128, size 0, header of \(320 + 8 + 7)")
        // A reserved octet.
        packet = Multifd.header(flags: 0, number: 2, room: 128, zero: [0x1000], block: "pc.ram")
        packet[63] = 1
        #expect(
            try lines(packet).first == "packet 2: flags 0, room 128, size 0, header of \(320 + 7)")
    }

    @Test(
        "A mark that does not say its room is as long as the zeros are",
        arguments: [8, 32, 128, 2048], [1, 2])
    func room(room: Int, marks: Int) throws {
        var channel: [UInt8] = []
        var expected: [String] = []
        for number in 0..<marks {
            channel += Multifd.mark(number: UInt64(number), room: room)
            expected += [
                "packet \(number): flags 1, room \(room), size 0, alloc 0", "end of packet",
            ]
        }
        #expect(try lines(channel) == expected)
        let page = Multifd.header(flags: 0, number: 5, room: room, zero: [0], block: "a")
        #expect(try lines(channel + page).contains("packet 5: flags 0, room \(room), size 0"))
    }

    @Test("Packets of device state tell name, instance and data (5.7)")
    func device() throws {
        let packet = Multifd.device(
            "0000:00:02.0/vfio", instance: 1, octets("00000000 00000007 aa"))
        #expect(
            try lines(packet + packet) == [
                "device packet: flags 64, 0000:00:02.0/vfio 1, size 9", "opaque 0000000000000007aa",
                "end of packet", "device packet: flags 64, 0000:00:02.0/vfio 1, size 9",
                "opaque 0000000000000007aa", "end of packet",
            ])
        #expect(
            try lines(Multifd.device("x", instance: 0, [])) == [
                "device packet: flags 64, x 0, size 0", "end of packet",
            ])
    }

    @Test("Large data comes in pieces, from a pipe too, and all of it")
    func largeData() throws {
        var generator = SeededGenerator(seed: 5)
        let data = generator.octets(3_000_000)
        let octets = Multifd.opening(id: 0) + Multifd.device("d", instance: 0, data)
        for source in 0...1 {
            let input =
                source == 0
                ? ByteSource(octets: octets) : ByteSource.packets(octets, sizes: [1, 4096, 60000])
            let lines = try channelEvents(input, .multifd)
            let pieces = lines.compactMap { line -> Int? in
                line.hasPrefix("opaque ") ? Int(line.split(separator: " ")[1]) : nil
            }
            #expect(pieces.reduce(0, +) == data.count)
        }
    }

    @Test("A channel is told the same however its octets arrive", arguments: [1, 7, 4096])
    func packets(size: Int) throws {
        let name = "x86-q35-multifd-zstd-11.1.ch1"
        let octets = try ChannelFixture.octets(name)
        let whole = try channelEvents(ByteSource(octets: octets), .multifd)
        let pieces = try channelEvents(
            size == 1
                ? ByteSource.packets(Array(octets), sizes: [997]) : .packets(octets, sizes: [size]),
            .multifd)
        // How data is cut into pieces is the source's; the rest is not.
        func rest(_ lines: [String]) -> [String] { lines.filter { !$0.hasPrefix("opaque") } }
        #expect(rest(whole) == rest(pieces))
        #expect(whole.count > 40)
    }

    // MARK: With a main channel

    private static let context: StreamContext = {
        var context = StreamContext()
        context.blocks = [RAMBlock(name: "a", length: 0x4000)]
        context.pageSize = 4096
        return context
    }()

    @Test("With a main channel its blocks and page size hold")
    func withMain() throws {
        let last = Multifd.header(flags: 0, number: 0, room: 128, zero: [0x3000], block: "a")
        #expect(try lines(last, context: Self.context).contains("  fill 12288 x1 00"))
        let beyond = Multifd.header(flags: 0, number: 0, room: 128, zero: [0x4000], block: "a")
        // Alone nobody knows how long the block is.
        #expect(try lines(beyond).contains("  fill 16384 x1 00"))
        try refused(
            beyond, .corrupt, at: 64 + 320, "packet 0/a", "0x4000", context: Self.context)
        try refused(
            Multifd.header(flags: 0, number: 0, room: 128, zero: [0], block: "b"), .corrupt,
            at: 64 + 64, "packet 0", "\"b\"", context: Self.context)
        try refused(
            Multifd.header(flags: 0, number: 0, room: 64, normal: [0], size: 8192, block: "a")
                + [UInt8](repeating: 1, count: 8192), .corrupt, at: 64 + 20, "packet 0",
            "8192 octets", context: Self.context)
    }

    // MARK: Damage

    private func refused(
        _ packets: [UInt8], _ code: MigrationError.Code, at offset: UInt64, _ path: String,
        _ found: String, context: StreamContext = StreamContext(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let octets = Multifd.opening(id: 3) + packets
        let error = #expect(throws: MigrationError.self, sourceLocation: sourceLocation) {
            try channelEvents(ByteSource(octets: octets), .multifd, context: context)
        }
        #expect(error?.code == code, sourceLocation: sourceLocation)
        #expect(error?.offset == offset, sourceLocation: sourceLocation)
        #expect(error?.path == path, sourceLocation: sourceLocation)
        #expect(error?.found == found, sourceLocation: sourceLocation)
    }

    @Test("A packet that is cut off is truncated, wherever, with the end's offset")
    func truncated() throws {
        let packet =
            Multifd.header(
                flags: 0, number: 1, room: 128, normal: [0], size: 4096, block: "pc.ram")
            + Samples.page(1)
        let data =
            Multifd.header(
                flags: 2, number: 1, room: 128, normal: [0], size: 10, block: "a") + [1, 2, 3]
        for count in [1, 11, 12, 319, 320, 1343, 1344, 1345, packet.count - 1] {
            try refused(
                Array(packet.prefix(count)), .truncated, at: UInt64(64 + count),
                count < 320 ? "multifd" : "packet 1", "the end of the input")
        }
        try refused(
            data, .truncated, at: UInt64(64 + data.count), "packet 1", "the end of the input")
        let device = Multifd.device("dev", instance: 0, [1, 2, 3])
        for count in [100, 275, 276, 278] {
            try refused(
                Array(device.prefix(count)), .truncated, at: UInt64(64 + count),
                count < 276 ? "multifd" : "dev", "the end of the input")
        }
        for count in 0..<64 {
            let error = #expect(throws: MigrationError.self) {
                try channelEvents(
                    ByteSource(octets: Array(Multifd.opening(id: 0).prefix(count))), .multifd)
            }
            #expect(error?.code == .truncated && error?.offset == UInt64(count))
        }
    }

    @Test("Fields that no packet has are corrupt, each at its offset")
    func corrupt() throws {
        let good = Multifd.header(
            flags: 0, number: 4, room: 128, normal: [0], size: 4096, block: "pc.ram")
        func with(_ at: Int, _ octets: [UInt8]) -> [UInt8] {
            var packet = good + Samples.page(1)
            packet.replaceSubrange(at..<at + octets.count, with: octets)
            return packet
        }
        try refused(with(0, [0x12]), .corrupt, at: 64, "multifd", "0x12223344")
        try refused(with(4, bigEndian(2 as UInt32)), .unsupported, at: 68, "multifd", "2")
        // pages_alloc: 65537, of which the header would have 524616 octets.
        try refused(
            with(12, bigEndian(65537 as UInt32)), .corrupt, at: 64 + 12, "packet 4", "65537")
        try refused(
            with(16, bigEndian(129 as UInt32)), .corrupt, at: 64 + 16, "packet 4",
            "129 and 0 of zeros")
        try refused(
            with(32, bigEndian(128 as UInt32)), .corrupt, at: 64 + 16, "packet 4",
            "1 and 128 of zeros")
        // No page has 4095 octets.
        try refused(
            with(20, bigEndian(4095 as UInt32)), .corrupt, at: 64 + 20, "packet 4", "4095 octets")
        try refused(with(64, [0]), .corrupt, at: 64 + 64, "packet 4", "other octets")
        try refused(with(64, [0xff]), .corrupt, at: 64 + 64, "packet 4", "other octets")
        try refused(
            with(64, [UInt8](repeating: 0x41, count: 256)), .corrupt, at: 64 + 64, "packet 4",
            "other octets")
        try refused(
            with(320, bigEndian(0x1001 as UInt64)), .corrupt, at: 64 + 320, "packet 4/pc.ram",
            "0x1001")
        try refused(
            with(320, bigEndian(UInt64.max - 4095)), .corrupt, at: 64 + 320, "packet 4/pc.ram",
            "0xfffffffffffff000")
        // A mark of an unknown length with something behind that is no packet.
        var mark = Multifd.mark(number: 4, room: 128)
        mark[1001] = 1
        try refused(mark, .corrupt, at: 64 + 1001, "packet 4", "other octets")
        try refused(
            Multifd.device("", instance: 0, []), .corrupt, at: 64 + 12, "multifd", "other octets")
    }

    @Test("Nothing that is wrong with a channel stops more than its reading", arguments: 1...40)
    func random(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var octets = try ChannelFixture.octets("x86-pc-multifd-zstd.ch2")
        for _ in 0..<Int.random(in: 1...20, using: &generator) {
            let at = Int.random(in: 0..<octets.count, using: &generator)
            octets[at] = UInt8.random(in: 0 ... .max, using: &generator)
        }
        let damaged = Array(octets.prefix(Int.random(in: 1...octets.count, using: &generator)))
        let recordings = Recordings(channels: [damaged])
        guard let file = try? recordings.encoded([.multifd]) else { return }
        // What is taken comes back.
        let back = try Recordings(decoding: file, channels: 1, hasMain: false)
        #expect(back == recordings, "seed \(seed)")
    }
}
