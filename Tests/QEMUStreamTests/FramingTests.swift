import ByteIO
import Migration
import TestSupport
import Testing

/// Header, configuration, sections, commands, end (reference, sections 1 and 2).
@Suite("Binary stream: framing")
struct FramingTests {
    /// The error that reading meets; and the stream must not come out whole.
    private func failure(
        _ octets: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
    ) -> MigrationError? {
        do {
            let lines = try events(octets)
            Issue.record("no error but \(lines)", sourceLocation: sourceLocation)
            return nil
        } catch { return error }
    }

    @Test("Header and end mark alone are a stream")
    func minimal() throws {
        #expect(
            try events(octets("51 45 56 4d 00000003 00")) == ["begin 3", "end of stream", "end"])
    }

    @Test("The reference's annotated example is told as annotated (B.1, B.2)")
    func annotated() throws {
        let stream = octets(
            """
            51454 564d 00000003 07 0000000d 70632d693434 3066782d372e32 ; pc-i440fx-7.2
            01 00000002 03 72616d 00000000 00000004
               0000000000002004 06 70632e72616d 0000000000002000 0000000000000010
            7e 00000002
            02 00000002 0000000000000002 06 70632e72616d 00 0000000000001022 00
               0000000000000010 7e 00000002
            03 00000002 0000000000000010 7e 00000002
            04 00000000 05 74696d6572 00000000 00000002
               000102030405060708090a0b0c0d0e0f1011121314151617 7e 00000000
            00
            """.replacing("51454 564d", with: "5145564d"))
        #expect(
            try events(stream) == [
                "begin 3", "configuration pc-i440fx-7.2 {}", "start 2 ram 0 v4: ram @26",
                "block pc.ram 8192", "footer", "part 2 ram 0 v4: ram @79",
                "pages of 4096 in pc.ram", "  fill 0 x2 00", "footer",
                "end 2 ram 0 v4: ram @122", "footer", "full 0 timer 0 v2: opaque 24 @140",
                "opaque 000102030405060708090a0b0c0d0e0f1011121314151617", "footer",
                "end of stream", "end",
            ])
        #expect(try rewrite(ByteSource(octets: stream)) == stream)
    }

    @Test("Zeros before the header are kept (file:…,offset=)")
    func leadingZeros() throws {
        let stream = [UInt8](repeating: 0, count: 5000) + octets("5145564d 00000003 00")
        #expect(try events(stream).first == "begin 3 behind 5000 zeros")
        #expect(try rewrite(ByteSource(octets: stream)) == stream)
    }

    @Test(
        "What is no stream is told from what is cut",
        arguments: [
            ("", MigrationError.Code.truncated, 0), ("000000", .truncated, 3),
            ("5145", .truncated, 2), ("5145564d 000000", .truncated, 7),
            ("5145564d 00000003", .truncated, 8), ("7f454c46 0201010000", .unsupported, 0),
            ("00 5145564e 00000003 00", .unsupported, 1),
            ("5145564d 00000002 00", .unsupported, 4),
        ])
    func header(_ hexOctets: String, _ code: MigrationError.Code, _ offset: UInt64) {
        let error = failure(octets(hexOctets))
        #expect(error?.code == code && error?.offset == offset)
    }

    @Test("The configuration's known subsections are typed (1.6)")
    func configuration() throws {
        var stream = StreamBuilder()
        let names = StreamBuilder.counted("x-ignore-shared") + StreamBuilder.counted("auto")
        stream.configuration(
            "virt-7.2",
            subsections: StreamBuilder.subsection(
                "configuration/target-page-bits", bigEndian(12 as UInt32))
                + StreamBuilder.subsection(
                    "configuration/capabilities", bigEndian(2 as UInt32) + names)
                + StreamBuilder.subsection("configuration/uuid", [UInt8](0..<16)))
        stream.end()
        #expect(
            try events(stream.octets)[1]
                == "configuration virt-7.2 {configuration/target-page-bits v1 "
                + "{target_page_bits: uint32 12}, configuration/capabilities v1 "
                + "{caps_count: uint32 2, capabilities: array[text "
                + hex("x-ignore-shared".utf8) + ", text " + hex("auto".utf8)
                + "]}, configuration/uuid v1 {uuid: blob 000102030405060708090a0b0c0d0e0f}}")
        #expect(try rewrite(ByteSource(octets: stream.octets)) == stream.octets)
    }

    @Test("Behind an unknown subsection of the configuration all is raw, with a warning")
    func unknownSubsection() throws {
        var stream = StreamBuilder()
        stream.configuration("m", subsections: StreamBuilder.subsection("configuration/x", [1, 2]))
        stream.end()
        let warnings = Warnings()
        let lines = try events(stream.octets, warnings: warnings)
        #expect(lines == ["begin 3", "raw " + hex(stream.octets[8...]), "end"])
        #expect(warnings.all.map(\.code) == [.carriedRaw])
        #expect(warnings.all.first?.offset == 14)
        #expect(try rewrite(ByteSource(octets: stream.octets)) == stream.octets)
    }

    @Test(
        "A configuration that can't be is refused at its place",
        arguments: [
            ("07 00001001", MigrationError.Code.corrupt, 9),  // a name of 4097 octets
            ("07 00000002 ff61", .corrupt, 13),  // no UTF-8
            ("07 00000004 616263", .truncated, 16),
            (
                "07 00000000 05 1e" + hex("configuration/target-page-bits".utf8)
                    + "00000001 00000019",
                .corrupt, 49
            ),  // 2^25
        ])
    func badConfiguration(_ rest: String, _ code: MigrationError.Code, _ offset: UInt64) {
        let error = failure(octets("5145564d 00000003" + rest))
        #expect(error?.code == code && error?.offset == offset)
    }

    @Test("Every command is told with its payload, and a package with its items (2.1 to 2.3)")
    func commands() throws {
        var inner = StreamBuilder(header: false)
        inner.command(4)
        inner.full(5, "dev", [1, 2, 3])
        inner.command(5)
        var stream = StreamBuilder()
        stream.configuration("m")
        for code in [1, 4, 5, 8, 9, 11] as [UInt16] { stream.command(code) }
        stream.command(2, [0, 0, 0, 0x42])
        stream.command(3, bigEndian(0x1000 as UInt64) + bigEndian(0x1000 as UInt64))
        stream.command(3)
        stream.command(6, [0] + StreamBuilder.counted("r") + [0] + [UInt8](repeating: 1, count: 16))
        stream.command(10, StreamBuilder.counted("pc.ram"))
        // Not one that any QEMU knows, but it has a length.
        stream.command(99, [1, 2, 3])
        stream.package(inner.octets)
        stream.command(2, [0, 0, 0, 4])
        stream.end()
        #expect(
            try events(stream.octets).dropFirst(2) == [
                "command 1 ", "command 4 ", "command 5 ", "command 8 ", "command 9 ",
                "command 11 ", "command 2 00000042",
                "command 3 00000000000010000000000000001000", "command 3 ",
                "command 6 00017200" + String(repeating: "01", count: 16),
                "command 10 06" + hex("pc.ram".utf8), "command 99 010203",
                "package \(inner.count)", "command 4 ",
                "full 5 dev 0 v1: opaque 3 @\(stream.count - 1 - 9 - inner.count + 5)",
                "opaque 010203", "footer", "command 5 ", "end of package",
                "command 2 00000004", "end of stream", "end",
            ])
        #expect(try rewrite(ByteSource(octets: stream.octets)) == stream.octets)
    }

    @Test("An item that goes on behind its package's end is refused")
    func overrunningPackage() {
        var stream = StreamBuilder()
        // A package of 4 octets, where a command of 5 stands.
        stream.command(7, bigEndian(4 as UInt32))
        stream.command(4)
        stream.end()
        let error = failure(stream.octets)
        #expect(error?.code == .corrupt && error?.offset == UInt64(8 + 9 + 4))
    }

    @Test("An item of an unknown type is refused at its octet")
    func unknownItem() {
        for type in [5, 6, 7, 9, 0x7e, 0xff] as [UInt8] {
            let error = failure(octets("5145564d 00000003 08 0004 0000") + [type, 0, 0, 0, 0, 0])
            #expect(error?.code == .corrupt && error?.offset == 13)
        }
    }

    @Test("PART and END of a section that has not begun are refused at the id")
    func unknownSection() {
        for type in [2, 3] as [UInt8] {
            let error = failure(octets("5145564d 00000003") + [type, 0, 0, 0, 9, 0, 0, 0, 0])
            #expect(error?.code == .corrupt && error?.offset == 9)
        }
    }

    @Test("Streams without footers are read, and written without")
    func noFooters() throws {
        var stream = StreamBuilder(footers: false)
        stream.startRAM(2, RAM.blocks([("r", 0x1000)]) + RAM.endOfSection)
        stream.goOn(2, 2, RAM.fill(0, "r") + RAM.endOfSection)
        stream.goOn(3, 2, RAM.endOfSection)
        stream.end()
        let lines = try events(stream.octets)
        #expect(lines.filter { $0 == "no footer" }.count == 3 && !lines.contains("footer"))
        #expect(try rewrite(ByteSource(octets: stream.octets)) == stream.octets)
    }

    @Test("A footer with another section's id, and one that is missing, are refused")
    func footers() {
        var stream = StreamBuilder()
        stream.startRAM(2, RAM.endOfSection)
        let good = stream.octets
        // 8 header, 17 section header, 8 record, 7e: the id stands at 34.
        #expect(failure(good.dropLast(4) + [0, 0, 0, 3, 0]).map { [$0.code] } == [.corrupt])
        #expect(failure(good.dropLast(4) + [0, 0, 0, 3, 0])?.offset == 34)
        var second = good + [3, 0, 0, 0, 2] + RAM.endOfSection + [0]
        let missing = failure(second)
        #expect(missing?.code == .corrupt && missing?.offset == UInt64(good.count + 13))
        #expect(missing?.hint?.contains("Missing section footer") == true)
        second = good + [3, 0, 0, 0, 2] + RAM.endOfSection + [0x7e, 0, 0]
        #expect(failure(second)?.code == .truncated)
    }

    @Test("What follows the vmdesc, or the end mark, is kept")
    func trailer() throws {
        for (rest, lines) in [
            ([], ["end"]), ([1, 2, 3], ["raw 010203", "end"]),
            (
                [6, 0, 0, 0, 2] + Array("{}".utf8) + [9, 9],
                ["description 2", "raw 0909", "end"]
            ),
            // A length without a text that could be JSON: no vmdesc.
            ([6, 0, 0, 0, 3, 1, 2, 3], ["raw 0600000003010203", "end"]),
        ] as [([UInt8], [String])] {
            let stream = octets("5145564d 00000003 00") + rest
            #expect(try events(stream) == ["begin 3", "end of stream"] + lines)
            #expect(try rewrite(ByteSource(octets: stream)) == stream)
        }
    }

    @Test("A vmdesc that is no JSON is refused at the octet at fault, unless left aside")
    func badDescription() throws {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.full(0, "dev", [1])
        let json = #"{"devices": [{"name": dev}]}"#
        stream.end(json)
        let error = failure(stream.octets)
        #expect(error?.code == .corrupt && error?.path == "vmdesc")
        // `dev` stands 22 octets behind the text's begin.
        #expect(error?.offset == UInt64(stream.count - json.utf8.count + 22))
        let lines = try events(stream.octets, ignoresDescription: true)
        #expect(lines.contains("full 0 dev 0 v1: opaque 1 @14"))
    }

    @Test("The sample stream is told in order, its devices by name")
    func sample() throws {
        let lines = try events(Samples.small)
        #expect(
            lines.filter { $0.hasPrefix("{") } == [
                "{ticks: int64 -2, on: true}",
                "{fifo: uint8s 090807, uart/irq v1 {level: uint16 4660}}",
            ])
        #expect(
            lines.suffix(4) == [
                "end of stream", "description \(Samples.description.utf8.count)", "raw 00010203",
                "end",
            ])
        #expect(try rewrite(ByteSource(octets: Samples.small)) == Samples.small)
    }
}
