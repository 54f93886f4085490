import TestSupport
import Testing

/// `berth edit` of BER files that hold channels beside the main one.
@Suite("edit, with channels")
struct EditChannelTests {
    private static let name = "tricore-testboard-multifd-11.1"
    private static let channels = ["ch1", "ch2"]

    private func recording(_ channel: String) throws -> [UInt8] {
        try contents(of: Fixture.path("Channels/\(Self.name).\(channel)"))
    }

    /// The migration as a BER file.
    private func encoded(into file: String) throws {
        func path(_ channel: String) -> String {
            Fixture.path("Channels/\(Self.name).\(channel)")
        }
        try succeed(
            berth(
                ["encode", "-q", path("ch0"), "-o", file]
                    + Self.channels.flatMap { ["--channel", path($0)] }))
    }

    /// Encodes the migration, edits it, and brings its channels back.
    private func edited(_ arguments: String...) throws -> (main: [UInt8], others: [[UInt8]]) {
        let folder = try TemporaryFolder()
        try encoded(into: folder.file("a.ber"))
        try succeed(
            berth(["edit", folder.file("a.ber"), "-o", folder.file("b.ber")] + arguments))
        try succeed(
            berth(
                ["decode", folder.file("b.ber"), "-o", folder.file("main")]
                    + Self.channels.flatMap { ["--channel", folder.file($0)] }))
        return (
            try contents(of: folder.file("main")),
            try Self.channels.map { try contents(of: folder.file($0)) }
        )
    }

    @Test("What is edited in the main channel leaves the others as they are")
    func device() throws {
        let (main, others) = try edited("--set", "timer.cpu_ticks_offset=0x1122334455667788")
        #expect(others == [try recording("ch1"), try recording("ch2")])
        let before = try recording("ch0")
        let changed = before.indices.filter { main[$0] != before[$0] }
        #expect(main.count == before.count)
        #expect(changed.count <= 8 && changed.last! - changed.first! < 8)
    }

    @Test("A block gets its new name in all packets")
    func rename() throws {
        // A name of the same length: all that is not the name stays where it is.
        let old = Array("powerlink_ext_d.ram".utf8)
        let new = Array("powerlink_EXT_D.ram".utf8)
        let (main, others) = try edited(
            "--rename-block", "powerlink_ext_d.ram=powerlink_EXT_D.ram")
        for (found, channel) in zip(
            [main] + others, ["ch0"] + Self.channels)
        {
            var expected = try recording(channel)
            var count = 0
            for at in 0...expected.count - old.count
            where Array(expected[at..<at + old.count]) == old {
                expected.replaceSubrange(at..<at + old.count, with: new)
                count += 1
            }
            #expect(count > 0)
            #expect(found == expected)
        }
    }

    @Test("A block that a packet has pages of behind the new end stays as it is")
    func shorter() throws {
        let folder = try TemporaryFolder()
        try encoded(into: folder.file("a.ber"))
        let outcome = try berth(
            "edit", folder.file("a.ber"), "-o", folder.file("b.ber"), "--resize-block",
            "powerlink_ext_d.ram=1048576")
        #expect(outcome.status == 2)
        #expect(outcome.error.contains("a channel's packet has pages behind the new end"))
        #expect(try folder.names == ["a.ber"])
    }
}
