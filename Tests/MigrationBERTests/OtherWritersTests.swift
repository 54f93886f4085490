import ByteIO
import Migration
import TestSupport
import Testing

/// Forms that BER allows and other programs may write; and what no program may.
@Suite("BER files: other writers")
struct OtherWritersTests {
    private static let page = Samples.page(3)

    /// A page of zeros, two full ones, one of 55 behind a gap.
    private static let pages =
        octets("80 01 01") + tlv("04", page + page) + octets("81 01 01 a2 06 02 01 55 02 01 01")

    private static let stream: [UInt8] = {
        var stream = StreamBuilder()
        stream.startRAM(2, RAM.blocks([("a", 0x10000)]) + RAM.endOfSection)
        let records = RAM.fill(0, "a") + RAM.page(0x1000, nil, page) + RAM.page(0x2000, nil, page)
        stream.goOn(2, 2, records + RAM.fill(0x4000, nil, 0x55) + RAM.endOfSection)
        stream.end()
        return stream.octets
    }()

    /// The same group in definite, indefinite and segmented forms.
    private static let forms: [[UInt8]] = [
        tlv("7fd047", groupHead + tlv("30", pages)),
        open("7fd047", groupHead + tlv("30", pages)),
        tlv("7fd047", groupHead + open("30", pages)),
        open("7fd047", groupHead + open("30", pages)),
        // The pages in segments, of no use for whole pages; the name in segments too.
        tlv(
            "7fd047",
            tlv("2c", tlv("04", [0x61])) + octets("01 01 07 02 02 1000 02 01 00")
                + tlv(
                    "30",
                    octets("80 01 01")
                        + tlv(
                            "24",
                            tlv("04", Array(page.prefix(100)))
                                + tlv("04", Array(page.dropFirst(100)) + page))
                        + octets("81 01 01") + open("a2", octets("02 01 55 02 01 01")))),
        // Lengths with leading zeros.
        octets("7fd047 84 00002029")
            + groupHead + octets("30 84 00002017 80 82 0001 01 04 83 002000") + page + page
            + octets("81 81 01 01 a2 06 02 01 55 02 01 01"),
    ]

    @Test("A group of pages is read in every form that BER allows", arguments: 0..<6)
    func groupForms(_ index: Int) throws {
        var form = Self.forms[index]
        if index == 5 {
            // The lengths stated above, worked out: 30 84 + 4, and 4 + 3 + 5 + 8192 + 4 + 8.
            let inner = 5 + 5 + 8192 + 4 + 8
            form = octets("7fd047 84") + bigEndian(UInt32(13 + 6 + inner)) + groupHead
            form += octets("30 84") + bigEndian(UInt32(inner))
            form += octets("80 82 0001 01 04 83 002000") + Self.page + Self.page
            form += octets("81 81 01 01 a2 06 02 01 55 02 01 01")
        }
        let file = version4(records: form)
        #expect(hex(try decode(ByteSource(octets: file))) == hex(Self.stream))
        #expect(try decode(.packets(file, sizes: [1])) == Self.stream)
    }

    /// Pages that can't be; the entries of a group of block `a`, which has 16 pages.
    static let badPages: [(String, String)] = [
        ("17 pages of zeros", "80 01 11"), ("no page", "80 01 00"), ("less than none", "80 01 ff"),
        ("a place before the block", "81 01 ff"), ("a page behind the block", "81 01 10 80 01 01"),
        ("half a page", "04 02 0000"), ("an empty page", "04 00"),
        ("2^63 - 1 pages", "80 08 7fffffffffffffff"), ("a skip of 2^60", "81 08 1000000000000000"),
        ("a fill that is no octet", "a2 07 02 02 0100 02 01 01"),
        ("a fill of no page", "a2 06 02 01 55 02 01 00"),
        ("a fill without count", "a2 03 02 01 55"),
        ("a primitive fill", "82 06 02 01 55 02 01 01"), ("another entry", "83 01 01"),
        ("a constructed count", "a0 03 02 01 01"), ("a padded count", "80 02 0001"),
    ]

    @Test("Pages that can't be are refused, in definite groups and others", arguments: badPages)
    func badGroups(_ name: String, _ pages: String) {
        for group in [
            tlv("7fd047", groupHead + tlv("30", pages)),
            open("7fd047", groupHead + open("30", octets(pages))),
        ] {
            do {
                _ = try decode(ByteSource(octets: version4(records: group)))
                Issue.record("\(name): no error")
            } catch let error as MigrationError {
                #expect(error.code == .corrupt, "\(name): \(error)")
            } catch { Issue.record("\(error)") }
        }
    }

    @Test("A NULL that is constructed is refused where it stands")
    func constructedNull() {
        let good = version4(octets("5fc546 00"))
        #expect(throws: Never.self) { try decode(ByteSource(octets: good)) }
        for file in [
            version4(octets("7fc546 00")), version4(octets("7fc546 80 0000")),
            version4(records: octets("7fc84f 00")), version4(records: octets("7fc64c 00")),
        ] {
            #expect(throws: MigrationError.self) { try decode(ByteSource(octets: file)) }
        }
    }

    @Test("Octets behind the file are refused")
    func behind() {
        let file = version4(octets("5fc546 00"))
        for more in [[0], [0, 0], [5, 0], file] as [[UInt8]] {
            #expect(throws: MigrationError.self) { try decode(ByteSource(octets: file + more)) }
        }
    }

    @Test("Segments that claim 2^63 - 1 octets are refused")
    func hugeSegments() {
        let item = octets("7fd644 80 04 01 7b 04 88 7fffffffffffffff 00")
        let file = octets("7fcdc551 80 02 01 04 30 06 02 01 03 0c 01 74 30 80") + item
        #expect(throws: MigrationError.self) { try decode(ByteSource(octets: file)) }
    }

    @Test("In version 3, an entry whose end lies beyond its list's end is refused")
    func crossingEntry() {
        // RAMSecList of 22 octets; the entry's end-of-contents lies half outside.
        let entry = octets("7fc552 80 02 01 00 02 01 02 0c 01 61 02 01 00") + [0, 0]
        let list = octets("7fcc52") + [UInt8(entry.count - 1)] + entry
        let section = octets("7f8153 80 02 01 02") + list + [0, 0]
        let file = octets("7fcdc551 80 02 01 03 30 80") + section + [0, 0, 0, 0]
        #expect(throws: MigrationError.self) { try decode(ByteSource(octets: file)) }
    }

    @Test("Elements inside each other beyond the limit are refused, not followed")
    func deepNesting() {
        let value = (0..<100_000).flatMap { _ in [0xa9, 0x80] as [UInt8] }
        var device =
            octets("02 01 00") + text("d") + octets("02 01 00 02 01 00 7fc456 80 30 80 30 80")
        device += text("f") + value
        let file = octets("7fcdc551 80 02 01 04 30 06 02 01 03 0c 01 74 30 80 7f8f53 80") + device
        do {
            _ = try decode(ByteSource(octets: file))
            Issue.record("no error")
        } catch let error as MigrationError {
            #expect(error.code == .limit)
        } catch { Issue.record("\(error)") }
    }
}
