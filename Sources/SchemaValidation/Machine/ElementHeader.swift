internal import BER
internal import ByteIO

/// Identifier and length octets of one element (X.690 8.1.2 and 8.1.3), made for speed.
struct ElementHeader: BitwiseCopyable {
    enum Problem: UInt8, BitwiseCopyable {
        case none, incomplete
        case lengthReserved, lengthTooLarge, tagPadding, tagNotLowForm, tagTooLong
    }

    /// Tag octets behind the first.
    static let tagOctetLimit = 126

    var tag = TagKey.none
    /// Content octets; meaningless for the indefinite form.
    var length: UInt64 = 0
    var size = 0
    var tagSize = 0
    var isConstructed = false
    var isIndefinite = false
    var isMinimal = true
    var problem = Problem.none
    /// Where in the head a problem is.
    var problemAt = 0

    /// Reads a head of which `available` octets are at hand.
    @inline(__always)
    static func read(_ window: RawSpan, at: Int, available: Int) -> ElementHeader {
        var head = ElementHeader()
        guard available >= 2 else {
            head.problem = .incomplete
            return head
        }
        let first = window.octet(at: at)
        let second = window.octet(at: at + 1)
        if first & 0x1f != 0x1f, second < 0x80 {
            head.tag = TagKey(bits: UInt64(first >> 6) << 62 | UInt64(first & 0x1f))
            head.isConstructed = first & 0x20 != 0
            head.length = UInt64(second)
            head.size = 2
            head.tagSize = 1
            return head
        }
        head.readLong(window, at, available)
        return head
    }

    private mutating func readLong(_ window: RawSpan, _ at: Int, _ available: Int) {
        let first = window.octet(at: at)
        isConstructed = first & 0x20 != 0
        var number = UInt64(first & 0x1f)
        var index = 1
        if number == 0x1f {
            number = 0
            var isHuge = false
            while true {
                guard index < available else { return fail(.incomplete, index) }
                guard index <= ElementHeader.tagOctetLimit else { return fail(.tagTooLong, index) }
                let octet = window.octet(at: at + index)
                if index == 1, octet == 0x80 { return fail(.tagPadding, index) }
                if number >> 55 != 0 { isHuge = true }
                number = number << 7 | UInt64(octet & 0x7f)
                index += 1
                if octet & 0x80 == 0 { break }
            }
            if isHuge { number = TagKey.numberLimit }
            if number < 31 { return fail(.tagNotLowForm, 1) }
        }
        tag = TagKey(classBits: first >> 6, number: number)
        tagSize = index
        guard index < available else { return fail(.incomplete, index) }
        let octet = window.octet(at: at + index)
        let lengthAt = index
        index += 1
        if octet < 0x80 {
            length = UInt64(octet)
        } else if octet == 0x80 {
            isIndefinite = true
        } else if octet == 0xff {
            return fail(.lengthReserved, lengthAt)
        } else {
            let octets = Int(octet & 0x7f)
            guard index + octets <= available else { return fail(.incomplete, lengthAt) }
            var value: UInt64 = 0
            for offset in 0..<octets {
                if value >> 55 != 0 { return fail(.lengthTooLarge, lengthAt) }
                value = value << 8 | UInt64(window.octet(at: at + index + offset))
            }
            isMinimal = window.octet(at: at + index) != 0 && value >= 0x80
            length = value
            index += octets
        }
        size = index
    }

    private mutating func fail(_ problem: Problem, _ at: Int) {
        self.problem = problem
        problemAt = at
    }
}
