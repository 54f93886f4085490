import TestSupport
import Testing

/// Damage at places of `SmallStream` that are known by hand: each must be told with the offset of
/// the octets at fault, the path, what was expected and what was found.
@Suite("Damaged streams")
struct StreamDamageTests {
    struct Case: Sendable {
        var name: String
        var stream: [UInt8]
        var offset: Int
        var message: String
        /// The beginning of the hint.
        var hint: String?
    }

    private static let footerHint = "QEMU says \"Missing section footer\" here"
    private static let pageSizeHint = "the page size was taken to be 4096; --page-size sets another"
    private static let ignoreHint = "--ignore-vmdesc reads the stream without it, devices as blobs"

    static let cases: [Case] = [
        Case(
            name: "a flipped bit in the stream's version", stream: SmallStream.changed(7, [2]),
            offset: 4, message: "unsupported: expected version 3, found 2",
            hint: "QEMU before 0.10 wrote version 2, no QEMU reads it"),
        Case(
            name: "a version that never was", stream: SmallStream.changed(4, [0x80]),
            offset: 4, message: "unsupported: expected version 3, found 2147483651"),
        Case(
            name: "a machine name longer than any", stream: SmallStream.changed(9, [0x80]),
            offset: 9,
            message: "configuration: corrupt: expected the length of a machine type's name, "
                + "found 2147483652"),
        Case(
            name: "a machine name that is no UTF-8", stream: SmallStream.changed(13, [0xff]),
            offset: 13,
            message: "configuration: corrupt: expected the machine type's name in UTF-8, "
                + "found other octets"),
        Case(
            name: "a page size out of bounds", stream: SmallStream.changed(56, [40]), offset: 53,
            message: "configuration/target-page-bits: corrupt: "
                + "expected the page size's logarithm, 10 to 24, found 40"),
        Case(
            name: "an item of no type", stream: SmallStream.changed(57, [0x41]), offset: 57,
            message: "corrupt: expected a section, a command or the end mark, "
                + "found an item of type 0x41"),
        Case(
            name: "a section without a name", stream: SmallStream.changed(62, [0]), offset: 62,
            message: "corrupt: expected a section's name of 1 to 255 octets in UTF-8, "
                + "found an empty one"),
        Case(
            name: "block lengths that don't add up", stream: SmallStream.changed(80, [0x30, 0x04]),
            offset: 84,
            message: "ram/block list: corrupt: expected block lengths that add up to 0x3000, "
                + "found m of 0x4000 behind 0x0"),
        Case(
            name: "a footer of another section", stream: SmallStream.changed(116, [9]),
            offset: 113,
            message: "ram: corrupt: expected the footer of section 2, found one of section 9"),
        Case(
            name: "PART of a section that has not begun", stream: SmallStream.changed(121, [3]),
            offset: 118,
            message: "corrupt: expected the id of a section that has begun, found 3",
            hint: "an octet before this was read wrongly, or the stream is damaged"),
        Case(
            name: "a RAM block that is not in the list", stream: SmallStream.changed(131, [0x6e]),
            offset: 130,
            message: "ram: corrupt: expected the name of a RAM block in the list, found \"n\"",
            hint: pageSizeHint),
        Case(
            name: "a page behind its block's end", stream: SmallStream.changed(148, [0x40]),
            offset: 142,
            message: "ram/m: corrupt: expected a page within m, which has 0x4000 octets, "
                + "found offset 0x4000", hint: pageSizeHint),
        Case(
            name: "a page far behind its block's end",
            stream: SmallStream.changed(142, octets("ffffffffffff")), offset: 142,
            message: "ram/m: corrupt: expected a page within m, which has 0x4000 octets, "
                + "found offset 0xffffffffffff3000", hint: pageSizeHint),
        Case(
            name: "a RAM record of no kind",
            stream: SmallStream.changed(4259, octets("0000000000000000")), offset: 4259,
            message: "ram: corrupt: expected a RAM record, found the word 0x0",
            hint: pageSizeHint),
        Case(
            name: "a missing footer", stream: SmallStream.changed(4267, [0x7f]), offset: 4267,
            message: "ram: corrupt: expected the section's footer (7e), found the octet 0x7f",
            hint: footerHint),
        Case(
            name: "a vmdesc that is no JSON", stream: SmallStream.changed(4357 + 12, [0x3b]),
            offset: 4357 + 12,
            message: "vmdesc: corrupt: expected a JSON value (JSON), found other text",
            hint: ignoreHint),
        Case(
            name: "a vmdesc of another device",
            stream: SmallStream.with(
                json: SmallStream.json.replacing(#"{"name":"dev""#, with: #"{"name":"fox""#)),
            offset: 4299 + 6,
            message: "dev: corrupt: expected device fox (instance 1), the vmdesc's number 0, "
                + "found dev (instance 1)", hint: ignoreHint),
        Case(
            name: "a vmdesc of another instance",
            stream: SmallStream.with(
                json: SmallStream.json.replacing(
                    #""box","instance_id":0"#, with: #""box","instance_id":3"#)),
            offset: 4326 + 6,
            message: "box: corrupt: expected device box (instance 3), the vmdesc's number 1, "
                + "found box (instance 0)", hint: ignoreHint),
        Case(
            name: "a vmdesc of fewer devices",
            stream: SmallStream.with(
                json: #"{"page_size":4096,"devices":[{"name":"dev","instance_id":1,"#
                    + #""vmsd_name":"dev","version":2,"fields":["#
                    + #"{"name":"n","type":"uint32","size":4},"#
                    + #"{"name":"on","type":"bool","size":1}]}]}"#),
            offset: 4326,
            message: "box: corrupt: expected the end mark behind the 1 devices "
                + "that the vmdesc lists, found one more device", hint: ignoreHint),
        Case(
            name: "a device's footer of another section", stream: SmallStream.changed(4325, [7]),
            offset: 4316,
            message: "dev: corrupt: expected the section's footer behind 5 octets, "
                + "as the vmdesc describes it, found none there nor anywhere behind",
            hint: "the device's state is damaged, or the vmdesc belongs to another stream"),
        Case(
            name: "a vmdesc shorter than it says",
            stream: SmallStream.changed(4353, octets("00ffffff")), offset: 4644,
            message: "truncated: expected 16777215 octets of vmdesc, found the end of the input",
            hint: "the stream was cut off: the copy is incomplete, or the save was broken off"),
        Case(
            name: "a command shorter than it says",
            stream: SmallStream.changed(4293, octets("ffff")), offset: 4644,
            message: "truncated: expected 65535 octets of a command, found the end of the input",
            hint: "the stream was cut off: the copy is incomplete, or the save was broken off"),
    ]

    @Test("Each is told with offset, path, what was expected and found", arguments: cases.indices)
    func told(index: Int) throws {
        let damage = StreamDamageTests.cases[index]
        let folder = try TemporaryFolder()
        let path = try folder.store(damage.stream, as: "in")
        for input in ["-", path] {
            for command in ["encode", "decode"] {
                let outcome = try berth(
                    command, "--quiet", input, "-o", folder.file("out"), input: .file(path))
                let report = try Report(outcome)
                #expect(report.offset == damage.offset, "\(damage.name)")
                #expect(report.message == damage.message, "\(damage.name)")
                if let hint = damage.hint {
                    #expect(report.hint?.hasPrefix(hint) == true, "\(damage.name)")
                } else {
                    #expect(report.hint == nil, "\(damage.name)")
                }
                #expect(report.file == (input == "-" ? "standard input" : path))
                #expect(outcome.status == 2, "\(damage.name)")
            }
        }
        #expect(try folder.names == ["in"])
    }

    @Test("Where the vmdesc contradicts the devices, --ignore-vmdesc helps as the hint says")
    func ignore() throws {
        let advised = StreamDamageTests.cases.filter { $0.hint == StreamDamageTests.ignoreHint }
        #expect(advised.count == 4)
        for damage in advised {
            let encoded = try berth("encode", "--ignore-vmdesc", input: .pipe(damage.stream))
            #expect(encoded.status == 0, "\(damage.name)")
            #expect(
                encoded.error == "berth: warning: standard input: offset 0x10cb: "
                    + "the vmdesc is left aside: devices are carried as blobs\n")
            let decoded = try berth("decode", input: .pipe(encoded.output))
            #expect(decoded.output == damage.stream, "\(damage.name)")
        }
    }

    @Test("Flipped bits in headers never crash the program nor lose an octet unnoticed")
    func bits() throws {
        let places = Array(0..<150) + Array(4246..<4357)
        let folder = try TemporaryFolder()
        for (number, place) in places.enumerated() {
            var stream = SmallStream.octets
            stream[place] ^= 1 << UInt8(number % 8)
            let outcome = try berth("encode", "-q", "-o", folder.file("out"), input: .pipe(stream))
            if outcome.status == 0 {
                let decoded = try berth("decode", folder.file("out"))
                #expect(decoded.output == stream, "octet \(place)")
                #expect(outcome.error == "")
            } else {
                #expect(outcome.status == 2, "octet \(place)")
                let report = try Report(outcome)
                #expect(report.offset <= stream.count, "octet \(place)")
                #expect(try folder.names == [], "octet \(place)")
            }
            try folder.remove("out")
        }
    }
}
