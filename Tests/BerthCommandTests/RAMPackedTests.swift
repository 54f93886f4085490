import TestSupport
import Testing

/// `ram extract` of compressed pages. What is compressed here was made by Python's zlib and by
/// libzstd's `ZSTD_compressStream2`.
@Suite("ram extract: compressed pages")
struct RAMPackedTests {
    private static let page = 4096
    private static let room = 128
    /// Where the first packet's data stand in a channel.
    private static let data = 64 + 320 + 8 * room

    private static func pages(_ fills: UInt8...) -> [UInt8] {
        fills.flatMap { Array(repeating: $0, count: page) }
    }

    /// 00 to ff, again and again.
    private static let counting = (0..<page).map { UInt8($0 & 0xff) }

    // MARK: What is compressed

    /// 4096 A: by zlib, deflated alone.
    private static let zlibA = octets("789cedc1010d000000c2a06cef5fca1e0e28000000e0dd00ffad103d")
    private static let rawA = octets("edc1010d000000c2a06cef5fca1e0e28000000e0dd00")
    /// One octet more and one less.
    private static let zlibMore = octets("789cedc1010d000000c2a06cef5fca1e0e28000000e0de00103a107e")
    private static let zlibLess = octets("789cedc1010d000000c2a06cef5fca1e0e28000000e0dc00ef700ffc")
    private static let rawMore = octets("edc1010d000000c2a06cef5fca1e0e28000000e0de00")
    /// 65 536 A.
    private static let bomb = octets(
        "789cedc181000000008020b6fda516a90a000000000000000000000000000000000000000000"
            + "0000000000000000000000000000000000000000000000000000000000000000000000000000"
            + "000000006a1e8703d0")

    /// Two packets, the second of which refers to the first: `counting`; half of it, half A, and
    /// `counting` again.
    private static let zlibStream = [
        octets(
            "78016260646266616563e7e0e4e2e6e1e5e31710141216111513979094929691959357505452"
                + "56515553d7d0d4d2d6d1d5d33730343236313533b7b0b4b2b6b1b5b37770747276717573f7f0"
                + "f4f2f6f1f5f30f080c0a0e090d0b8f888c8a8e898d8b4f484c4a4e494d4bcfc8cccacec9cdcb"
                + "2f282c2a2e292d2bafa8acaaaea9adab6f686c6a6e696d6befe8eceaeee9edeb9f3071d2e429"
                + "53a74d9f3173d6ec3973e7cd5fb070d1e2254b972d5fb172d5ea356bd7addfb071d3e62d5bb7"
                + "6ddfb173d7ee3d7bf7ed3f70f0d0e123478f1d3f71f2d4e93367cf9dbf70f1d2e52b57af5dbf"
                + "71f3d6ed3b77efdd7ff0f0d1e3274f9f3d7ff1f2d5eb376fdfbdfff0f1d3e72f5fbf7dfff1f3"
                + "d7ef3f7ffffd6718f5ff68fc8fa6ffd1fc3f5afe8d96ffa3f5df68fd3fdafe196dff8db67f47"
                + "dbffa3fd9fd1fedf08e8ff02000000ffff"),
        octets(
            "ecd8311100000082c06cf62f6510de082c1cea5fff87ffc7ffe5fff37ffa7f7bfff70c010410"
                + "400001047204f4bffed7fffa5fffeb7ffddfeb7ffee77ffee77ffee77ffeeff9ff000000ffff"),
    ]
    private static let zstdStream = [
        octets(
            "28b52ffd00585408000410000102030405060708090a0b0c0d0e0f101112131415161718191a"
                + "1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f40"
                + "4142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60616263646566"
                + "6768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c"
                + "8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2"
                + "b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8"
                + "d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfe"
                + "ff010000fd1ef0d714"),
        octets("9c000010004104042efd0f0042ff0370807fdcf10fd8"),
    ]

    /// 4096 A and 4096 B as QATzip has them: gzip, with lengths in an extra field.
    private static let gzipA = octets(
        "1f8b08040000000000ff0c00515a08000010000016000000"
            + "edc1010d000000c2a06cef5fca1e0e28000000e0dd004034a6fe00100000")
    private static let gzipB = octets(
        "1f8b08040000000000ff0c00515a08000010000016000000"
            + "edc1010d000000c2a06eef1fca1e0e28000000e0dd00581e992300100000")

    // MARK: Streams

    private static func main(_ records: [UInt8] = []) -> [UInt8] {
        var builder = StreamBuilder()
        builder.startRAM(2, RAM.blocks([("m", 0x8000)]) + RAM.flush + RAM.endOfSection)
        if !records.isEmpty { builder.goOn(2, 2, records + RAM.endOfSection) }
        builder.goOn(3, 2, RAM.flush + RAM.endOfSection)
        builder.end()
        return builder.octets
    }

    private static func packet(
        _ method: UInt32, _ number: UInt64, _ normal: [UInt64], zero: [UInt64] = [],
        _ data: [UInt8]
    ) -> [UInt8] {
        Multifd.header(
            flags: method, number: number, room: room, normal: normal, zero: zero,
            size: UInt32(data.count), block: "m") + data
    }

    private static func table(_ pages: [[UInt8]]) -> [UInt8] {
        pages.flatMap { bigEndian(UInt32($0.count)) } + pages.flatMap { $0 }
    }

    private func extract(
        _ folder: TemporaryFolder, _ main: [UInt8], _ channel: [UInt8]?
    ) throws -> Outcome {
        let more = try channel.map { ["--channel", try folder.store($0, as: "c")] } ?? []
        return try berth(
            ["ram", "extract", try folder.store(main, as: "a"), "-o", folder.file("image")] + more)
    }

    private func memory(_ channel: [UInt8]) throws -> [UInt8] {
        let folder = try TemporaryFolder()
        try succeed(try extract(folder, Self.main(), channel))
        let image = try contents(of: folder.file("image"))
        // From BER, too.
        let ber = folder.file("ber")
        try succeed(
            berth("encode", folder.file("a"), "--channel", folder.file("c"), "-o", ber))
        try succeed(berth("ram", "extract", ber, "-o", folder.file("image")))
        #expect(try contents(of: folder.file("image")) == image)
        return image
    }

    @Test("Pages of the main channel unpack, each by itself")
    func compressPages() throws {
        let folder = try TemporaryFolder()
        let records =
            RAM.page(0, "m", Self.counting) + RAM.compressed(0x3000, nil, Self.zlibA)
            + RAM.fill(0x1000) + RAM.compressed(0x1000, nil, Self.zlibA)
        try succeed(try extract(folder, Self.main(records), nil))
        #expect(
            try contents(of: folder.file("image"))
                == Self.counting + Self.pages(0x41, 0, 0x41, 0, 0, 0, 0))
    }

    @Test("A channel's packets are one stream", arguments: [2, 4] as [UInt32])
    func streams(method: UInt32) throws {
        let data = method == 2 ? Self.zlibStream : Self.zstdStream
        let channel =
            Multifd.opening(id: 0) + Self.packet(method, 0, [0x2000], zero: [0x4000], data[0])
            + Multifd.mark(number: 1, room: Self.room)
            + Self.packet(method, 2, [0x7000, 0], data[1])
        let mixed = Array(Self.counting[..<2048]) + [UInt8](repeating: 0x41, count: 2048)
        #expect(
            try memory(channel)
                == Self.counting + Self.pages(0) + Self.counting + Self.pages(0, 0, 0, 0) + mixed)
    }

    @Test("QPL's and UADK's pages unpack one by one; those of a page's length are as they are")
    func tables() throws {
        for (method, page) in [(8 as UInt32, Self.rawA), (16, Self.zlibA)] {
            let data = Self.table([page, Self.counting, page])
            let channel =
                Multifd.opening(id: 0) + Self.packet(method, 0, [0x5000, 0, 0x1000], data)
            #expect(
                try memory(channel)
                    == Self.counting + Self.pages(0x41, 0, 0, 0, 0x41, 0, 0))
        }
    }

    @Test("QATzip's members unpack one behind the other")
    func members() throws {
        let channel =
            Multifd.opening(id: 0) + Self.packet(32, 0, [0, 0x1000], Self.gzipA + Self.gzipB)
            + Self.packet(32, 1, [0x3000], Self.gzipB)
        #expect(try memory(channel) == Self.pages(0x41, 0x42, 0, 0x42, 0, 0, 0, 0))
    }

    // MARK: Damage

    struct Damage: CustomTestStringConvertible, Sendable {
        var testDescription: String
        /// Flags and data of the packets, each of one page at 0x3000.
        var packets: [(UInt32, [UInt8])]
        /// Where in the channel it is noticed. A library may read some octets ahead.
        var offset: ClosedRange<Int>
        /// What is said.
        var text: String

        init(
            _ name: String, _ packets: [(UInt32, [UInt8])], at offset: ClosedRange<Int>,
            _ text: String
        ) {
            testDescription = name
            self.packets = packets
            self.offset = offset
            self.text = text
        }
    }

    static let damages = [
        Damage(
            "more than a page", [(2, zlibMore)], at: data + 22...data + 28,
            "packet 0/m: corrupt: expected data that unpack to 1 pages of 4096 octets, found data "
                + "that unpack to more, zlib"),
        Damage(
            "much more than a page", [(2, bomb)], at: data...data + 88,
            "packet 0/m: corrupt: expected data that unpack to 1 pages of 4096 octets, found data "
                + "that unpack to more, zlib"),
        Damage(
            "less than a page", [(2, zlibLess)], at: data + 28...data + 28,
            "packet 0/m: truncated: expected data that unpack to 1 pages, found data for 0 and "
                + "4095 octets (page 0x3000), zlib"),
        Damage(
            "garbage", [(2, pages(0x55))], at: data...data + 2,
            "packet 0/m: corrupt: expected deflated data whose checksum agrees, found incorrect "
                + "header check (page 0x3000), zlib"),
        Damage(
            "a packet without the one before", [(4, zstdStream[1])], at: data...data + 4,
            "packet 0/m: corrupt: expected a zstd frame whose checksum agrees, found Unknown "
                + "frame descriptor (page 0x3000), zstd"),
        Damage(
            "octets behind the end", [(2, zlibA + [1, 2, 3])], at: data + 28...data + 28,
            "packet 0/m: corrupt: expected the end of the packet's data, found 3 octets behind the "
                + "end of what is compressed, zlib"),
        Damage(
            "another method", [(2, zlibA), (4, zstdStream[0])],
            at: 2 * data - 36...2 * data - 36,
            "packet 1/m: corrupt: expected pages compressed by zlib, as in the packets before, "
                + "found pages compressed by zstd"),
        Damage(
            "several methods", [(6, zlibA)], at: data...data,
            "packet 0/m: unsupported: expected pages compressed by zlib, zstd, qpl, uadk or "
                + "qatzip, found the flags 0x6"),
        Damage(
            "a page's length of 0", [(8, table([[]]))], at: data...data,
            "packet 0/m: corrupt: expected the length of a compressed page, 1 to 4096, found 0 "
                + "(page 0x3000), qpl"),
        Damage(
            "lengths that are not the data's", [(8, table([rawA]) + [0])], at: data + 4...data + 4,
            "packet 0/m: corrupt: expected pages of 27 octets in all, with their lengths, found "
                + "lengths that make 26 (page 0x3000), qpl"),
        Damage(
            "a page that is more", [(8, table([rawMore]))], at: data + 4 + 20...data + 4 + 22,
            "packet 0/m: corrupt: expected a page of 4096 octets, found data that unpack to more "
                + "(page 0x3000), qpl"),
        Damage(
            "a page that is cut", [(16, table([Array(zlibA.dropLast(3))]))],
            at: data + 4 + 25...data + 4 + 25,
            "packet 0/m: truncated: expected the rest of the compressed page, found its end after "
                + "4096 octets of 4096 (page 0x3000), uadk"),
        Damage(
            "a member that is cut", [(32, Array(gzipA.dropLast(1)))], at: data + 53...data + 53,
            "packet 0/m: truncated: expected the end of what is compressed, with its CRC, found "
                + "the packet's end, qatzip"),
        Damage(
            "no member", [(32, zlibA)], at: data...data + 2,
            "packet 0/m: corrupt: expected deflated data whose CRC agrees, found incorrect header "
                + "check (page 0x3000), qatzip"),
    ]

    @Test("Damage is told with its place and page, and no file appears", arguments: damages)
    func damaged(damage: Damage) throws {
        let folder = try TemporaryFolder()
        var channel = Multifd.opening(id: 0)
        for (number, packet) in damage.packets.enumerated() {
            channel += Self.packet(packet.0, UInt64(number), [0x3000], packet.1)
        }
        let outcome = try extract(folder, Self.main(), channel)
        #expect(outcome.status == 2)
        let start = "berth: \(folder.file("c")): offset 0x"
        #expect(outcome.error.hasPrefix(start))
        let rest = outcome.error.dropFirst(start.count)
        let digits = rest.prefix { $0 != ":" }
        let offset = try #require(Int(digits, radix: 16))
        #expect(damage.offset.contains(offset), "\(outcome.error)")
        #expect(rest.dropFirst(digits.count) == ": \(damage.text)\n")
        #expect(try folder.names == ["a", "c"])
    }

    @Test("A compressed page of the main channel that is not one is told with its place")
    func damagedPage() throws {
        var garbled = Self.zlibA
        garbled[5] ^= 0x10
        for (octets, what) in [
            (Self.zlibMore, "corrupt: expected a page of 4096 octets, found data that unpack to"),
            (Self.bomb, "corrupt: expected a page of 4096 octets, found data that unpack to more"),
            (Self.zlibLess, "corrupt: expected a page of 4096 octets, found data that unpack to 4"),
            (Array(Self.zlibA.dropLast(1)), "truncated: expected the rest of the compressed page"),
            (Self.zlibA + [0], "corrupt: expected the end of the compressed page, found 1 octets"),
            (Self.pages(0x55), "corrupt: expected deflated data whose checksum agrees, found inc"),
            (garbled, "corrupt: expected deflated data whose checksum agrees"),
        ] {
            let folder = try TemporaryFolder()
            let records =
                RAM.page(0, "m", Self.counting) + RAM.compressed(0x3000, nil, octets)
            let outcome = try extract(folder, Self.main(records), nil)
            #expect(outcome.status == 2)
            #expect(outcome.error.contains(": ram/m: " + what), "\(outcome.error)")
            #expect(outcome.error.contains("(page 0x3000, zlib)"))
            // Behind the first page's record, the record's word and its length.
            let stream = Self.main(records)
            let page = try #require(
                stream.indices.first { stream[$0...].starts(with: Self.counting) })
            let begin = page + 4096 + 12
            let digits = outcome.error.split(separator: "offset 0x")[1].prefix { $0 != ":" }
            let offset = try #require(Int(digits, radix: 16))
            #expect((begin...begin + octets.count).contains(offset), "\(outcome.error)")
            #expect(try folder.names == ["a"])
        }
    }
}
