import Foundation
import TestSupport
import Testing

/// Whole files, through the program, and back by the programs that made them.
@Suite("Containers")
struct ContainerTests {
    private static func path(_ name: String) -> String {
        Fixture.path("containers/" + name).replacingOccurrences(of: ".mig", with: "")
    }

    private static let images =
        ["raw", "gzip", "bzip2", "xz", "zstd"].flatMap {
            ["little-\($0).libvirt", "big-\($0).libvirt"]
        } + ["plain.libvirt", "odd.libvirt"]

    @Test(
        "A libvirt image goes to BER and back to the octet, by file and by pipe",
        arguments: images, ["3", "4"])
    func libvirt(name: String, version: String) throws {
        let path = Self.path(name)
        let image = try contents(of: path)
        let ber = try berth("encode", "-q", "--schema-version", version, path)
        try succeed(ber)
        let piped = try berth("encode", "-q", "--schema-version", version, input: .file(path))
        #expect(piped.output == ber.output)
        let streamed = try berth(
            "encode", "-q", "--schema-version", version, input: .pipe(image))
        #expect(streamed.output == ber.output)
        let back = try berth("decode", "--container", input: .pipe(ber.output))
        try succeed(back)
        #expect(back.output == image)
        let stream = try berth("decode", input: .pipe(ber.output))
        #expect(stream.output == (try Fixture.octets("avr-uno-7.2")))
        #expect(try berth("validate", "-q", input: .pipe(ber.output)).status == 0)
    }

    @Test("An image comes out uncompressed, with a header that says so")
    func uncompressed() throws {
        for keeping in ["usual", "all", "none"] {
            let ber = try berth(
                "encode", "-q", "--keep-container", keeping, Self.path("big-xz.libvirt"))
            let back = try berth(
                "decode", "--container", "--uncompressed", input: .pipe(ber.output))
            if keeping == "none" {
                #expect(back.status == 2)
                #expect(back.error.contains("expected a container that was kept, found none"))
            } else {
                // The image that was written with format 0 at once.
                #expect(back.output == (try contents(of: Self.path("big-raw.libvirt"))))
            }
        }
    }

    @Test("Compressed octets of another stream are not written as the image")
    func changed() throws {
        let folder = try TemporaryFolder()
        var ber = try berth("encode", "-q", Self.path("little-gzip.libvirt")).output
        // `length`, an INTEGER of 11027, and `crc` behind it: of the compressed octets' stream.
        let length = octets("0202 2b13 0404")
        let at = try #require(
            ber.indices.dropLast(6).last { Array(ber[$0..<$0 + 6]) == length })
        ber[at + 6] ^= 1
        // The checkpoint that would tell of it comes later.
        let outcome = try berth(
            "decode", "--container", "-o", folder.file("out"), input: .pipe(ber))
        #expect(outcome.status == 2)
        #expect(outcome.error.contains("expected compressed octets of this stream: 11027 octets"))
        #expect(try folder.names == [])
    }

    @Test("info tells a chain of containers, and nothing that is in the XML")
    func told() throws {
        let outcome = try berth("info", Self.path("little-gzip.libvirt"))
        try succeed(outcome)
        #expect(outcome.lines[0] == "container        libvirt save image")
        #expect(outcome.lines.contains("container        gzip"))
        #expect(outcome.lines.contains("kind             binary stream"))
        #expect(!outcome.text.contains("secret"))
        let json = try Summary(try berth("info", "--json", Self.path("nested.xz")))
        let kinds = (json["containers"] as? [[String: Any]])?.compactMap { $0["kind"] as? String }
        #expect(kinds == ["xz", "zstd", "gzip"])
    }

    @Test("A snapshot of a disk image is encoded; the image can't be written again")
    func snapshot() throws {
        let ber = try berth("encode", "--snapshot", "s1", Self.path("deflate.qcow2"))
        try succeed(ber)
        let stream = try berth("decode", input: .pipe(ber.output))
        #expect(stream.output == (try Fixture.octets("avr-uno-7.2")))
        let back = try berth("decode", "--container", input: .pipe(ber.output))
        #expect(back.status == 2)
        #expect(back.error.contains("found snapshot 1 of a disk image"))
        let info = try berth("info", input: .pipe(ber.output))
        #expect(info.lines.contains("kept container   qcow2 image"))
        let wrong = try berth("info", "--snapshot", "s2", Self.path("deflate.qcow2"))
        #expect(wrong.status == 2)
        #expect(wrong.lines[0] == "container        qcow2 image")
        #expect(wrong.error.contains("hint: --snapshot takes one of: 1 (s1)"))
    }

    @Test("Compression around a file is kept when that is asked for")
    func around() throws {
        let path = Self.path("one.zstd")
        let ber = try berth("encode", "--keep-container", "all", path)
        let back = try berth("decode", "--container", input: .pipe(ber.output))
        #expect(back.output == (try contents(of: path)))
        let plain = try berth("encode", path)
        #expect(plain.output == (try berth("encode", Fixture.path("avr-uno-7.2")).output))
    }

    @Test("A libvirt image in version 4 begins as format-v4.md shows")
    func golden() throws {
        let image =
            Array("LibvirtQemudSave".utf8)
            + octets("02000000 05000000 01000000 00000000 00000000")
            + [UInt8](repeating: 0, count: 56) + Array("<x/>\u{0}".utf8)
        let ber = try berth("encode", input: .pipe(image + SmallStream.octets))
        try succeed(ber)
        let container = octets(
            """
            a21f a11d 010100 010100 020102 020101 020100 020100
            3009 80043c782f3e 820101
            """)
        // Behind the outer head (5), the version (3), the stream's head (2), fileversion (3) and
        // producer (13).
        #expect(Array(ber.output[26..<26 + container.count]) == container)
    }
}
