import TestSupport
import Testing

@Suite("ram extract")
struct RAMExtractTests {
    private static let page = 4096

    private static func pages(_ fills: UInt8...) -> [UInt8] {
        fills.flatMap { Array(repeating: $0, count: page) }
    }

    /// Two blocks; pages that are sent again, by difference and as zeros; one never sent.
    private static var stream: [UInt8] {
        var builder = StreamBuilder()
        builder.startRAM(
            2, RAM.blocks([("m", 0x4000), ("rom", 0x1000)]) + RAM.endOfSection)
        builder.goOn(
            2, 2,
            RAM.page(0, "m", pages(0x11)) + RAM.page(0x1000, nil, pages(0x22))
                + RAM.fill(0x2000, nil, 0x33) + RAM.fill(0, "rom", 0)
                + RAM.endOfSection)
        builder.goOn(
            3, 2,
            // 2 octets stay, 1 is new.
            RAM.xbzrle(0, "m", [2, 1, 0x99]) + RAM.fill(0x1000) + RAM.endOfSection)
        builder.end()
        return builder.octets
    }

    private static var block: [UInt8] {
        var octets = pages(0x11, 0, 0x33, 0)
        octets[2] = 0x99
        return octets
    }

    @Test("The last state of each page counts, and blocks stand one behind the other")
    func all() throws {
        let folder = try TemporaryFolder()
        let image = folder.file("image")
        let outcome = try berth(
            "ram", "extract", try folder.store(Self.stream, as: "a"), "-o", image)
        #expect(outcome.text == "0x0 0x4000 m\n0x4000 0x1000 rom\n")
        #expect(try contents(of: image) == Self.block + Self.pages(0))
    }

    @Test("One block is taken by its name, from BER as from the stream", arguments: ["3", "4"])
    func one(version: String) throws {
        let folder = try TemporaryFolder()
        let ber = folder.file("a.ber")
        try succeed(
            berth(
                "encode", "--schema-version", version, try folder.store(Self.stream, as: "a"),
                "-o", ber))
        let image = folder.file("image")
        let outcome = try berth("ram", "extract", "--block", "m", ber, "-o", image, "--json")
        #expect(
            outcome.text == """
                [
                  {
                    "length" : 16384,
                    "name" : "m",
                    "offset" : 0
                  }
                ]

                """)
        #expect(try contents(of: image) == Self.block)
    }

    @Test("A block that is not there is told with those that are, and no file appears")
    func unknown() throws {
        let folder = try TemporaryFolder()
        let path = try folder.store(Self.stream, as: "a")
        let outcome = try berth(
            "ram", "extract", path, "--block", "n", "-o", folder.file("image"))
        #expect(outcome.status == 2)
        #expect(outcome.error == "berth: \(path): no RAM block \"n\"\nhint: there are: m, rom\n")
        #expect(try folder.names == ["a"])
    }

    @Test("A pipe is refused as an output")
    func pipe() throws {
        let folder = try TemporaryFolder()
        let outcome = try berth(
            "ram", "extract", try folder.store(Self.stream, as: "a"), "-o", "/dev/stdout")
        #expect(outcome.status == 64)
        #expect(outcome.error.contains("an image needs a regular file"))
    }

    @Test("A difference that does not fit its page is an error, and no file appears")
    func damaged() throws {
        let folder = try TemporaryFolder()
        var builder = StreamBuilder()
        builder.startRAM(2, RAM.blocks([("m", 0x1000)]) + RAM.endOfSection)
        builder.goOn(
            3, 2,
            RAM.page(0, "m", Self.pages(1)) + RAM.xbzrle(0, nil, [0xff, 0x7f, 1, 1])
                + RAM.endOfSection)
        builder.end()
        let outcome = try berth(
            "ram", "extract", try folder.store(builder.octets, as: "a"), "-o",
            folder.file("image"))
        #expect(outcome.status == 2)
        #expect(outcome.error.contains("ram/m: corrupt: expected an XBZRLE difference"))
        #expect(try folder.names == ["a"])
    }
}
