import ASN1
import SchemaValidation
import Testing

/// Numbers beyond 64 bits in listings. The digits were computed by Python's integers.
struct LargeNumberTests {
    static func json(_ type: String, _ hex: String) throws -> String {
        try DifferentialTests.json(FaultTests.octets(hex), ConstraintTests.program(type))
            .filter { !$0.isWhitespace }
    }

    @Test("An arc of 128 bits is told whole (X.667)")
    func arcs() throws {
        let uuid = try Self.json(
            "OBJECT IDENTIFIER", "06 14 69 83 f0 9d a7 eb cf de e0 c7 a1 a7 b2 c0 94 8c c8 f9 d7 76"
        )
        #expect(uuid == "\"2.25.329800735698586629295641978511506172918\"")
        let first = try Self.json(
            "OBJECT IDENTIFIER", "06 13 83 ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff 7f")
        #expect(first == "\"2.340282366920938463463374607431768211375\"")
        let relative = try Self.json("RELATIVE-OID", "0d 0b 05 82 80 80 80 80 80 80 80 80 00")
        #expect(relative == "\"5.18446744073709551616\"")
    }

    @Test("An INTEGER of the size of a key is told whole")
    func integers() throws {
        // 2^1032 and -2^1032 - 1: 130 octets.
        let zeros = String(repeating: " 00", count: 129)
        let power = try Self.json("INTEGER", "02 81 82 01" + zeros)
        let digits =
            "46020944252475287237870212884199033180620210660923048261998100776379"
            + "56500620824656197337019453632922140674915324707669956065018081649065"
            + "53581689422437053758407085807167655642307333682179190000945799892357"
            + "33761476822566574679670497657321756298451772713817730735254092349426"
            + "494960250807374037851220383801379127296"
        #expect(power == digits)
        let ones = String(repeating: " ff", count: 129)
        let negative = try Self.json("INTEGER", "02 81 82 fe" + ones)
        #expect(negative == "-" + digits.dropLast() + "7")
    }
}
