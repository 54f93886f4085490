internal import ByteIO

/// The difference of a page to its content before (QEMU's `migration/xbzrle.c`).
enum XBZRLE {
    /// Why a difference can't be applied.
    enum Failure: Error, Hashable {
        /// The octet in the difference at which it goes wrong.
        case malformed(at: Int)
        /// The runs reach past the page.
        case tooLong(at: Int)
    }

    /// Applies `delta` to `page`: runs of octets that stay and of octets that are new alternate,
    /// each with its length before it in one or two octets.
    static func apply(_ delta: RawSpan, to page: inout [UInt8]) throws(Failure) {
        var at = 0
        var place = 0
        while at < delta.byteCount {
            let start = at
            let kept = try length(delta, &at)
            guard kept > 0 || start == 0 else { throw .malformed(at: start) }
            let fresh = try length(delta, &at)
            guard fresh > 0, fresh <= delta.byteCount - at else { throw .malformed(at: start) }
            place += kept
            guard place + fresh <= page.count else { throw .tooLong(at: start) }
            for index in 0..<fresh { page[place + index] = delta.octet(at: at + index) }
            place += fresh
            at += fresh
        }
    }

    /// A ULEB128 of at most two octets.
    private static func length(_ delta: RawSpan, _ at: inout Int) throws(Failure) -> Int {
        guard at < delta.byteCount else { throw .malformed(at: at) }
        let first = delta.octet(at: at)
        at += 1
        guard first & 0x80 != 0 else { return Int(first) }
        guard at < delta.byteCount, delta.octet(at: at) & 0x80 == 0 else {
            throw .malformed(at: at)
        }
        defer { at += 1 }
        return Int(first & 0x7f) | Int(delta.octet(at: at)) << 7
    }
}
