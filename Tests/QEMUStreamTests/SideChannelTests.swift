import ByteIO
import Migration
import QEMUStream
import TestSupport
import Testing

/// The channels without packets: return path (reference, 2.5), preempt (5.5), the connection after
/// a recovery (2.4), CPR state (5.6).
@Suite("Channels: others")
struct SideChannelTests {
    private func lines(
        _ octets: [UInt8], _ kind: ChannelKind, pageSize: UInt64? = 4096,
        context: StreamContext = StreamContext(), warnings: Warnings = Warnings()
    ) throws -> [String] {
        let lines = try channelEvents(
            ByteSource(octets: octets), kind, pageSize: pageSize, context: context,
            warnings: warnings)
        #expect(lines.first?.hasPrefix("channel \(kind.rawValue)") == true)
        return Array(lines.dropFirst())
    }

    private func error(
        _ octets: [UInt8], _ kind: ChannelKind, context: StreamContext = StreamContext()
    ) -> MigrationError? {
        #expect(throws: MigrationError.self) {
            try channelEvents(
                ByteSource(octets: octets), kind, pageSize: 4096, context: context)
        }
    }

    // MARK: Return path

    @Test("Messages of each type are told with what they say")
    func messages() throws {
        let start = bigEndian(0x12_3000 as UInt64) + bigEndian(0x2000 as UInt32)
        var octets = Return.message(2, bigEndian(0x42 as UInt32)) + Return.message(7, [])
        octets += Return.message(3, start + StreamBuilder.counted("pc.ram"))
        octets += Return.message(4, start) + Return.bitmap("rom", [1, 2, 3, 4, 5, 6, 7, 8])
        octets += Return.message(6, bigEndian(1 as UInt32)) + Return.message(9, [0xaa])
        octets += Return.message(1, bigEndian(0 as UInt32)) + bigEndian(5 as UInt32)
        #expect(
            try lines(octets, .returnPath) == [
                "pong(66)", "switchoverAck",
                #"requestPages(start: 1191936, length: 8192, block: Optional("pc.ram"))"#,
                "requestPages(start: 1191936, length: 8192, block: nil)", "bitmap of rom: 8",
                "opaque 0102030405060708", "end of bitmap", "resumeAck(1)",
                "other(type: 9, data: [170])", "shut(0)", "colo(5)", "end of channel",
            ])
    }

    @Test("A return path that breaks off inside a message is told up to there, with a warning")
    func cutReturnPath() throws {
        let octets =
            Return.message(2, bigEndian(1 as UInt32))
            + Return.message(3, octets("00000000 00001000"))
        for count in [9, 11, 12, 15] {
            let warnings = Warnings()
            let rest = Array(octets.prefix(count))
            // The second message's length is no such message's: it must not be there to be seen.
            guard count < 12 else { continue }
            #expect(
                try lines(rest, .returnPath, warnings: warnings) == [
                    "pong(1)", "cut \(hex(rest[8...]))", "end of channel",
                ])
            #expect(warnings.all.map(\.code) == [.cutConnection])
            #expect(warnings.all.first?.offset == UInt64(count))
        }
        let pong = Return.message(2, bigEndian(1 as UInt32))
        #expect(
            try lines(pong + pong.prefix(6), .returnPath) == [
                "pong(1)", "cut 000200040000", "end of channel",
            ])
    }

    @Test("A bitmap that breaks off is told as far as it came")
    func cutBitmap() throws {
        let whole = Return.bitmap("b", [UInt8](repeating: 0xff, count: 16))
        let bits = 4 + 2 + 8
        #expect(
            try lines(Array(whole.prefix(bits + 5)), .returnPath) == [
                "bitmap of b: 16", "opaque ffffffffff", "bitmap cut off", "cut ", "end of channel",
            ])
        #expect(
            try lines(Array(whole.prefix(bits + 16 + 3)), .returnPath) == [
                "bitmap of b: 16", "opaque \(String(repeating: "ff", count: 16))",
                "bitmap cut off", "cut 012345", "end of channel",
            ])
        #expect(
            try lines(Array(whole.prefix(bits - 1)), .returnPath) == [
                "cut \(hex(whole.prefix(bits - 1)))", "end of channel",
            ])
    }

    @Test("What no message can be is corrupt, at its offset")
    func corruptReturnPath() {
        let pong = Return.message(2, bigEndian(1 as UInt32))
        // A PONG has four octets, a type of 600 is none, COLO has words up to 6.
        for wrong in [
            Return.message(2, [1, 2, 3]), Return.message(600, []),
            Return.message(9, .init(repeating: 0, count: 513)),
            bigEndian(7 as UInt32), Return.message(4, .init(repeating: 0, count: 13)),
        ] {
            let error = error(pong + wrong + pong, .returnPath)
            #expect(error?.code == .corrupt && error?.offset == 8, "\(wrong)")
        }
        let name = Return.message(3, [UInt8](repeating: 0, count: 12) + [3, 0x61, 0x62])
        #expect(error(name, .returnPath)?.offset == 16)
        var bitmap = Return.bitmap("b", [UInt8](repeating: 0, count: 8))
        bitmap[bitmap.count - 1] ^= 1
        #expect(error(bitmap, .returnPath)?.offset == 4 + 2 + 8 + 8)
        bitmap = Return.bitmap("b", [UInt8](repeating: 0, count: 7))
        #expect(error(bitmap, .returnPath)?.offset == 4 + 2)
    }

    // MARK: Preempt

    @Test("A preempt channel is page records, with a mark at its end or without")
    func preempt() throws {
        let records =
            RAM.page(0x1000, "pc.ram", Samples.page(1)) + RAM.fill(0x2000)
            + RAM.page(0x8000, "rom", Samples.page(2))
        let expected = [
            "pages of 4096 in pc.ram", "  full 4096 x1 \(4095 + 0xfe)/fe", "  fill 8192 x1 00",
            "pages of 4096 in rom", "  full 32768 x1 \(2 * 4095 + 0xfd)/fd",
        ]
        #expect(try lines(records, .preempt) == expected + ["end of channel"])
        #expect(
            try lines(records + RAM.endOfSection, .preempt) == expected + ["end of channel, marked"]
        )
        #expect(try lines([], .preempt) == ["end of channel"])
    }

    @Test("The page size is found, if nobody tells it")
    func pageSize() throws {
        let records =
            RAM.page(0x4000, "a", Samples.page(1, size: 8192))
            + RAM.page(0x6000, nil, Samples.page(2, size: 8192))
        #expect(
            try lines(records, .preempt, pageSize: nil).first == "pages of 8192 in a")
    }

    @Test("A preempt channel that breaks off inside a record is told up to there")
    func cutPreempt() throws {
        let page = RAM.page(0x1000, "a", Samples.page(1))
        for count in [1, 7, 8, 9, 10, 11, 4000] {
            let warnings = Warnings()
            let second = Array(RAM.page(0x2000, "b", Samples.page(2)).prefix(count))
            let lines = try lines(page + second, .preempt, warnings: warnings)
            #expect(lines.suffix(2) == ["cut \(hex(second))", "end of channel"])
            #expect(warnings.all.map(\.code) == [.cutConnection])
        }
    }

    @Test("Other records than pages are corrupt, and so is what follows the mark")
    func corruptPreempt() {
        let page = RAM.fill(0x1000, "a")
        for word in [RAM.hook, RAM.flush, bigEndian(0x4004 as UInt64), bigEndian(0x1001 as UInt64)]
        {
            let error = error(page + word, .preempt)
            #expect(error?.code == .corrupt && error?.offset == UInt64(page.count))
        }
        #expect(error(RAM.endOfSection + page, .preempt)?.offset == 8)
        // The first record must name its block.
        #expect(error(RAM.fill(0x1000), .preempt)?.offset == 0)
        var context = StreamContext()
        context.blocks = [RAMBlock(name: "b", length: 0x1000)]
        #expect(error(page, .preempt, context: context)?.found == "\"a\"")
        #expect(error(RAM.fill(0x1000, "b"), .preempt, context: context)?.code == .corrupt)
    }

    // MARK: Continued

    private static let continued: [UInt8] = {
        var stream = StreamBuilder(header: false)
        stream.command(10, StreamBuilder.counted("pc.ram"))
        stream.command(9)
        stream.goOn(2, 2, RAM.fill(0x1000, "pc.ram") + RAM.endOfSection)
        stream.goOn(3, 2, RAM.fill(0x2000) + RAM.endOfSection)
        stream.end()
        return stream.octets
    }()

    @Test("A connection after a recovery is items; its RAM is told by its records")
    func continued() throws {
        #expect(
            try lines(Self.continued, .continued) == [
                "command 10 0670632e72616d", "command 9 ", "part 2 ram 0 v4: ram @17",
                "pages of 4096 in pc.ram", "  fill 4096 x1 00", "footer", "end 2 ram 0 v4: ram @51",
                "pages of 4096 in (pc.ram)", "  fill 8192 x1 00", "footer", "end of stream",
                "end of channel",
            ])
    }

    @Test("With the main channel its sections and blocks hold")
    func continuedWithMain() throws {
        var context = StreamContext()
        context.started = [
            2: SectionHeader(
                kind: .start, sectionID: 2, name: "ram", instanceID: 0, versionID: 4)
        ]
        context.blocks = [RAMBlock(name: "pc.ram", length: 0x3000)]
        #expect(try lines(Self.continued, .continued, context: context).count == 12)
        context.blocks = [RAMBlock(name: "pc.ram", length: 0x2000)]
        // The second page ends behind the block; its record stands behind the END's five octets.
        #expect(error(Self.continued, .continued, context: context)?.offset == 51 + 5)
        context.blocks = [RAMBlock(name: "rom", length: 0x3000)]
        #expect(error(Self.continued, .continued, context: context)?.code == .corrupt)
    }

    @Test("It may break off anywhere, as any connection of post-copy may")
    func cutContinued() throws {
        for count in 1..<Self.continued.count - 1 {
            let warnings = Warnings()
            _ = try lines(Array(Self.continued.prefix(count)), .continued, warnings: warnings)
            #expect(warnings.all.map(\.code).contains(.cutConnection), "\(count)")
        }
    }

    @Test("A section that no START began and that is no RAM is corrupt")
    func unknownSection() {
        var stream = StreamBuilder(header: false)
        stream.command(9)
        stream.goOn(2, 7, [0x20, 1, 2, 3, 4, 5, 6, 7])
        let error = error(stream.octets, .continued)
        #expect(error?.code == .corrupt)
        #expect(error?.offset == 5 + 1)
    }

    // MARK: CPR

    private static let head = octets("51435052 00000001")

    @Test("Descriptors that go beside the octets, and those that stand among them (5.6)")
    func descriptors() throws {
        func entry(_ name: String, _ id: Int32, _ tail: [UInt8]) -> [UInt8] {
            let text = Array(name.utf8) + [0]
            return [1] + bigEndian(UInt32(text.count)) + text + bigEndian(id) + tail
        }
        let transfer = Self.head + entry("mem0", 0, [0x20]) + entry("tap", -1, [0x20]) + [0]
        #expect(
            try lines(transfer, .cprState) == [
                "descriptor mem0 0", "descriptor tap -1", "end of descriptors", "end of channel",
            ])
        let exec = Self.head + entry("mem0", 3, bigEndian(17 as Int32)) + [0]
        #expect(
            try lines(exec, .cprState) == [
                "descriptor mem0 3 number 17", "end of descriptors", "end of channel",
            ])
        let subsection = StreamBuilder.subsection("CprState/x", [0])
        #expect(
            try lines(exec + subsection, .cprState).suffix(2) == [
                "cut \(hex(subsection))", "end of channel",
            ])
        #expect(try lines(Self.head + [0], .cprState) == ["end of descriptors", "end of channel"])
        // What is no such list is kept as it is.
        #expect(
            try lines(Self.head + [1, 2, 3], .cprState) == ["cut 010203", "end of channel"])
        #expect(try lines(Self.head, .cprState) == ["end of channel"])
    }

    @Test("A CPR state begins with its magic and version")
    func corruptCPR() {
        #expect(error(octets("51435053 00000001"), .cprState)?.code == .corrupt)
        for count in 0..<8 {
            #expect(error(Array(Self.head.prefix(count)), .cprState)?.code == .truncated)
        }
    }
}
