import Foundation
import Migration
import TestSupport
import Testing

/// `encode`, `decode` and `info` with several channels.
@Suite("Channels on the command line")
struct ChannelCommandTests {
    private static let names = ChannelFixture.migrations[0]
    private static func path(_ name: String) -> String { Fixture.path("Channels/" + name) }
    private static let paths = names.map(path)

    private func encoded(_ folder: TemporaryFolder, _ more: String...) throws -> String {
        let ber = folder.file("vm.ber")
        try succeed(
            berth(
                ["encode", Self.paths[0], "--channel", Self.paths[1], "--channel", Self.paths[2]]
                    + more + ["-o", ber]))
        return ber
    }

    @Test(
        "A migration of several files goes into one and comes back",
        arguments: ChannelFixture.migrations)
    func together(names: [String]) throws {
        let folder = try TemporaryFolder()
        let paths = names.map(Self.path)
        let ber = folder.file("vm.ber")
        try succeed(
            berth(["encode", paths[0], "-o", ber] + paths[1...].flatMap { ["--channel", $0] }))
        let outputs = names.map { folder.file($0) }
        try succeed(
            berth(["decode", ber, "-o", outputs[0]] + outputs[1...].flatMap { ["--channel", $0] }))
        for (path, output) in zip(paths, outputs) {
            #expect(try contents(of: path) == contents(of: output))
        }
        let outcome = try berth("validate", ber)
        #expect(outcome.status == 0)
    }

    @Test(
        "A channel alone goes through, named and by pipe, and its kind is told",
        arguments: ChannelFixture.allCases)
    func alone(fixture: ChannelFixture) throws {
        let octets = try fixture.octets()
        let named = try berth("encode", fixture.path)
        let piped = try berth("encode", input: .pipe(octets))
        #expect(named.output == piped.output)
        #expect(named.status == 0)
        #expect(try berth("decode", input: .pipe(named.output)).output == octets)
        let info = try Summary(try berth("info", "--json", fixture.path))
        let channels = try info.list("channels")
        #expect(channels.map { $0["kind"] as? String } == [fixture.kind.rawValue])
        #expect(info["streamVersion"] as? Int == 0)
        #expect(info["isWhole"] as? Bool == true)
    }

    @Test("Version 3 has no place for channels")
    func version3() throws {
        let folder = try TemporaryFolder()
        let out = folder.file("out")
        for arguments in [
            [Self.paths[1]], [Self.paths[0], "--channel", Self.paths[1]],
        ] {
            let outcome = try berth(["encode", "--schema-version", "3", "-o", out] + arguments)
            #expect(outcome.status == 2)
            #expect(
                outcome.error.hasSuffix(
                    "hint: version 3 has no place for channels: leave --schema-version 3 away\n"))
        }
        #expect(try folder.names == [])
    }

    @Test("Outputs must be as many as channels; no file appears if not")
    func count() throws {
        let folder = try TemporaryFolder()
        let ber = try encoded(folder)
        for (outputs, found) in [([], 0), (["a"], 1), (["a", "b", "c"], 3)] {
            let outcome = try berth(
                ["decode", ber, "-o", folder.file("main")]
                    + outputs.flatMap { ["--channel", folder.file($0)] })
            #expect(
                outcome.error == """
                    berth: \(ber): unsupported: expected 2 outputs for channels, found \(found)
                    hint: the file has 2 channels beside the main one: name an output for each \
                    with --channel

                    """)
            #expect(outcome.status == 2)
            #expect(try folder.names == ["vm.ber"])
        }
    }

    @Test("Two outputs of one file are refused, however their paths are spelled")
    func sameOutput() throws {
        let folder = try TemporaryFolder()
        let ber = try encoded(folder)
        let (first, second) = (folder.file("first"), folder.file("second"))
        // Other names of "first": through the folder, and by a link to what is not there yet.
        let detour = folder.file("./first")
        let link = try folder.store([1], as: "linked")
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link"), withDestinationPath: link)
        let before = try folder.names
        for (main, channels, message) in [
            (first, [detour, second], "-o and --channel want different files."),
            (folder.file("link"), [second, link], "-o and --channel want different files."),
            (first, [second, folder.file("./second")], "--channel wants another file each time."),
            (first, [link, folder.file("link")], "--channel wants another file each time."),
        ] {
            let outcome = try berth(
                ["decode", ber, "-o", main] + channels.flatMap { ["--channel", $0] })
            #expect(outcome.status == 64)
            #expect(outcome.error.contains(message), "\(outcome.error)")
            #expect(try folder.names == before)
        }
        // Standard output, opened as the shell's `>` does: a channel would take its name away.
        let outcome = try berth(
            ["decode", ber, "--channel", detour, "--channel", link], output: .file(link))
        #expect(outcome.status == 64)
        #expect(try contents(of: link) == [1])
        // What throws all away can't be confused, and a hard link is another name.
        try FileManager.default.linkItem(atPath: link, toPath: folder.file("hard"))
        try succeed(
            berth(
                "decode", ber, "-o", "/dev/null", "--channel", "/dev/null", "--channel",
                "/dev/null"))
        try succeed(
            berth("decode", ber, "-o", link, "--channel", folder.file("hard"), "--channel", second))
        #expect(try contents(of: link) == contents(of: Self.paths[0]))
        #expect(try contents(of: folder.file("hard")) == contents(of: Self.paths[1]))
    }

    @Test("An error names the file that it is in, with the offset there")
    func damaged() throws {
        let folder = try TemporaryFolder()
        var octets = try contents(of: Self.paths[2])
        // The version of the second packet, which begins behind the opening's 64 octets and the
        // first's 320 + 8 * 32.
        let at = 64 + 576 + 7
        octets[at] = 9
        let path = try folder.store(octets, as: "channel")
        let outcome = try berth(
            "encode", Self.paths[0], "--channel", Self.paths[1], "--channel", path, "-o",
            folder.file("out"))
        #expect(
            outcome.error == """
                berth: \(path): offset 0x\(String(at - 3, radix: 16)): multifd: unsupported: \
                expected version 1 of multifd, found 9

                """)
        #expect(outcome.status == 2)
        #expect(try folder.names == ["channel"])
        let info = try berth("info", Self.paths[0], "--channel", path)
        #expect(info.error == outcome.error)
        #expect(info.status == 2)
    }

    @Test("A file that is no channel is refused by name, with what to do")
    func noChannel() throws {
        let folder = try TemporaryFolder()
        let unknown = try folder.store([0x80, 1, 2, 3, 4, 5, 6, 7], as: "x")
        for (path, text) in [
            (
                unknown,
                """
                berth: \(unknown): this is no channel that could be told by its content
                hint: KIND:FILE says what it is, as in: --channel preempt:\(unknown)

                """
            ),
            (
                Self.paths[0],
                """
                berth: \(Self.paths[0]): this is a binary stream
                hint: the main channel is the input itself; --channel is for those beside it

                """
            ),
            (
                folder.file("none"),
                """
                berth: cannot open \(folder.file("none")): No such file or directory

                """
            ),
        ] {
            let outcome = try berth(
                "encode", Self.paths[0], "--channel", path, "-o", folder.file("out"))
            #expect(outcome.error == text)
            #expect(outcome.status == 2)
        }
        #expect(try folder.names == ["x"])
        #expect(try berth("encode", Self.paths[0], "--channel", "-").status == 64)
        #expect(try berth("decode", unknown, "--channel", "a", "--channel", "a").status == 64)
    }

    @Test("A BER file can't take more channels")
    func berWithChannels() throws {
        let folder = try TemporaryFolder()
        let ber = try encoded(folder)
        let outcome = try berth("encode", ber, "--channel", Self.paths[1], "-o", folder.file("out"))
        #expect(
            outcome.error.contains("expected a main channel as QEMU wrote it, found a BER file"))
        #expect(outcome.status == 2)
    }

    @Test("The kind can be stated where octets don't tell it")
    func stated() throws {
        // An empty preempt channel: nothing was asked for.
        let folder = try TemporaryFolder()
        let empty = try folder.store([], as: "empty")
        #expect(try berth("encode", Self.paths[0], "--channel", empty).status == 2)
        let ber = folder.file("vm.ber")
        try succeed(berth("encode", Self.paths[0], "--channel", "preempt:" + empty, "-o", ber))
        let (main, channel) = (folder.file("main"), folder.file("channel"))
        try succeed(berth("decode", ber, "-o", main, "--channel", channel))
        #expect(try contents(of: channel).isEmpty)
        #expect(try contents(of: main) == contents(of: Self.paths[0]))
        let alone = try berth("encode", "--kind", "return-path", empty)
        #expect(alone.status == 0)
        #expect(try berth("decode", input: .pipe(alone.output)).output == [])
        // And it is believed.
        #expect(try berth("encode", "--kind", "return-path", Self.paths[1]).status == 2)
    }

    @Test("Info counts packets, pages, messages and descriptors")
    func info() throws {
        // tricore: pages of 16 KiB, room for 32; see the fixture's octets.
        let folder = try TemporaryFolder()
        let ber = try encoded(folder)
        for arguments in [
            [ber], [Self.paths[0], "--channel", Self.paths[1], "--channel", Self.paths[2]],
        ] {
            let text = try berth(["info"] + arguments).text
            #expect(
                text.hasSuffix(
                    """

                    channel  kind     id  packets  syncs  zero  full  packed  payload  compression
                    1        multifd   0       11      3   196     0       0        0  none
                    2        multifd   1       11      3   197     0       0        0  none

                    """), "\(text)")
        }
        #expect(
            try berth("info", ChannelFixture.returnRecovery.path).text == """
                kind             return path
                size             683 octets
                main channel     none: it is in another file
                whole            yes

                channel  kind         id  packets  syncs  zero  full  packed  payload  compression
                1        return-path

                channel  message       count
                1        RECV_BITMAP       6
                1        RESUME_ACK        1
                1        REQ_PAGES_ID      1
                1        REQ_PAGES         1
                1        SHUT              1

                channel  received of                bitmap  pages
                1        pc.ram                 384 octets   2943
                1        /rom@etc/acpi/tables     8 octets      0
                1        pc.bios                  8 octets      0
                1        pc.rom                   8 octets      0
                1        /rom@etc/table-loader    8 octets      0
                1        /rom@etc/acpi/rsdp       8 octets      0

                """)
    }

    @Test("Dump tells a recovery's commands by their names in QEMU, and where its pages are")
    func dump() throws {
        let ber = try berth("encode", ChannelFixture.continued.path)
        let text = try berth("dump", "--format", "tree", input: .pipe(ber.output)).text
        #expect(text.contains("[0]: continued:"))
        // The first command is RECV_BITMAP of "pc.ram", the seventh POSTCOPY_RESUME.
        #expect(text.contains("code: 10 (recvBitmap)\n        payload: block: \"pc.ram\"\n"))
        #expect(text.contains("code: 9 (postcopyResume)\n"))
        #expect(text.contains("block: \"pc.ram\""))
    }

    @Test("JSON has each value of a channel under its key")
    func json() throws {
        let summary = try Summary(
            try berth("info", "--json", ChannelFixture.multifdZstd.path))
        let channel = try #require(try summary.list("channels").first)
        // Counted by a Python script from the octets.
        #expect(channel["packets"] as? Int == 17)
        #expect(channel["syncs"] as? Int == 3)
        #expect(channel["compression"] as? [String: Int] == ["zstd": 3])
        let cpr = try Summary(try berth("info", "--json", ChannelFixture.cprExec.path))
        let descriptors = try #require(
            try cpr.list("channels").first?["descriptors"] as? [[String: Any]])
        #expect(descriptors.count == 6)
        #expect(descriptors.last?["name"] as? String == "mem0")
        #expect(descriptors.last?["number"] as? Int == 10)
    }
}
