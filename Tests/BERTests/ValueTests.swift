import BER
import ByteIO
import TestSupport
import Testing

/// INTEGER, BOOLEAN and strings as readers by hand take them (X.690 8.2, 8.3, 8.7, 8.23).
@Suite("BER values")
struct ValueTests {
    private func read<T>(
        _ hexOctets: String, _ body: (inout BERReader, BERElement) throws(BERError) -> T
    ) throws -> T {
        var reader = BERReader(ByteSource(octets: octets(hexOctets)))
        guard case .element(let element) = try reader.next() else {
            throw BERError(.unexpectedElement, element: 0, at: 0)
        }
        return try body(&reader, element)
    }

    @Test(
        "An INTEGER that is empty, padded, too large or constructed is refused",
        arguments: [
            "02 00", "02 02 007f", "02 02 ff80", "02 02 0000", "02 09 018000000000000000",
            "02 0a 00ffffffffffffffffff", "22 03 02 01 05",
        ])
    func badIntegers(_ hexOctets: String) {
        #expect(throws: BERError.self) {
            try read(hexOctets) { (r, e) throws(BERError) in try r.signedInteger(e) }
        }
        #expect(throws: BERError.self) {
            try read(hexOctets) { (r, e) throws(BERError) in try r.unsignedInteger(e) }
        }
    }

    @Test("Negative numbers are no unsigned ones, and 2^63 no signed one")
    func ranges() throws {
        #expect(throws: BERError.self) {
            try read("02 01 ff") { (r, e) throws(BERError) in try r.unsignedInteger(e) }
        }
        #expect(throws: BERError.self) {
            try read("02 09 008000000000000000") { (r, e) throws(BERError) in
                try r.signedInteger(e)
            }
        }
        let large = try read("02 09 008000000000000000") { (r, e) throws(BERError) in
            try r.unsignedInteger(e)
        }
        #expect(large == 1 << 63)
    }

    @Test("Every octet but 00 is TRUE; more or fewer octets than one are no BOOLEAN")
    func booleans() throws {
        for (octets, expected) in [("01 01 00", false), ("01 01 ff", true), ("01 01 01", true)] {
            let value = try read(octets) { (r, e) throws(BERError) in try r.boolean(e) }
            #expect(value == expected)
        }
        for octets in ["01 00", "01 02 ffff", "21 03 01 01 ff"] {
            #expect(throws: BERError.self) {
                try read(octets) { (r, e) throws(BERError) in try r.boolean(e) }
            }
        }
    }

    @Test(
        "A string's segments, nested and of every length, are one string",
        arguments: [
            "04 05 68656c6c6f",
            "24 09 04 02 6865 04 03 6c6c6f",
            "24 80 04 01 68 04 00 04 04 656c6c6f 00 00",
            // 8.7.3.2 allows segments in segments.
            "24 80 24 80 04 01 68 24 04 04 02 656c 00 00 04 02 6c6f 00 00",
            // 8.23.6: a UTF8String's segments are OCTET STRINGs.
            "2c 0b 04 02 6865 24 05 04 03 6c6c6f",
        ])
    func strings(_ hexOctets: String) throws {
        let octets = try read(hexOctets) { (r, e) throws(BERError) in
            try r.string(e, limit: 5)
        }
        #expect(octets == Array("hello".utf8))
        #expect(throws: BERError.self) {
            try read(hexOctets) { (r, e) throws(BERError) in try r.string(e, limit: 4) }
        }
    }

    @Test("An element behind a string in segments is the next one")
    func behindString() throws {
        let next = try read("24 80 24 00 04 01 09 00 00 02 01 05") { (r, e) throws(BERError) in
            _ = try r.string(e, limit: 10)
            return try r.next()
        }
        guard case .element(let element) = next else {
            Issue.record("no element")
            return
        }
        #expect(element.tag == .integer && element.offset == 9)
    }

    @Test("Segments of another type are refused, at their place")
    func foreignSegments() {
        do {
            _ = try read("24 06 04 01 09 02 01 05") { (r, e) throws(BERError) in
                try r.string(e, limit: 10)
            }
            Issue.record("no error")
        } catch let error as BERError {
            #expect(error.code == .unexpectedElement && error.at == 5)
        } catch { Issue.record("\(error)") }
    }

    @Test("Segments whose lengths add up beyond all bounds are refused, not added up")
    func overflowingSegments() {
        // The second segment claims 2^63 - 1 octets.
        do {
            _ = try read("24 80 04 01 41 04 88 7fffffffffffffff 00") { (r, e) throws(BERError) in
                try r.string(e, limit: 100)
            }
            Issue.record("no error")
        } catch let error as BERError {
            #expect(error.code == .value)
        } catch { Issue.record("\(error)") }
    }

    @Test("A string that the input cuts is told as cut")
    func cutString() {
        do {
            _ = try read("24 80 04 02 68") { (r, e) throws(BERError) in
                try r.string(e, limit: 100)
            }
            Issue.record("no error")
        } catch let error as BERError {
            #expect(error.code == .truncated && error.at == 5)
        } catch { Issue.record("\(error)") }
    }
}
