import BER
import ByteIO
import TestSupport
import Testing

/// The writer: minimal tags, lengths and INTEGERs (X.690 8.1.2, 8.1.3, 8.3, 10.1, 11.1).
@Suite("BER writer")
struct WriterTests {
    private func written(
        _ body: (inout BERWriter) throws(ByteIOError) -> Void
    ) throws -> String {
        var writer = BERWriter(.inMemory())
        try body(&writer)
        var sink = writer.takeSink()
        return hex(try sink.takeOctets())
    }

    /// 8.3.2: no nine equal bits at the beginning; 8.3.3: two's complement.
    static let unsignedValues: [(UInt64, String)] = [
        (0, "020100"), (1, "020101"), (127, "02017f"), (128, "02020080"), (255, "020200ff"),
        (256, "02020100"), (32767, "02027fff"), (32768, "0203008000"), (65535, "020300ffff"),
        (65536, "0203010000"), (0x7fff_ffff, "02047fffffff"), (0x8000_0000, "02050080000000"),
        (0xffff_ffff, "020500ffffffff"), (1 << 63 - 1, "02087fffffffffffffff"),
        (1 << 63, "0209008000000000000000"), (.max, "020900ffffffffffffffff"),
    ]

    @Test("Unsigned INTEGERs take as few octets as 8.3.2 allows", arguments: unsignedValues)
    func unsigned(_ value: UInt64, _ expected: String) throws {
        #expect(
            try written { (w) throws(ByteIOError) in try w.integer(.integer, value) } == expected)
        #expect(BERSize.integer(.integer, value) == expected.count / 2)
        var reader = BERReader(ByteSource(octets: octets(expected)))
        guard case .element(let element) = try reader.next() else { return }
        #expect(try reader.unsignedInteger(element) == value)
    }

    static let signedValues: [(Int64, String)] = [
        (0, "020100"), (127, "02017f"), (128, "02020080"), (-1, "0201ff"), (-128, "020180"),
        (-129, "0202ff7f"), (-32768, "02028000"), (-32769, "0203ff7fff"),
        (.max, "02087fffffffffffffff"), (.min, "02088000000000000000"),
        (-(1 << 31), "020480000000"), (-(1 << 31) - 1, "0205ff7fffffff"),
    ]

    @Test("Signed INTEGERs take as few octets as 8.3.2 allows", arguments: signedValues)
    func signed(_ value: Int64, _ expected: String) throws {
        #expect(
            try written { (w) throws(ByteIOError) in try w.integer(.integer, value) } == expected)
        #expect(BERSize.signed(value) == expected.count / 2 - 2)
        var reader = BERReader(ByteSource(octets: octets(expected)))
        guard case .element(let element) = try reader.next() else { return }
        #expect(try reader.signedInteger(element) == value)
    }

    static let lengths: [(Int, String)] = [
        (0, "00"), (1, "01"), (127, "7f"), (128, "8180"), (255, "81ff"), (256, "820100"),
        (65535, "82ffff"), (65536, "83010000"), (1 << 24 - 1, "83ffffff"),
        (1 << 24, "8401000000"), (.max, "887fffffffffffffff"),
    ]

    @Test("Lengths take the shortest form (10.1)", arguments: lengths)
    func length(_ value: Int, _ expected: String) throws {
        #expect(try written { (w) throws(ByteIOError) in try w.length(value) } == expected)
        #expect(BERSize.length(value) == expected.count / 2)
    }

    static let tags: [(BER.Tag, Bool, String)] = [
        (BER.Tag.sequence, true, "30"), (BER.Tag.application(30), false, "5e"),
        (BER.Tag.application(31), false, "5f1f"),
        (BER.Tag.context(127), true, "bf7f"), (BER.Tag.context(128), false, "9f8100"),
        (BER.Tag.application(1_270_481), true, "7fcdc551"),
        (BER.Tag(.private, 16384), false, "df818000"),
        (BER.Tag.context(.max), false, "9f81ffffffffffffffff7f"),
    ]

    @Test("Tags take the shortest form (8.1.2)", arguments: tags)
    func tag(_ tag: BER.Tag, _ isConstructed: Bool, _ expected: String) throws {
        #expect(
            try written { (w) throws(ByteIOError) in try w.tag(tag, constructed: isConstructed) }
                == expected)
        #expect(BERSize.tag(tag) == expected.count / 2)
    }

    @Test("TRUE is ff, FALSE 00, NULL empty, text UTF-8")
    func values() throws {
        let all = try written { (w) throws(ByteIOError) in
            try w.boolean(.boolean, true)
            try w.boolean(.context(3), false)
            try w.null(.null)
            try w.string(.utf8String, "aé€")
            try w.beginIndefinite(.sequence)
            try w.endIndefinite()
        }
        #expect(all == "0101ff" + "830100" + "0500" + "0c0661c3a9e282ac" + "30800000")
    }

    @Test(
        "A reader tells the trees that the writer wrote", arguments: 1...30 as ClosedRange<UInt64>)
    func randomTrees(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let tree = RandomTree(using: &random)
        #expect(try trace(tree.octets) == tree.lines, "seed \(seed)")
    }
}
