internal import ByteIO

/// The content octets of OBJECT IDENTIFIER and RELATIVE-OID (X.690 8.19 and 8.20).
enum ObjectIdentifierRules {
    struct Problem {
        var code: ValidationCode
        /// Octets from the content's start.
        var at: Int
        var message: String
    }

    static func check(
        _ window: RawSpan, _ start: Int, _ count: Int, isWhole: Bool
    ) -> Problem? {
        guard count > 0 else {
            return Problem(
                code: .objectIdentifierLength, at: 0,
                message: "an object identifier has at least one octet")
        }
        var isStart = true
        for index in 0..<count {
            let octet = window.octet(at: start + index)
            if isStart, octet == 0x80 {
                return Problem(
                    code: .objectIdentifierPadding, at: index,
                    message: "an arc begins with an octet more than needed")
            }
            isStart = octet & 0x80 == 0
        }
        guard !isStart, isWhole else { return nil }
        return Problem(
            code: .objectIdentifierTruncated, at: count - 1, message: "the last arc doesn't end")
    }
}
