import TestSupport
import Testing

/// `berth edit` of mapped-ram streams. What is expected is built by hand (``MappedStream``); that QEMU takes such
/// files, Tests/Live/edit_test.py --mapped-ram shows.
@Suite("edit, mapped-ram")
struct EditMappedTests {
    private static func page(_ octet: UInt8) -> [UInt8] { Samples.page(octet, size: 256) }

    private static func blocks(first: MappedBlock) -> [MappedBlock] {
        [first, MappedBlock("rom", pages: 3, [1: page(9)])]
    }

    private static let first = MappedBlock("ram", pages: 70, [2: page(7), 65: page(8)])

    private static func stream(_ first: MappedBlock) -> [UInt8] {
        MappedStream(blocks(first: first), capabilities: ["mapped-ram"]).octets
    }

    /// Edits a stream, as it is or as BER; gives the stream that was written.
    private func edit(_ stream: [UInt8], _ form: String, _ arguments: [String]) throws -> [UInt8] {
        let folder = try TemporaryFolder()
        var input = try folder.store(stream, as: "in")
        if form == "BER" {
            try succeed(berth("encode", "-q", input, "-o", folder.file("ber")))
            input = folder.file("ber")
        }
        try succeed(berth(["edit", input, "-o", folder.file("out")] + arguments))
        guard form == "BER" else { return try contents(of: folder.file("out")) }
        return try berth("decode", folder.file("out")).output
    }

    @Test(
        "A block gets another name, and its bitmap moves with it",
        arguments: ["stream", "BER"], ["memory", "x"])
    func rename(form: String, name: String) throws {
        var renamed = Self.first
        renamed.name = name
        #expect(
            try edit(Self.stream(Self.first), form, ["--rename-block", "ram=\(name)"])
                == Self.stream(renamed))
    }

    @Test("A name so long that pages have to move", arguments: ["stream", "BER"])
    func longName(form: String) throws {
        var renamed = Self.first
        renamed.name = String(repeating: "n", count: 255)
        #expect(
            try edit(Self.stream(Self.first), form, ["--rename-block", "ram=\(renamed.name)"])
                == Self.stream(renamed))
    }

    @Test("A machine's name of another length", arguments: ["stream", "BER"])
    func machine(form: String) throws {
        // The builder's machine is "m", its name's length the four octets before it.
        let before = Self.stream(Self.first)
        let edited = try edit(before, form, ["--machine", "machine"])
        #expect(Array(edited[9..<20]) == [0, 0, 0, 7] + Array("machine".utf8))
        // All pages are where they were: the gap before them has become shorter.
        #expect(edited.count == before.count)
        #expect(edited[256...] == before[256...])
        for block in ["ram", "rom"] {
            let read = ["ram", "read", "-", "\(block)+0", "768", "-o", "-"]
            #expect(
                try berth(read, input: .pipe(edited)).output
                    == (try berth(read, input: .pipe(before)).output))
        }
    }

    @Test(
        "A block is made longer: its bitmap grows, the next block moves",
        arguments: ["stream", "BER"], [71, 128, 129, 1000])
    func longer(form: String, pages: Int) throws {
        var longer = Self.first
        // Lengths are whole KiB.
        longer.pages = (pages + 3) / 4 * 4
        #expect(
            try edit(
                Self.stream(Self.first), form, ["--resize-block", "ram=\(longer.pages * 256)"])
                == Self.stream(longer))
    }

    @Test("A block is made shorter where it holds zeros", arguments: ["stream", "BER"])
    func shorter(form: String) throws {
        let long = MappedBlock("ram", pages: 200, [2: Self.page(7)])
        var short = long
        short.pages = 64
        #expect(
            try edit(Self.stream(long), form, ["--resize-block", "ram=16384"])
                == Self.stream(short))
    }

    @Test("A block that holds something behind its new end stays as it is")
    func content() throws {
        let folder = try TemporaryFolder()
        let input = try folder.store(Self.stream(Self.first), as: "in")
        for length in ["16384", "4096"] {
            let outcome = try berth(
                "edit", input, "-o", folder.file("out"), "--resize-block", "ram=\(length)")
            #expect(outcome.status == 2)
            #expect(outcome.error.contains("nothing but zeros behind the block's new end"))
        }
        #expect(try folder.names == ["in"])
    }

    @Test("Lengths come before the blocks, so a pipe can't have them changed")
    func pipe() throws {
        let folder = try TemporaryFolder()
        let outcome = try berth(
            ["edit", "-", "-o", folder.file("out"), "--resize-block", "ram=32768"],
            input: .pipe(Self.stream(Self.first)))
        #expect(outcome.status == 2)
        #expect(outcome.error.contains("give the stream as a file"))
        #expect(try folder.names == [])
    }

    @Test("Two blocks of one name are refused")
    func sameName() throws {
        let folder = try TemporaryFolder()
        let outcome = try berth(
            ["edit", "-", "-o", folder.file("out"), "--rename-block", "ram=rom"],
            input: .pipe(Self.stream(Self.first)))
        #expect(outcome.status == 2)
        #expect(outcome.error.contains("two blocks of one name"))
    }
}
