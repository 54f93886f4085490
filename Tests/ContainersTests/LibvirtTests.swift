import Containers
import Migration
import TestSupport
import Testing

@Suite("libvirt's save images")
struct LibvirtTests {
    static let formats = ["raw", "gzip", "bzip2", "xz", "lzop", "zstd"]
    static let names = formats.filter { $0 != "lzop" || ContainerFixture.hasLZO }.flatMap {
        ["little-\($0).libvirt", "big-\($0).libvirt"]
    }
    private static let xml =
        "<domain type='qemu'>\n  <name>grün</name>\n  <graphics passwd='secret'/>\n</domain>\n"

    private static var keeping: ContainerOptions {
        var options = ContainerOptions()
        options.keeping = .usual
        return options
    }

    private func image(_ opened: Opened) throws -> LibvirtImage {
        guard case .libvirt(let image) = opened.container else {
            throw MigrationError(.corrupt, expected: "an image", found: "none")
        }
        return image
    }

    @Test("The stream inside is found in either byte order and every compression", arguments: names)
    func opened(name: String) throws {
        let octets = try ContainerFixture.octets(name)
        let format = name.drop { $0 != "-" }.dropFirst().prefix { $0 != "." }
        for opened in [
            try open(octets: octets, Self.keeping), try open(file: octets, Self.keeping),
        ] {
            #expect(opened.octets == (try ContainerFixture.stream()))
            #expect(
                opened.layers.map(\.kind) == ["libvirt save image"]
                    + (format == "raw" ? [] : [String(format)]))
            let image = try image(opened)
            #expect(image.isBigEndian == name.hasPrefix("big"))
            #expect(image.version == 2)
            #expect(image.wasRunning == 1)
            #expect(LibvirtImage.formats[Int(image.format)] == format)
            #expect(image.cookieOffset == 83)
            // XML of 82 octets, its NUL, the cookie of 8, its NUL and 64 of padding.
            #expect(
                image.data == [
                    .xml(Array(Self.xml.utf8)), .zeros(1), .cookie(Array("<qemu/>\n".utf8)),
                    .zeros(65),
                ])
            #expect(image.octets == Array(octets[..<image.octets.count]))
            #expect(image.octets.count == 92 + 156)
        }
    }

    @Test("Odd headers and data come back to the octet", arguments: ["plain", "odd", "partial"])
    func odd(name: String) throws {
        let octets = try ContainerFixture.octets(name + ".libvirt")
        let opened = try open(octets: octets, Self.keeping)
        #expect(opened.octets == (try ContainerFixture.stream()))
        #expect(try image(opened).octets + opened.octets == octets)
    }

    @Test("Any data behind the header comes back to the octet", arguments: 1...40)
    func random(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 0...60, using: &generator)
        let data = (0..<count).map { _ in
            Bool.random(using: &generator) ? 0 : UInt8.random(in: 0...255, using: &generator)
        }
        let cookie = UInt32.random(in: 0...UInt32(count), using: &generator)
        let octets =
            LibvirtImage.magic + bigEndian(2 as UInt32) + bigEndian(UInt32(count))
            + bigEndian(0 as UInt32) + bigEndian(0 as UInt32) + bigEndian(cookie)
            + generator.octets(56) + data
        let opened = try open(octets: octets + (try ContainerFixture.stream()), Self.keeping)
        #expect(try image(opened).octets == octets)
        #expect(opened.octets == (try ContainerFixture.stream()))
    }

    @Test("The XML is told by its length and SHA-256 alone")
    func told() throws {
        let opened = try open(octets: try ContainerFixture.octets("little-raw.libvirt"))
        let layer = opened.layers[0]
        func detail(_ name: String) -> String? { layer.details.first { $0.name == name }?.value }
        #expect(detail("complete") == "yes")
        #expect(detail("XML") == "82 octets")
        // Of the XML without its NUL, by sha256sum.
        #expect(
            detail("XML SHA-256")
                == "60a774a1360a264b4d770ed9774f20e4cf4a062d11e11d8a4cfabd431af98192")
        #expect(detail("stream at") == "248")
        #expect(!layer.details.contains { $0.value.contains("secret") })
    }

    @Test("An image that libvirt did not finish is read, with a warning")
    func partial() throws {
        let warnings = Warnings()
        var options = ContainerOptions()
        options.warn = { warnings.add($0) }
        let opened = try open(octets: try ContainerFixture.octets("partial.libvirt"), options)
        #expect(opened.octets == (try ContainerFixture.stream()))
        #expect(warnings.all.map(\.code) == [.partialContainer])
        #expect(opened.layers[0].details[0].value == "no: libvirt was still saving")
    }

    @Test("A header that can't be is refused at its octet")
    func damaged() throws {
        let whole = try ContainerFixture.octets("little-gzip.libvirt")
        func error(_ at: Int, _ new: [UInt8]) throws -> MigrationError {
            var octets = whole
            octets.replaceSubrange(at..<at + new.count, with: new)
            return try #require(try fault(octets))
        }
        let version = try error(16, octets("04030000"))
        #expect(version.code == .unsupported && version.offset == 16)
        let length = try error(20, octets("00000001 "))
        #expect(length.code == .truncated && length.offset == UInt64(whole.count))
        let huge = try error(20, octets("01000001"))
        #expect(huge.code == .limit && huge.offset == 20)
        let format = try error(28, octets("07000000"))
        #expect(format.code == .unsupported && format.offset == 28)
        #expect(format.expected == "format 0 to 6" && format.found == "7")
        let cookie = try error(32, octets("9d000000"))
        #expect(cookie.code == .corrupt && cookie.offset == 32)
        // The header says zstd, gzip follows.
        let other = try error(28, octets("05000000"))
        #expect(other.code == .corrupt && other.offset == 248)
        #expect(other.expected == "the stream, packed by zstd as the header says")
    }

    @Test("An image that is cut off is told where it ends")
    func truncated() throws {
        let whole = try ContainerFixture.octets("big-gzip.libvirt")
        for count in [16, 40, 91, 92, 200, 247, 248, 300, whole.count - 1] {
            let error = try #require(try fault(Array(whole[..<count])), "\(count)")
            #expect(error.code == .truncated)
            // Within the compressed data the offset counts from its start, at 248.
            #expect(error.offset == UInt64(error.path == "gzip" ? count - 248 : count))
        }
    }
}
