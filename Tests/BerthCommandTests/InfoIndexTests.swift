import Foundation
import TestSupport
import Testing

/// `info` on a BER file with an index, where contents of pages are passed over.
@Suite("info with an index")
struct InfoIndexTests {
    /// A stream of 1000 pages, of which every tenth is zero, all others are full: several groups,
    /// checkpoints and windows.
    private static let stream: [UInt8] = {
        var octets: [UInt8] = Array("QEVM".utf8) + [0, 0, 0, 3]
        octets += [1, 0, 0, 0, 2, 3] + Array("ram".utf8) + [0, 0, 0, 0, 0, 0, 0, 4]
        octets += bigEndian(UInt64(1000 * 4096 | 4)) + [1, 0x6d] + bigEndian(UInt64(1000 * 4096))
        octets += bigEndian(UInt64(0x10)) + [0x7e, 0, 0, 0, 2, 2, 0, 0, 0, 2]
        for page in 0..<1000 {
            let isZero = page % 10 == 9
            let flags = (isZero ? 2 : 8) | (page == 0 ? 0 : 0x20)
            octets += bigEndian(UInt64(page * 4096 | flags))
            if page == 0 { octets += [1, 0x6d] }
            octets += isZero ? [0] : (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* page &+ 1) }
        }
        octets += bigEndian(UInt64(0x10)) + [0x7e, 0, 0, 0, 2]
        return octets + [3, 0, 0, 0, 2] + bigEndian(UInt64(0x10)) + [0x7e, 0, 0, 0, 2, 0]
    }()

    private static func encoded() throws -> [UInt8] {
        try berth("encode", input: .pipe(stream)).output
    }

    private static func told(_ arguments: String...) throws -> NSDictionary {
        let outcome = try berth(["info", "--json"] + arguments)
        try succeed(outcome)
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output))
        let summary = try #require(object as? [String: Any])
        return summary.filter { $0.key != "isVerified" } as NSDictionary
    }

    @Test("It tells the same as when all is read")
    func same() throws {
        let folder = try TemporaryFolder()
        for stream in [Self.stream, SmallStream.octets] {
            let file = try folder.store(
                try berth("encode", input: .pipe(stream)).output, as: "vm.ber")
            #expect(try Self.told(file) == Self.told(file, "--verify"))
        }
        let pages = try #require(try Self.told(folder.file("vm.ber"))["pages"] as? [String: Int])
        #expect(pages["full"] == 1)
        let large = try folder.store(try Self.encoded(), as: "large.ber")
        let many = try #require(try Self.told(large)["pages"] as? [String: Int])
        #expect(many["full"] == 900)
        #expect(many["zero"] == 100)
    }

    @Test("Of every real stream it tells the same as when all is read", arguments: Fixture.names)
    func sameOfRealStreams(_ name: String) throws {
        let folder = try TemporaryFolder()
        let file = folder.file("vm.ber")
        try succeed(try berth("encode", "-q", Fixture.path(name), "-o", file))
        #expect(try Self.told(file) == Self.told(file, "--verify"))
    }

    @Test("Groups that the index has counted are not read")
    func passesOver() throws {
        let folder = try TemporaryFolder()
        var octets = try Self.encoded()
        // The head of the second group, whose tag is d0 47: nobody looks at it.
        let heads = (0..<octets.count - 3).filter {
            octets[$0..<$0 + 3].elementsEqual([0x7f, 0xd0, 0x47])
        }
        octets[heads[1] + 1] = 0xd1
        let file = try folder.store(octets, as: "vm.ber")
        let pages = try #require(try Self.told(file)["pages"] as? [String: Int])
        #expect(pages["full"] == 900)
        #expect(try berth("info", "--verify", file).status == 2)
    }

    @Test("It says that checkpoints were not compared, and --verify compares them")
    func verify() throws {
        let folder = try TemporaryFolder()
        var octets = try Self.encoded()
        let file = try folder.store(octets, as: "vm.ber")
        let outcome = try berth("info", file)
        #expect(
            outcome.lines.contains("whole            yes, by its structure (--verify reads all)"))
        #expect(try berth("info", "--verify", file).lines.contains("whole            yes"))
        // An octet of a page, in the middle of the file.
        octets[octets.count / 2] ^= 1
        let damaged = try folder.store(octets, as: "damaged.ber")
        #expect(try berth("info", damaged).status == 0)
        let all = try berth("info", "--verify", damaged)
        #expect(all.status == 2)
        #expect(all.error.contains("checksum: expected CRC-32C "))
    }

    @Test("A file whose end is missing or whose index is damaged is read whole")
    func fallback() throws {
        let folder = try TemporaryFolder()
        let octets = try Self.encoded()
        let cut = try folder.store(Array(octets.dropLast(1)), as: "cut.ber")
        #expect(try berth("info", cut).status == 2)
        for distance in [3, 6, 12, 15, 18, 22, 40] {
            var changed = octets
            changed[octets.count - distance] ^= 4
            let file = try folder.store(changed, as: "changed.ber")
            let outcome = try berth("info", file)
            #expect(outcome.status == 2, "\(distance) octets before the end")
        }
    }

    @Test("A file that ends inside a page is told as truncated though an index follows elsewhere")
    func grown() throws {
        let folder = try TemporaryFolder()
        let octets = try Self.encoded()
        // Octets taken out of a page: the index stands elsewhere than it says.
        let file = try folder.store(
            Array(octets[..<1_000_000]) + Array(octets[1_000_100...]), as: "short.ber")
        #expect(try berth("info", file).status == 2)
    }
}
