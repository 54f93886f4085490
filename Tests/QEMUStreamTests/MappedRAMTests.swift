import ByteIO
import Glibc
import Migration
import QEMUStream
import SystemPackage
import TestSupport
import Testing

/// RAM in fixed places (reference, section 4).
@Suite("Binary stream: mapped RAM")
struct MappedRAMTests {
    /// 70 pages of 256 octets: two words of bitmap. Page 1 is present, 2 present and zero, 5 stale,
    /// 64 and 65 present.
    static let block = MappedBlock(
        "m", pages: 70,
        [
            1: Samples.page(1, size: 256), 5: Samples.page(5, size: 256),
            64: Samples.page(6, size: 256), 65: Samples.page(7, size: 256),
        ], present: [1, 2, 64, 65])
    static let small = MappedStream([block, MappedBlock("n", pages: 1)])

    /// The sum of such a page's octets and the last one, as the recorder tells a page.
    private func told(_ octet: Int) -> String {
        "\(255 * octet + (octet ^ 0xff))/" + hex([UInt8(octet ^ 0xff)])
    }

    @Test("Bitmap, gap and pages are told by their places; zeros are not")
    func places() throws {
        let lines = try events(Self.small.octets)
        // The header of 8 octets, START of 17, the record's word, name and length, 28 of header.
        let bitmap = 8 + 17 + 8 + 2 + 8 + 28
        #expect(Self.small.bitmaps[0] == bitmap)
        let second = 256 + 70 * 256 + 2 + 8 + 28
        #expect(
            lines == [
                "begin 3", "start 2 ram 0 v4: ram @8", "mapped \(71 * 256)",
                "mapped block m \(70 * 256) pages of 256, bitmap \(bitmap), pages 256",
                "bitmap 0: 06000000000000000300000000000000",
                "stored in m", "  full 256 x1 \(told(1))", "  full 1280 x1 \(told(5))",
                "  full 16384 x2 \(told(6)) \(told(7))",
                "mapped block n 256 pages of 256, bitmap \(second), "
                    + "pages \((second + 8 + 255) / 256 * 256)",
                "footer", "part 2 ram 0 v4: ram @\(Self.small.pages[1] + 256 + 13)", "footer",
                "end 2 ram 0 v4: ram @\(Self.small.pages[1] + 256 + 13 + 18)", "footer",
                "full 0 dev 0 v1: device @\(Self.small.pages[1] + 256 + 13 + 36)",
                "{n: uint32 5}", "footer", "end of stream",
                "description 156", "end",
            ])
    }

    @Test(
        "The stream is written back to the octet, however it comes",
        arguments: [[1], [7], [256], [1, 5000, 3]])
    func rewriting(_ sizes: [Int]) throws {
        let octets = Self.small.octets
        #expect(try rewrite(ByteSource(octets: octets)) == octets)
        #expect(try rewrite(.packets(octets, sizes: sizes)) == octets)
        let folder = try TemporaryFolder()
        #expect(try rewrite(ByteSource(path: folder.store(octets, as: "s"))) == octets)
    }

    @Test("What stands in the gap is told and written back")
    func gap() throws {
        var block = Self.block
        block.gapEnd = [9, 0, 8]
        let stream = MappedStream([block])
        // 256 octets up to the pages, of which 71 and 16 of bitmap are taken.
        #expect(try events(stream.octets).contains("gap 0: 169 octets"))
        #expect(try rewrite(ByteSource(octets: stream.octets)) == stream.octets)
    }

    @Test("Groups of pages end at each MiB of the block, wherever it stands in the file")
    func groups() throws {
        let block = MappedBlock(
            "m", pages: 600,
            [
                0: Samples.page(1), 255: Samples.page(2), 256: Samples.page(3),
                257: Samples.page(4), 599: Samples.page(5),
            ])
        let stream = MappedStream([block], pageSize: 4096, capabilities: ["mapped-ram"])
        let lines = try events(stream.octets).filter { $0.hasPrefix("stored") || $0.hasPrefix(" ") }
        let starts = lines.map { String($0.prefix { $0 != "/" }) }
        func page(_ octet: Int) -> String { "\(4095 * octet + (octet ^ 0xff))" }
        #expect(
            starts == [
                "stored in m", "  full 0 x1 " + page(1), "  full 1044480 x1 " + page(2),
                "stored in m", "  full 1048576 x2 " + page(3),
                "stored in m", "  full 2453504 x1 " + page(5),
            ])
        #expect(try rewrite(.packets(stream.octets, sizes: [60_000, 1])) == stream.octets)
    }

    @Test("With x-ignore-shared each block has an address, and a shared one nothing but its header")
    func ignoreShared() throws {
        var shared = MappedBlock("s", pages: 64, address: 0x1000)
        shared.isShared = true
        var other = Self.block
        other.address = 0xffff_0000
        for capabilities in [["x-ignore-shared", "mapped-ram"], nil] {
            let stream = MappedStream([shared, other], capabilities: capabilities)
            let lines = try events(stream.octets)
            #expect(
                lines.contains(
                    "mapped block s 16384 at 4096 pages of 256, bitmap 0, pages 0"))
            #expect(
                lines.contains { $0.hasPrefix("mapped block m 17920 at 4294901760 pages of 256") })
            #expect(lines.filter { $0.hasPrefix("  full") }.count == 3)
            #expect(try rewrite(ByteSource(octets: stream.octets)) == stream.octets)
        }
    }

    @Test("Offsets may count from before the stream, and zeros may stand before it")
    func bases() throws {
        for (base, zeros) in [(92, 0), (0, 4096), (1 << 40, 0)] {
            let stream = MappedStream([Self.block, Self.block], base: base, zeros: zeros)
            let lines = try events(stream.octets)
            #expect(lines.filter { $0.hasPrefix("mapped block") }.count == 2)
            // Written back, offsets are the same: they are kept, not worked out.
            #expect(try rewrite(ByteSource(octets: stream.octets)) == stream.octets)
        }
    }

    @Test("Page sizes from 256 octets to 64 KiB", arguments: [256, 1024, 16384, 65536])
    func pageSizes(_ size: Int) throws {
        let block = MappedBlock(
            "m", pages: 65,
            [3: Samples.page(3, size: size), 64: Samples.page(4, size: size)])
        let stream = MappedStream([block], pageSize: size, capabilities: ["mapped-ram"])
        let lines = try events(stream.octets)
        #expect(lines.contains { $0.hasPrefix("  full \(3 * size) x1") })
        #expect(lines.contains { $0.hasPrefix("  full \(64 * size) x1") })
        #expect(try rewrite(ByteSource(octets: stream.octets)) == stream.octets)
    }

    @Test("A bitmap of 32-bit words is believed where there is no room for more")
    func halfWords() throws {
        // 32 pages: 4 octets of bitmap, and the pages right behind them.
        var octets = Array(MappedStream([MappedBlock("m", pages: 32)]).octets)
        let stream = MappedStream([MappedBlock("m", pages: 32)])
        let bitmap = UInt64(256 - 4)
        // Leading zeros bring the bitmap to where just four octets are left.
        let zeros = 256 - 4 - stream.bitmaps[0]
        octets = [UInt8](repeating: 0, count: zeros) + octets
        octets.removeSubrange(zeros + stream.bitmaps[0]..<zeros + stream.pages[0] - 4)
        octets.replaceSubrange(
            zeros + stream.headers[0] + 12..<zeros + stream.headers[0] + 28,
            with: bigEndian(bitmap) + bigEndian(UInt64(256)))
        octets[zeros + stream.bitmaps[0]] = 0x81
        let lines = try events(octets)
        #expect(lines.contains("bitmap 0: 81000000"))
        #expect(try rewrite(ByteSource(octets: octets)) == octets)
    }

    // MARK: Damage

    private func failure(_ octets: [UInt8]) -> MigrationError? {
        do {
            _ = try rewrite(ByteSource(octets: octets))
            return nil
        } catch { return error as? MigrationError }
    }

    /// A field of the second block's header, changed.
    struct Damage: CustomTestStringConvertible, Sendable {
        var field: Int
        var value: [UInt8]
        var path: String
        var code = MigrationError.Code.corrupt
        var testDescription: String { "\(path) \(hex(value))" }
    }

    static let second = UInt64(small.bitmaps[1])

    @Test(
        "A header that can't be right is told by field and offset",
        arguments: [
            Damage(field: 0, value: [0, 0, 0, 2], path: "ram/block list", code: .unsupported),
            Damage(field: 0, value: [0, 0, 0, 0], path: "ram/block list"),
            Damage(field: 4, value: bigEndian(4096 as UInt64), path: "ram/n/page_size"),
            Damage(field: 4, value: bigEndian(255 as UInt64), path: "ram/n/page_size"),
            Damage(field: 4, value: bigEndian(0 as UInt64), path: "ram/n/page_size"),
            Damage(field: 12, value: bigEndian(0 as UInt64), path: "ram/n/bitmap_offset"),
            Damage(field: 12, value: bigEndian(second - 1), path: "ram/n/bitmap_offset"),
            Damage(field: 12, value: bigEndian(second + 8), path: "ram/n/bitmap_offset"),
            Damage(field: 12, value: bigEndian(71 as UInt64), path: "ram/n/bitmap_offset"),
            Damage(field: 20, value: bigEndian(0 as UInt64), path: "ram/n/pages_offset"),
            Damage(field: 20, value: bigEndian(256 as UInt64), path: "ram/n/pages_offset"),
            Damage(
                field: 20, value: bigEndian(UInt64(small.pages[1]) + 1), path: "ram/n/pages_offset"),
            Damage(field: 20, value: bigEndian(UInt64.max - 255), path: "ram/n/pages_offset"),
            Damage(field: 20, value: bigEndian(1 << 63 as UInt64), path: "ram/n/pages_offset"),
        ])
    func headers(_ damage: Damage) {
        var octets = Self.small.octets
        let at = Self.small.headers[1] + damage.field
        octets.replaceSubrange(at..<at + damage.value.count, with: damage.value)
        let error = failure(octets)
        #expect(error?.code == damage.code)
        #expect(error?.path == damage.path)
        #expect(error?.offset == UInt64(at))
    }

    @Test("A length that is not whole pages, or more than the total, is told by its offset")
    func lengths() {
        for (value, path) in [
            (UInt64(255), "ram/n/used_length"), (UInt64(512), "ram/block list"),
            (UInt64.max, "ram/block list"),
        ] {
            var octets = Self.small.octets
            let at = Self.small.headers[1] - 8
            octets.replaceSubrange(at..<at + 8, with: bigEndian(value))
            let error = failure(octets)
            #expect(error?.code == .corrupt && error?.path == path)
            #expect(error?.offset == UInt64(at))
        }
    }

    @Test("Cut anywhere in a block, the stream is truncated there")
    func cuts() throws {
        for capabilities in [nil, ["mapped-ram"]] {
            try checkCuts(
                MappedStream([Self.block, MappedBlock("n", pages: 1)], capabilities: capabilities))
        }
        let whole = Self.small.octets
        let error = failure(Array(whole.prefix(5000)))
        #expect(error?.expected == "the pages of m, up to 0x4700")
        #expect(failure(Array(whole.prefix(80)))?.expected.hasPrefix("the bitmap of m") == true)
        #expect(failure(Array(whole.prefix(200)))?.expected.hasPrefix("the gap of m") == true)
    }

    private func checkCuts(_ stream: MappedStream) throws {
        let whole = stream.octets
        let end = stream.pages[1] + 256
        let cuts = Array(stream.headers[0] - 18..<300) + Array(stride(from: 300, to: end, by: 97))
        for cut in cuts {
            let part = Array(whole.prefix(cut))
            for source in [0, 1] {
                do {
                    _ = try rewrite(
                        source == 0 ? ByteSource(octets: part) : .packets(part, sizes: [100]))
                    Issue.record("cut to \(cut): no error")
                } catch let error as MigrationError {
                    #expect(error.code == .truncated, "cut to \(cut): \(error)")
                    #expect(error.offset == UInt64(cut), "cut to \(cut): \(error)")
                }
            }
        }
    }

    @Test("Page records have no place in a mapped-ram stream")
    func records() {
        var octets = Self.small.octets
        let at = Self.small.pages[1] + 256
        octets.replaceSubrange(at..<at + 8, with: bigEndian(0x22 as UInt64))
        #expect(failure(octets)?.code == .corrupt)
        #expect(failure(octets)?.offset == UInt64(at))
    }

    @Test("A block of 2^62 octets in a small file is refused at once")
    func hugeBlock() {
        var stream = StreamBuilder()
        stream.configuration(
            "m",
            subsections: StreamBuilder.subsection(
                "configuration/capabilities",
                bigEndian(1 as UInt32) + StreamBuilder.counted("mapped-ram")))
        stream.append([1] + bigEndian(2 as UInt32) + StreamBuilder.counted("ram"))
        stream.append(bigEndian(0 as UInt32) + bigEndian(4 as UInt32))
        stream.append(bigEndian(1 << 62 | 4 as UInt64) + StreamBuilder.counted("m"))
        stream.append(bigEndian(1 << 62 as UInt64) + bigEndian(1 as UInt32))
        stream.append(bigEndian(4096 as UInt64))
        let bitmap = UInt64(stream.count + 16)
        let pages = (bitmap + 1 << 47 + 4095) / 4096 * 4096
        stream.append(bigEndian(bitmap) + bigEndian(pages))
        let octets = stream.octets + [UInt8](repeating: 0xff, count: 1000)
        let error = failure(octets)
        #expect(error?.code == .truncated && error?.offset == UInt64(octets.count))
        // From a pipe, which can't tell before: bitmap pieces are told until it ends.
        #expect(throws: MigrationError.self) {
            try rewrite(.packets(octets, sizes: [500]))
        }
    }
}
