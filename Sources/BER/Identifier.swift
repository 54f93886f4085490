import ByteIO

/// The identifier and length octets of one element (X.690 8.1.2, 8.1.3), read from a window.
struct ElementHead {
    enum Result {
        case complete(ElementHead)
        /// The window ends inside the head; more octets decide.
        case incomplete
        case fault(BERError.Code, at: Int)
    }

    var tag: Tag
    var isConstructed: Bool
    /// Content octets; `nil` for the indefinite form.
    var length: UInt64?
    /// Octets of tag and length.
    var size: Int
    /// Where the length octets begin.
    var lengthAt: Int
    var isLengthMinimal: Bool

    /// Tag octets behind the first. 2^64 takes ten; the limit leaves room for huge numbers, that
    /// no schema has but that are well-formed.
    static let tagOctetLimit = 126

    @inline(__always)
    static func parse(_ window: RawSpan, at start: Int = 0) -> Result {
        let count = window.byteCount
        guard start + 2 <= count else { return .incomplete }
        let first = window.octet(at: start)
        let second = window.octet(at: start + 1)
        if first & 0x1f != 0x1f, second < 0x80 {
            return .complete(
                ElementHead(
                    tag: Tag(tagClass(first), UInt64(first & 0x1f)),
                    isConstructed: first & 0x20 != 0, length: UInt64(second), size: 2,
                    lengthAt: start + 1, isLengthMinimal: true))
        }
        return parseLong(window, at: start)
    }

    private static func tagClass(_ octet: UInt8) -> Tag.Class {
        switch octet >> 6 {
        case 0: .universal
        case 1: .application
        case 2: .context
        default: .private
        }
    }

    private static func parseLong(_ window: RawSpan, at start: Int) -> Result {
        let count = window.byteCount
        let first = window.octet(at: start)
        var number = UInt64(first & 0x1f)
        var at = start + 1
        if number == 0x1f {
            number = 0
            var isHuge = false
            while true {
                guard at < count else { return .incomplete }
                guard at - start <= tagOctetLimit else { return .fault(.tagTooLong, at: at) }
                let octet = window.octet(at: at)
                if at == start + 1, octet == 0x80 { return .fault(.tagPadding, at: at) }
                if number >> 57 != 0 { isHuge = true }
                number = number << 7 | UInt64(octet & 0x7f)
                at += 1
                if octet & 0x80 == 0 { break }
            }
            if isHuge { number = Tag.hugeNumber }
            if number < 31 { return .fault(.tagNotLowForm, at: start + 1) }
        }
        guard at < count else { return .incomplete }
        let lengthAt = at
        let octet = window.octet(at: at)
        at += 1
        var length: UInt64? = UInt64(octet)
        var isMinimal = true
        if octet == 0x80 {
            length = nil
        } else if octet == 0xff {
            return .fault(.lengthReserved, at: lengthAt)
        } else if octet > 0x80 {
            let octets = Int(octet & 0x7f)
            guard at + octets <= count else { return .incomplete }
            var value: UInt64 = 0
            for index in at..<at + octets {
                if value >> 55 != 0 { return .fault(.lengthOverrunsParent, at: lengthAt) }
                value = value << 8 | UInt64(window.octet(at: index))
            }
            isMinimal = window.octet(at: at) != 0 && value >= 0x80
            length = value
            at += octets
        }
        return .complete(
            ElementHead(
                tag: Tag(tagClass(first), number), isConstructed: first & 0x20 != 0,
                length: length, size: at - start, lengthAt: lengthAt, isLengthMinimal: isMinimal))
    }
}
