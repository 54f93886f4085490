import Migration
import TestSupport
import Testing

/// Containers with one thing wrong: the error's code, and its offset as worked out from the formats'
/// descriptions.
@Suite("Damaged containers")
struct ContainerDamageTests {
    struct Damage: Sendable, CustomStringConvertible {
        var what: String
        var file: String
        var at: Int
        var new: String
        var code = MigrationError.Code.corrupt
        var offset: UInt64
        var expected: String

        var description: String { "\(file): \(what)" }
    }

    // one.gzip: a head of 10 octets (RFC 1952, 2.3), then deflate's first block.
    // one.bzip2: a head of 4; 14 octets of block head, of which the last 4 are its CRC; the end's mark
    // begins with the last bit of octet 9599 and its CRC ends with the last but one of octet 9609.
    // one.xz: a stream head of 12 (magic 6, flags 2, CRC-32 4), a block head of 12 with one filter
    // and its CRC-32; the footer's magic is the last two octets of 9016.
    // one.zstd: magic 4, descriptor 1, window 1, then a block head of 3.
    static let damages: [Damage] = [
        Damage(
            what: "a block of the type that deflate has not", file: "one.gzip", at: 10, new: "c7",
            offset: 11, expected: "deflated data"),
        Damage(
            what: "a block's CRC", file: "one.bzip2", at: 13, new: "01", offset: 9600,
            expected: "a bzip2 block whose CRC agrees"),
        Damage(
            what: "the stream's CRC", file: "one.bzip2", at: 9607, new: "00", offset: 9610,
            expected: "a bzip2 block whose CRC agrees"),
        Damage(
            what: "the stream head's CRC", file: "one.xz", at: 8, new: "e7", offset: 12,
            expected: "LZMA data whose checks agree"),
        Damage(
            what: "a check of a kind that is reserved", file: "one.xz", at: 7, new: "0b 77cb0bd6",
            code: .unsupported, offset: 12, expected: "a check that liblzma knows"),
        Damage(
            what: "a dictionary of 4 GiB", file: "one.xz", at: 16, new: "28 000000 e6a011b3",
            code: .limit, offset: 24, expected: "at most 192 MiB to unpack"),
        Damage(
            what: "a filter that there is not", file: "one.xz", at: 14,
            new: "22 01 16 000000 da5d7125",
            code: .unsupported, offset: 24, expected: "filters that liblzma knows"),
        Damage(
            what: "the footer's magic", file: "one.xz", at: 9014, new: "595b", offset: 9016,
            expected: "LZMA data whose checks agree"),
        Damage(
            what: "the descriptor's reserved bit", file: "one.zstd", at: 4, new: "0c",
            code: .unsupported, offset: 0, expected: "a frame that needs nothing else"),
        Damage(
            what: "a block of the type that is reserved", file: "one.zstd", at: 6, new: "9f",
            offset: 0, expected: "a zstd frame whose checksum agrees"),
    ]

    @Test("What is wrong with a compressed file is told, with the place", arguments: damages)
    func compressed(_ damage: Damage) throws { try check(damage) }

    // one.lzop: magic 9, versions 6, method at 15, level, flags at 17, mode 4, times 8, name 1, a
    // checksum at 34; the block: sizes at 38 and 42, Adler-32 at 46, 9421 octets from 50 on.
    static let lzopDamages: [Damage] = [
        Damage(
            what: "a version that is needed", file: "one.lzop", at: 13, new: "1041",
            code: .unsupported, offset: 13, expected: "lzop's format up to 1.040"),
        Damage(
            what: "a method", file: "one.lzop", at: 15, new: "04", code: .unsupported, offset: 15,
            expected: "LZO1X, method 1 to 3"),
        Damage(
            what: "a filter", file: "one.lzop", at: 17, new: "03000801", code: .unsupported,
            offset: 17, expected: "neither filters nor several volumes"),
        Damage(
            what: "a block of 64 MiB and 1", file: "one.lzop", at: 38, new: "04000001", offset: 38,
            expected: "a block of at most 64 MiB"),
        Damage(
            what: "no packed octets", file: "one.lzop", at: 42, new: "00000000", offset: 38,
            expected: "a block of at most 64 MiB"),
        Damage(
            what: "more packed octets than others", file: "one.lzop", at: 42, new: "00002b14",
            offset: 38, expected: "a block of at most 64 MiB"),
        Damage(
            what: "a block one octet shorter than it is", file: "one.lzop", at: 38, new: "00002b12",
            offset: 50, expected: "LZO data of 11026 octets"),
    ]

    @Test(
        "What is wrong with lzop's file is told", .enabled(if: ContainerFixture.hasLZO),
        arguments: lzopDamages)
    func lzopFile(_ damage: Damage) throws { try check(damage) }

    // v3.qcow2 has clusters of 512 octets and 14848 octets; the snapshot's L1 table at 0xa00, whose
    // entry 32 leads to the L2 table at 0xc00. deflate.qcow2 has clusters of 1024; L1 at 0x1400,
    // entry 8 to L2 at 0x1800, whose first entry is a compressed cluster at 0x1c00.
    static let imageDamages: [Damage] = [
        Damage(
            what: "an L2 table behind the end", file: "v3.qcow2", at: 0xb00,
            new: "8000000000010000", offset: 0x10000, expected: "an L2 table of 512 octets"),
        Damage(
            what: "a cluster behind the end", file: "v3.qcow2", at: 0xc00,
            new: "8000000000010000", offset: 0x10000,
            expected: "a cluster within the file's 14848 octets"),
        Damage(
            what: "an L2 table within a cluster", file: "deflate.qcow2", at: 0x1440,
            new: "8000000000001a00", offset: 0x1a00,
            expected: "an L2 table at a multiple of 1024"),
        Damage(
            what: "a cluster within another", file: "deflate.qcow2", at: 0x1808,
            new: "8000000000002200", offset: 0x2200, expected: "a cluster at a multiple of 1024"),
        Damage(
            what: "a compressed cluster of no type", file: "deflate.qcow2", at: 0x1c00, new: "ff",
            offset: 0x1c00, expected: "a cluster compressed by deflate"),
    ]

    @Test("Where cluster tables lead astray is told", arguments: imageDamages)
    func image(_ damage: Damage) throws { try check(damage, file: true) }

    private func check(_ damage: Damage, file: Bool = false) throws {
        var packed = try ContainerFixture.octets(damage.file)
        let new = octets(damage.new)
        packed.replaceSubrange(damage.at..<damage.at + new.count, with: new)
        let error = try #require(try fault(packed, file: file))
        #expect(error.code == damage.code)
        #expect(error.offset == damage.offset)
        #expect(error.expected.hasPrefix(damage.expected), "\(error)")
        let format = damage.file.drop { $0 != "." }.dropFirst()
        #expect(error.path == format, "\(error)")
    }

    /// The header and data of the images have 92 + 156 octets; the compressed ones come behind.
    @Test(
        "A compressed libvirt image that is cut off, or goes on, is told by its compression",
        arguments: LibvirtTests.formats.dropFirst().filter {
            $0 != "lzop" || ContainerFixture.hasLZO
        })
    func libvirtImage(format: String) throws {
        let whole = try ContainerFixture.octets("little-\(format).libvirt")
        let cut = try #require(try fault(Array(whole[..<(whole.count / 2)])))
        #expect(cut.code == .truncated)
        #expect(cut.path == format)
        #expect(cut.offset == UInt64(whole.count / 2 - 248))
        let longer = try #require(try fault(whole + [UInt8](repeating: 0x55, count: 40)))
        #expect(longer.code == .corrupt)
        #expect(longer.path == format)
        #expect(longer.offset == UInt64(whole.count - 248))
        // Octets of no compression where the header says one.
        let other = try #require(
            try fault(Array(whole[..<248]) + [UInt8](repeating: 0x55, count: 64)))
        #expect(other.code == .corrupt)
        #expect(other.offset == 248)
        #expect(other.expected == "the stream, packed by \(format) as the header says")
    }
}
