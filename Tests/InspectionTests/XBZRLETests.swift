import Testing

@testable import Inspection

// Section 3.6 of the reference: runs of octets that stay and that are new alternate; each length
// is a ULEB128 of at most two octets; new octets replace the old ones.
@Suite("XBZRLE differences")
struct XBZRLETests {
    private func applied(_ delta: [UInt8], to page: [UInt8]) throws -> [UInt8] {
        var page = page
        // An array of octets has no padding that could be read.
        try unsafe XBZRLE.apply(delta.span.bytes, to: &page)
        return page
    }

    @Test("Octets are replaced at the places that the runs lead to")
    func replaces() throws {
        // 2 stay, 3 new; 1 stays, 1 new; the last stays.
        let page: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        #expect(
            try applied([2, 3, 0xa, 0xb, 0xc, 1, 1, 0xd], to: page)
                == [1, 2, 0xa, 0xb, 0xc, 6, 0xd, 8])
    }

    @Test("The first run may be empty")
    func first() throws {
        #expect(try applied([0, 1, 9], to: [1, 2]) == [9, 2])
    }

    @Test("A length of two octets has seven bits in each")
    func long() throws {
        // 0x80 | 4, 2: 4 + 2 * 128 = 260.
        var page = [UInt8](repeating: 0, count: 300)
        page[260] = 7
        #expect(
            try applied([0x84, 2, 1, 7], to: [UInt8](repeating: 0, count: 300)) == page)
    }

    @Test(
        "What is no difference of this page is refused, with the octet",
        arguments: [
            ([0], .malformed(at: 1)), ([1, 0], .malformed(at: 0)),
            ([1, 2, 9], .malformed(at: 0)), ([0x81], .malformed(at: 1)),
            ([0x81, 0x80, 1, 1], .malformed(at: 1)),
            // A later run of octets that stay can't be empty.
            ([0, 1, 9, 0, 1, 9], .malformed(at: 3)),
            ([3, 2, 9, 9], .tooLong(at: 0)), ([0xff, 0x7f, 1, 9], .tooLong(at: 0)),
        ] as [([UInt8], XBZRLE.Failure)])
    func refused(delta: [UInt8], failure: XBZRLE.Failure) {
        #expect(throws: failure) { try applied(delta, to: [1, 2, 3, 4]) }
    }
}
