import TestSupport
import Testing

/// BER files written by hand, with one fault each. The first item stands at 0x12 = 18.
@Suite("Damaged BER files")
struct BERDamageTests {
    struct Case: Sendable {
        var name: String
        var file: [UInt8]
        var offset: Int
        var message: String
        var hint: String?
    }

    private static let cut =
        "the file was cut off: the copy is incomplete, or the encoding was broken off"
    private static let bad = "expected BER as X.690 defines it, found "

    static let cases: [Case] = [
        Case(
            name: "a length past the end of the file",
            // RawBytes [APPLICATION 10583] of 2^32 - 1 octets; 9 of head, 3 are there.
            file: BERFile.start + octets("5fd257 84ffffffff 010203"), offset: 18 + 11,
            message: "QemuFile.top[0]: truncated: \(bad)truncated "
                + "(the element wants 4294967292 octets more)", hint: cut),
        Case(
            name: "a length past the end of the element around it",
            // Command [APPLICATION 8653] of 5 octets: code 2, payload of 9.
            file: BERFile.with(octets("7fc34d 05 020102 0409")), offset: 18 + 8,
            message: "QemuFile.top[0].command: corrupt: \(bad)length-overruns-parent "
                + "(wants 9 octets, the element around it has 0 left)"),
        Case(
            name: "a length octet of ff", file: BERFile.with(octets("5fd257 ff")), offset: 18 + 3,
            message: "QemuFile.top: corrupt: \(bad)length-reserved"),
        Case(
            name: "a length of more than 63 bits",
            file: BERFile.with(octets("5fd257 88 ffffffffffffffff")), offset: 18 + 3,
            message: "QemuFile.top: corrupt: \(bad)length-overruns-parent"),
        Case(
            name: "an indefinite length of a primitive element",
            file: BERFile.with(octets("5fd257 80 0000")), offset: 18 + 3,
            message: "QemuFile.top: corrupt: \(bad)indefinite-primitive"),
        Case(
            name: "end-of-contents with a length",
            file: BERFile.start + octets("0001 00 0000"), offset: 18 + 1,
            message: "QemuFile.top: corrupt: \(bad)eoc-length"),
        Case(
            name: "a tag with a leading zero digit", file: BERFile.with(octets("5f8046 00")),
            offset: 18 + 1, message: "QemuFile.top: corrupt: \(bad)tag-padding"),
        Case(
            name: "a missing end-of-contents", file: BERFile.start + BERFile.endOfStream,
            offset: 18 + 4,
            message: "QemuFile.top: truncated: \(bad)truncated (an element is open)", hint: cut),
        Case(
            name: "the outer end-of-contents missing",
            file: BERFile.start + BERFile.endOfStream + octets("0000"), offset: 18 + 6,
            message: "QemuFile: truncated: \(bad)truncated (an element is open)", hint: cut),
        Case(
            name: "octets behind the end",
            file: BERFile.with(BERFile.endOfStream) + octets("3000"), offset: 18 + 8,
            message: "corrupt: expected the end of the file, found more octets"),
        Case(
            name: "an end-of-contents too many",
            file: BERFile.with(BERFile.endOfStream) + octets("0000"), offset: 18 + 8,
            message: "QemuFile: corrupt: \(bad)unexpected-eoc"),
        Case(
            name: "version 5",
            file: octets("7fcdc551 80 020105 3006 020103 0c0178 3080 0000 0000"), offset: 7,
            message: "QemuFile.version: unsupported: expected version 3 or 4, found 5",
            hint: "a newer Berth may know it"),
        Case(
            name: "a negative version",
            file: octets("7fcdc551 80 0201ff 3006 020103 0c0178 3080 0000 0000"), offset: 7,
            message: "QemuFile.version: corrupt: \(bad)value "
                + "(an INTEGER from 0 to 2^64 - 1 is needed here)"),
        Case(
            name: "another element in place of the version", file: octets("7fcdc551 80 0c0134"),
            offset: 5,
            message: "QemuFile: corrupt: expected version, found UTF8String, primitive"),
        Case(
            name: "an item that the schema does not have",
            file: BERFile.with(BERFile.endOfStream + octets("3000")), offset: 18 + 4,
            message: "QemuFile.top[1]: corrupt: expected an Item, found SEQUENCE, constructed"),
        Case(
            name: "a section id of 33 bits",
            // SecPart [APPLICATION 10324]: sectionid 2^32, contents an empty string, no footer.
            file: BERFile.with(octets("7fd054 0c 02050100000000 0400 010100")), offset: 18 + 6,
            message: "QemuFile.top[0].part.sectionid: corrupt: "
                + "expected at most 4294967295, found 4294967296"),
        Case(
            name: "a section without its footer's BOOLEAN",
            file: BERFile.with(octets("7fd054 05 020102 0400")), offset: 18 + 9,
            message: "QemuFile.top[0].part: corrupt: expected footer, "
                + "found the end of the element around it"),
        Case(
            name: "a failed checkpoint",
            file: BERFile.with(octets("5fc34b 04") + octets("00000000")), offset: 18,
            message: "QemuFile.top[0].checkpoint: checksum: expected CRC-32C 0 of the octets "
                + "before, found \(String(BERFile.crc32c(BERFile.start), radix: 16))",
            hint: "the file is damaged between this checkpoint and the one before"),
        Case(
            name: "nesting of 100000 levels where items stand",
            file: BERFile.start + [UInt8](repeating: 0x30, count: 1) + [0x80]
                + Array(repeating: [0x30, 0x80] as [UInt8], count: 99_999).joined(),
            offset: 18,
            message: "QemuFile.top[0]: corrupt: expected an Item, found SEQUENCE, constructed"),
        Case(
            name: "a string in segments in segments, 100000 levels deep",
            // QemuFile and top are open, RawBytes is the third: 1021 segments are one too many.
            file: BERFile.start + octets("7fd257 80")
                + Array(repeating: [0x24, 0x80] as [UInt8], count: 100_000).joined(),
            offset: 18 + 4 + 2 * 1021,
            message: "QemuFile.top[0]: limit: \(bad)depth (more than 1024 levels)"),
    ]

    @Test("Each is told with offset, path, what was expected and found", arguments: cases.indices)
    func told(index: Int) throws {
        let damage = BERDamageTests.cases[index]
        let folder = try TemporaryFolder()
        let path = try folder.store(damage.file, as: "in")
        for command in ["decode", "encode"] {
            for input in ["-", path] {
                let outcome = try berth(
                    command, input, "-o", folder.file("out"), input: .file(path))
                let report = try Report(outcome)
                #expect(report.offset == damage.offset, "\(damage.name)")
                #expect(report.message == damage.message, "\(damage.name)")
                #expect(report.hint == damage.hint, "\(damage.name)")
                #expect(report.file == (input == "-" ? "standard input" : path))
                #expect(outcome.status == 2, "\(damage.name)")
            }
        }
        #expect(try folder.names == ["in"])
    }

    @Test("Without the fault the same files are read")
    func sound() throws {
        let plain = BERFile.with(BERFile.endOfStream)
        let checked = BERFile.with(
            octets("5fc34b 04") + bigEndian(BERFile.crc32c(BERFile.start)) + BERFile.endOfStream)
        // Definite lengths all the way, some in long form: 3084 00000004 for top.
        let definite = octets(
            "7fcdc551 16 02810104 3006 020103 0c0178 3084 00000004 5fc54600")
        for file in [plain, checked, definite] {
            let outcome = try berth("decode", input: .pipe(file))
            #expect(outcome.output == BERFile.emptyStream)
            #expect(outcome.error == "")
            #expect(outcome.status == 0)
        }
        let raw = octets("7fd257 80 2480 0401 61 0402 6262 0000 0000")
        let segmented = try berth("decode", input: .pipe(BERFile.with(BERFile.endOfStream + raw)))
        #expect(segmented.output == BERFile.emptyStream + Array("abb".utf8))
    }

    @Test("A bit flipped anywhere under a checkpoint is found")
    func checkpoint() throws {
        let whole = try berth("encode", input: .pipe(SmallStream.octets)).output
        // The only checkpoint stands before the index, which is the last item.
        let mark = octets("5fc34b04")
        let place = try #require(
            whole.indices.dropLast(3).last { whole[$0..<$0 + 4].elementsEqual(mark) })
        #expect(bigEndian(BERFile.crc32c(whole[..<place])) == Array(whole[place + 4..<place + 8]))
        let folder = try TemporaryFolder()
        // In the page of 41 nothing but the checkpoint can tell.
        let page = try #require(
            whole.indices.first { whole[$0..<$0 + 64].allSatisfy { $0 == 0x41 } })
        for flipped in [page, page + 2000, page + 4095] {
            var file = whole
            file[flipped] ^= 0x10
            let outcome = try berth("decode", "-o", folder.file("out"), input: .pipe(file))
            let report = try Report(outcome)
            #expect(report.offset == place)
            #expect(report.message.contains(".checkpoint: checksum: expected CRC-32C "))
            #expect(
                report.hint == "the file is damaged between this checkpoint and the one before")
            #expect(outcome.status == 2)
        }
        // Elsewhere something else may tell before.
        for flipped in stride(from: 3, to: whole.count, by: 7) where whole[flipped] != 0x41 {
            var file = whole
            file[flipped] ^= 1 << UInt8(flipped % 8)
            let outcome = try berth("decode", "-o", folder.file("out"), input: .pipe(file))
            #expect(outcome.status == 2, "octet \(flipped)")
        }
        #expect(try folder.names == [])
    }

    @Test("Flipped bits in a version 3 file never crash the program")
    func version3() throws {
        let whole = try berth("encode", "--schema-version=3", input: .pipe(SmallStream.octets))
            .output
        for flipped in stride(from: 0, to: whole.count, by: 5) where whole[flipped] != 0x41 {
            var file = whole
            file[flipped] ^= 1 << UInt8(flipped % 8)
            let outcome = try berth("decode", "-q", input: .pipe(file))
            // Version 3 has no checksums: what still fits the schema may be read as something else.
            #expect([0, 2].contains(outcome.status), "octet \(flipped)")
            #expect((outcome.status == 0) == outcome.error.isEmpty, "octet \(flipped)")
        }
    }
}
