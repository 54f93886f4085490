import BER
import ByteIO
import TestSupport
import Testing

/// Octets that are no BER, or not by the rules that are switched on: for each code a vector by
/// hand, with the element's place and the place of the octet at fault.
@Suite("BER faults")
struct FaultTests {
    typealias Vector = (hex: String, code: BERError.Code, element: UInt64, at: UInt64)

    static let vectors: [Vector] = [
        // The input ends in a tag, in a length, in content, and before end-of-contents.
        ("30", .truncated, 0, 1),
        ("3f 81", .truncated, 0, 2),
        ("04 82 01", .truncated, 0, 3),
        ("04 05 0102", .truncated, 0, 4),
        ("05 00 30 80 05 00", .truncated, 2, 6),
        ("30 05 05 00", .truncated, 0, 4),
        // 8.1.3.5 c: a first length octet of ff.
        ("30 80 04 ff", .lengthReserved, 2, 3),
        // An element that its parent has no room for, by content, by head, by huge lengths.
        ("30 03 04 02 0102", .lengthOverrunsParent, 2, 3),
        ("30 03 05 00 05 00", .lengthOverrunsParent, 4, 5),
        ("05 00 30 04 04 7f 0102", .lengthOverrunsParent, 4, 5),
        ("30 06 30 80 04 01 09 00 00 00", .lengthOverrunsParent, 7, 8),
        ("04 88 ffffffffffffffff", .lengthOverrunsParent, 0, 1),
        ("04 88 8000000000000000", .lengthOverrunsParent, 0, 1),
        ("30 80 04 89 010000000000000000", .lengthOverrunsParent, 2, 3),
        ("04 ff", .lengthReserved, 0, 1),
        // 8.1.3.2 a: a primitive element of indefinite length.
        ("04 80 0101 0000", .indefinitePrimitive, 0, 1),
        // 8.1.5: end-of-contents where none belongs.
        ("00 00", .unexpectedEndOfContents, 0, 0),
        ("30 02 00 00", .unexpectedEndOfContents, 2, 2),
        ("30 80 30 02 00 00 00 00", .unexpectedEndOfContents, 4, 4),
        // … or not as two octets of zero.
        ("30 80 00 01 00", .endOfContentsLength, 2, 3),
        ("30 80 00 81 00", .endOfContentsLength, 2, 3),
        ("30 80 20 00", .endOfContentsLength, 2, 3),
        // 8.1.2.4.2 c: the first digit of a tag is not 0.
        ("30 80 5f 80 1f 00", .tagPadding, 2, 3),
        // 8.1.2.2: numbers to 30 have the low form.
        ("5f 1e 00", .tagNotLowForm, 0, 1),
        ("1f 00 00", .tagNotLowForm, 0, 1),
    ]

    @Test("A fault has its code, the element's offset and the octet's", arguments: vectors)
    func fault(_ vector: Vector) {
        let error = BERTests.fault(octets(vector.hex))
        #expect(error?.code == vector.code)
        #expect(error?.element == vector.element)
        #expect(error?.at == vector.at)
    }

    static let ruled:
        [(hex: String, ber: BERError.Code?, cer: BERError.Code?, der: BERError.Code?)] =
            [
                ("30 80 05 00 00 00", nil, nil, .indefiniteForbidden),
                ("30 02 05 00", nil, .definiteForbidden, nil),
                ("04 81 01 09", nil, .lengthNotMinimal, .lengthNotMinimal),
                (
                    "04 82 00 80" + String(repeating: "00", count: 128), nil, .lengthNotMinimal,
                    .lengthNotMinimal
                ),
                ("04 81 80" + String(repeating: "00", count: 128), nil, nil, nil),
                ("04 01 09", nil, nil, nil),
            ]

    @Test("CER and DER differ from BER where X.690 9.1 and 10.1 say so", arguments: ruled)
    func rules(_ vector: (String, BERError.Code?, BERError.Code?, BERError.Code?)) {
        let octets = octets(vector.0)
        #expect(BERTests.fault(octets)?.code == vector.1)
        #expect(BERTests.fault(octets, rules: .cer)?.code == vector.2)
        #expect(BERTests.fault(octets, rules: .der)?.code == vector.3)
    }

    @Test("The end-of-contents of an element inside a definite one must lie inside that too")
    func endOfContentsBeyondParent() {
        // SEQUENCE of 5 octets { SEQUENCE (indefinite) { NULL, 00 | 00 } }: the second octet of
        // the end lies outside.
        let error = BERTests.fault(octets("30 80  30 05 30 80 05 00 00 00  00 00"))
        #expect(error?.code == .lengthOverrunsParent)
        #expect(error?.element == 8)
    }

    @Test("Nesting up to the limit is read, one level more refused")
    func depthLimit() {
        func nest(_ levels: Int) -> [UInt8] {
            (0..<levels).flatMap { _ in [0x30, 0x80] as [UInt8] } + [0x05, 0x00]
                + [UInt8](repeating: 0, count: 2 * levels)
        }
        #expect(BERTests.fault(nest(7), depthLimit: 7) == nil)
        let error = BERTests.fault(nest(8), depthLimit: 7)
        #expect(error?.code == .depth && error?.element == 14 && error?.at == 14)
        // A level costs no stack frame.
        #expect(BERTests.fault(nest(100_000), depthLimit: 100_000) == nil)
        #expect(BERTests.fault(nest(100_000))?.element == 20_000)
        #expect(BERTests.fault(nest(100_000))?.code == .depth)
        // Neither do definite lengths: 30 84 <4 octets> for each level.
        var definite: [UInt8] = []
        for level in (0..<50_000).reversed() {
            definite += [0x30, 0x84] + bigEndian(UInt32(2 + 6 * level))
        }
        definite += [0x05, 0x00]
        #expect(BERTests.fault(definite, depthLimit: 50_000) == nil)
    }

    @Test("Random octets give an error or elements, never a trap")
    func random() {
        let seed: UInt64 = 42
        var random = SeededGenerator(seed: seed)
        var faults = Set<BERError.Code>()
        for _ in 0..<20_000 {
            var octets = random.octets(Int.random(in: 1...40, using: &random))
            // Half of them begin likely.
            if Bool.random(using: &random) { octets = [0x30, 0x80] + octets }
            if let error = BERTests.fault(octets, depthLimit: 5) {
                faults.insert(error.code)
                #expect(error.at <= UInt64(octets.count), "\(hex(octets))")
                #expect(error.element <= error.at, "\(hex(octets))")
            }
        }
        // The search reaches the codes that framing has.
        #expect(faults.count >= 8, "seed \(seed): \(faults)")
    }

    @Test("An error of reading goes through")
    func reading() {
        var source = ByteSource.packets([0x04, 0x83, 0x01, 0, 0], sizes: [5])
        source.windowLimit = 100
        var reader = BERReader(source)
        do {
            _ = try reader.next()
            try reader.loadContent(1000)
            Issue.record("no error")
        } catch {
            #expect(error.code == .io && error.io?.operation == .window)
        }
    }
}
