import BER
import ByteIO
import TestSupport
import Testing

/// Tags and lengths (X.690 8.1.2, 8.1.3). All octets are worked out from the standard's text.
@Suite("BER framing")
struct FramingTests {
    /// 8.1.2.3 and 8.1.2.4: identifier octets, and class and number that they stand for.
    static let tags: [(String, BER.Tag, Bool)] = [
        ("02 00", BER.Tag.integer, false),
        ("30 00", BER.Tag.sequence, true),
        ("5e 00", BER.Tag.application(30), false),  // the largest in the low form
        ("5f 1f 00", BER.Tag.application(31), false),  // the smallest in the high form
        ("bf 7f 00", BER.Tag.context(127), true),  // the largest of one digit
        ("bf 81 00 00", BER.Tag.context(128), true),
        ("df ff 7f 00", BER.Tag(.private, 16383), false),
        ("df 81 80 00 00", BER.Tag(.private, 16384), false),
        // The tag of QemuFile: 1270481 = 77 * 128^2 + 69 * 128 + 81.
        ("7f cd c5 51 00", BER.Tag.application(1_270_481), true),
        ("9f 8f ff ff ff 7f 00", BER.Tag.context(0xffff_ffff), false),
        // 2^63 - 1 takes nine digits, 2^63 ten; 2^64 - 2 is the last that keeps its number.
        ("9f ff ff ff ff ff ff ff ff 7f 00", BER.Tag.context(1 << 63 - 1), false),
        ("9f 81 80 80 80 80 80 80 80 80 00 00", BER.Tag.context(1 << 63), false),
        ("9f 81 ff ff ff ff ff ff ff ff 7e 00", BER.Tag.context(.max - 1), false),
        // 2^64 must not become 0, nor 2^64 + 4 a 4.
        ("9f 82 80 80 80 80 80 80 80 80 00 00", BER.Tag.context(BER.Tag.hugeNumber), false),
        ("1f 82 80 80 80 80 80 80 80 80 04 00", BER.Tag.universal(BER.Tag.hugeNumber), false),
        (
            "7f 82 80 80 80 80 80 80 80 80 80 80 80 80 00 00",
            BER.Tag.application(BER.Tag.hugeNumber), true
        ),
    ]

    @Test("A tag of any size is read, and none is taken for a smaller one", arguments: tags)
    func tag(_ hexOctets: String, _ tag: BER.Tag, _ isConstructed: Bool) throws {
        let octets = octets(hexOctets)
        var reader = BERReader(ByteSource(octets: octets))
        guard case .element(let element) = try reader.next() else {
            Issue.record("no element")
            return
        }
        #expect(element.tag == tag)
        #expect(element.isConstructed == isConstructed)
        #expect(element.headSize == octets.count && element.length == 0)
    }

    @Test("Tags of up to 126 octets behind the first are read, longer ones refused")
    func tagLimit() {
        let longest = [0x5f, 0x81] + [UInt8](repeating: 0x80, count: 124) + [0x00, 0x00]
        #expect(fault(longest) == nil)
        let longer = [0x5f, 0x81] + [UInt8](repeating: 0x80, count: 125) + [0x00, 0x00]
        #expect(fault(longer).map { [$0.element, $0.at] } == [0, 127])
        #expect(fault(longer)?.code == .tagTooLong)
    }

    /// 8.1.3.4 and 8.1.3.5: lengths in the short and the long form, padded ones too (note 2).
    @Test(
        "Lengths in every form of BER are the same length",
        arguments: [
            "04 03 aabbcc", "04 81 03 aabbcc", "04 82 0003 aabbcc",
            "04 88 0000000000000003 aabbcc", "04 8a 00000000000000000003 aabbcc",
        ])
    func lengths(_ hexOctets: String) throws {
        let octets = octets(hexOctets)
        #expect(try trace(octets) == [".OCTET STRING@0 h\(octets.count - 3) d0 l3 aabbcc"])
    }

    @Test("A length may have 126 octets, all but the last of them zero")
    func longestLength() throws {
        let octets = [0x04, 0xfe] + [UInt8](repeating: 0, count: 125) + [1, 0x55]
        #expect(try trace(octets) == [".OCTET STRING@0 h128 d0 l1 55"])
    }

    @Test("128, 255, 256 and 65536 octets are read behind their minimal lengths")
    func longerContents() throws {
        for (head, count) in [
            ("0481 80", 128), ("0481 ff", 255), ("0482 0100", 256), ("0483 010000", 65536),
        ] {
            let octets = octets(head) + [UInt8](repeating: 7, count: count)
            #expect(fault(octets, rules: .der) == nil)
            var reader = BERReader(ByteSource(octets: octets))
            guard case .element(let element) = try reader.next() else { continue }
            #expect(element.length == UInt64(count))
        }
    }

    @Test("Elements inside each other are told with offset, depth and their ends")
    func nesting() throws {
        // SEQUENCE { SET (indefinite) { INTEGER 5, SEQUENCE {} }, NULL }
        let octets = octets("30 0b  31 80  02 01 05  30 00  00 00  05 00")
        #expect(
            try trace(octets) == [
                "+SEQUENCE@0 h2 d0 l11", "+SET@2 h2 d1 l?", ".INTEGER@4 h2 d2 l1 05",
                "+SEQUENCE@7 h2 d2 l0", "-7", "~2", ".NULL@11 h2 d1 l0 ", "-0",
            ])
    }

    @Test("Elements may follow each other at the top, and no octet at all is no element")
    func top() throws {
        #expect(try trace([]) == [])
        #expect(
            try trace(octets("0500 010100")) == [".NULL@0 h2 d0 l0 ", ".BOOLEAN@2 h2 d0 l1 00"])
    }

    @Test("The same is told however the octets arrive", arguments: [1, 2, 3, 5])
    func arrival(_ size: Int) throws {
        var random = SeededGenerator(seed: 41)
        let tree = RandomTree(using: &random)
        let whole = try trace(tree.octets)
        #expect(try trace(.packets(tree.octets, sizes: [size])) == whole)
    }

    @Test("Every cut of a well-formed element is told as such")
    func truncation() throws {
        // 30 80 { 04 81 04 .., 7f cd c5 51 04 { 02 02 01 00 }, 24 80 { 04 01 .. } }
        let octets = octets(
            "30 80  04 81 04 01020304  7f cd c5 51 04  02 02 0100  24 80 04 01 09 00 00  00 00")
        _ = try trace(octets)
        for count in 1..<octets.count {
            let error = fault(Array(octets.prefix(count)))
            #expect(error?.code == .truncated, "cut to \(count)")
            #expect(error?.at == UInt64(count), "cut to \(count)")
        }
    }

    @Test("Content that nobody reads is passed over, and a cut in it is told")
    func passing() throws {
        var reader = BERReader(.packets(octets("30 06 04 04 01020304 05 00"), sizes: [3]))
        _ = try reader.next()
        _ = try reader.next()
        guard case .end = try reader.next() else {
            Issue.record("no end")
            return
        }
        guard case .element(let null) = try reader.next() else { return }
        #expect(null.tag == .null && null.offset == 8)

        var cut = BERReader(ByteSource(octets: octets("04 05 010203")))
        _ = try cut.next()
        do {
            _ = try cut.next()
            Issue.record("no error")
        } catch {
            #expect(error.code == .truncated && error.element == 0 && error.at == 5)
        }
    }
}
