import ByteIO
import Containers
import Migration
import TestSupport
import Testing

@Suite("Compression")
struct CompressionTests {
    static let names =
        ContainerFixture.compressed + (ContainerFixture.hasLZO ? ContainerFixture.lzop : [])

    private static func kind(_ name: String) -> String {
        String(name.drop { $0 != "." }.dropFirst())
    }

    @Test(
        "What the stock programs packed is unpacked, from memory and from a file", arguments: names)
    func unpacked(name: String) throws {
        let stream = try ContainerFixture.stream()
        let packed = try ContainerFixture.octets(name)
        for opened in [try open(octets: packed), try open(file: packed)] {
            #expect(opened.octets == stream)
            #expect(opened.layers == [ContainerLayer(Self.kind(name))])
            #expect(opened.container == nil)
        }
    }

    @Test("However few octets come at a time, the same comes out", arguments: names)
    func trickled(name: String) throws {
        let stream = try ContainerFixture.stream()
        for step in [1, 7, 4096] {
            let source = ByteSource(
                producer: Trickle(try ContainerFixture.octets(name), step: step), capacity: 4096)
            #expect(try open(source).octets == stream)
        }
    }

    @Test("A file that ends too early is told where it ends", arguments: names)
    func truncated(name: String) throws {
        let packed = try ContainerFixture.octets(name)
        // Two members, or a padding, make shorter files that are whole too.
        let isOne = name.hasPrefix("one") || name.hasPrefix("crc")
        for count in stride(from: 20, to: packed.count, by: 97) {
            guard let error = try fault(Array(packed[..<count])) else {
                #expect(!isOne, "\(count) octets")
                continue
            }
            guard isOne else { continue }
            #expect(error.code == .truncated, "\(count): \(error)")
            #expect(error.offset == UInt64(count))
            #expect(error.path == Self.kind(name))
        }
    }

    @Test("An octet that was changed is found, or does no harm", arguments: names)
    func changed(name: String) throws {
        let stream = try ContainerFixture.stream()
        let packed = try ContainerFixture.octets(name)
        var found = 0
        var generator = SeededGenerator(seed: 11)
        for index in stride(from: 0, to: packed.count, by: 61) {
            var damaged = packed
            damaged[index] ^= UInt8.random(in: 1...255, using: &generator)
            do {
                let opened = try open(octets: damaged)
                // A magic that is none leaves the file as it is; `lzop -F` has no checksums.
                if opened.layers.isEmpty || name == "bare.lzop" { continue }
                #expect(opened.octets == stream, "octet \(index)")
            } catch {
                found += 1
                #expect(error.code != .io)
                #expect(error.offset ?? 0 <= UInt64(packed.count))
            }
        }
        #expect(found > packed.count / 61 / 2 || name == "bare.lzop")
    }

    @Test("What follows the compressed data is told, zeros are not", arguments: names)
    func trailing(name: String) throws {
        let stream = try ContainerFixture.stream()
        let packed = try ContainerFixture.octets(name)
        #expect(try open(octets: packed + [UInt8](repeating: 0, count: 512)).octets == stream)
        let error = try #require(try fault(packed + [UInt8](repeating: 0x55, count: 40)))
        #expect(error.code == .corrupt)
        #expect(error.path == Self.kind(name))
        #expect(error.offset == UInt64(packed.count))
    }

    @Test("A wrong check is told at the end of the member")
    func checks() throws {
        // gzip ends with CRC-32 and length, four octets each; zlib notices in the last of each.
        var gzip = try ContainerFixture.octets("one.gzip")
        let count = gzip.count
        gzip[count - 8] ^= 1
        let crc = try #require(try fault(gzip))
        #expect(crc.code == .corrupt)
        #expect(crc.found.hasPrefix("incorrect data check"))
        #expect(crc.offset == UInt64(count - 4))
        gzip[count - 8] ^= 1
        gzip[count - 1] ^= 1
        let length = try #require(try fault(gzip))
        #expect(length.found.hasPrefix("incorrect length check"))
        #expect(length.offset == UInt64(count))
        // A frame of zstd ends with four octets of XXH64.
        var zstd = try ContainerFixture.octets("one.zstd")
        zstd[zstd.count - 1] ^= 1
        let checksum = try #require(try fault(zstd))
        #expect(checksum.code == .corrupt)
        #expect(checksum.found.contains("checksum"))
    }

    @Test("lzop's checksums are verified, each by its kind", .enabled(if: ContainerFixture.hasLZO))
    func lzopChecks() throws {
        // Header: magic 9, versions 6, method and level 2, flags 4, mode and times 12, name 1 + 0,
        // checksum 4. Block: sizes 8, Adler-32 of the data 4, then the packed octets.
        var packed = try ContainerFixture.octets("one.lzop")
        packed[20] ^= 0x80
        let header = try #require(try fault(packed))
        #expect(header.expected.contains("of the header"))
        #expect(header.offset == 34)
        packed[20] ^= 0x80
        packed[46] ^= 1
        let data = try #require(try fault(packed))
        #expect(data.expected.hasPrefix("Adler-32"))
        #expect(data.offset == 50)
        var crc = try ContainerFixture.octets("crc.lzop")
        crc[46] ^= 1
        #expect(try #require(try fault(crc)).expected.hasPrefix("CRC-32"))
    }

    @Test("Windows above the limit are refused, with what to do")
    func limits() throws {
        let error = try #require(try fault(try ContainerFixture.octets("huge.zstd")))
        #expect(error.code == .limit)
        #expect(error.expected == "a window of at most 128 MiB")
        #expect(error.hint == "unpack it first, as in: zstd --long=31 -dc FILE | berth …")
    }

    @Test("Compression inside compression is opened, to a limit")
    func nested() throws {
        let opened = try open(octets: try ContainerFixture.octets("nested.xz"))
        #expect(opened.octets == (try ContainerFixture.stream()))
        #expect(opened.layers.map(\.kind) == ["xz", "zstd", "gzip"])
        // Stored blocks: gzip around gzip, nine times.
        var octets = Array("not a container".utf8)
        for _ in 1...8 { octets = gzip(octets) }
        #expect(try open(octets: octets).layers.count == 8)
        let error = try #require(try fault(gzip(octets)))
        #expect(error.code == .limit)
        #expect(error.expected == "at most 8 containers inside each other")
    }

    /// gzip with one stored block (RFC 1951, 3.2.4).
    private func gzip(_ octets: [UInt8]) -> [UInt8] {
        var crc: UInt32 = 0xffff_ffff
        for octet in octets {
            crc ^= UInt32(octet)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
        }
        let size = UInt16(octets.count)
        let head = TestSupport.octets("1f8b0800 00000000 0003 01")
        return head + bigEndian(size.byteSwapped) + bigEndian((~size).byteSwapped) + octets
            + bigEndian((~crc).byteSwapped) + bigEndian(UInt32(octets.count).byteSwapped)
    }

    @Test("Another kind of file is left as it is")
    func others() throws {
        for octets in [
            try ContainerFixture.stream(), [], octets("7fcdc551 80020104"), octets("1f8b"),
            // BER: [APPLICATION 2] with text that begins as bzip2's magic does.
            [0x42, 0x5a] + Array("h9 and no block follows this here".utf8),
        ] {
            let opened = try open(octets: octets)
            #expect(opened.octets == octets)
            #expect(opened.layers.isEmpty)
        }
    }
}

/// Hands out a few octets at a time.
final class Trickle: ByteProducer {
    private let octets: [UInt8]
    private let step: Int
    private var at = 0

    init(_ octets: [UInt8], step: Int) {
        self.octets = octets
        self.step = step
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteIOError) -> Int {
        let count = min(step, octets.count - at, buffer.count)
        // So many octets are left and have room.
        unsafe buffer.copyBytes(from: octets[at..<at + count])
        at += count
        return count
    }
}
