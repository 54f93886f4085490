internal import BER
internal import ByteIO

/// Writes text made of numbers and short words, without making strings.
struct LineWriter: ~Copyable {
    private var sink: ByteSink

    init(_ sink: consuming ByteSink) {
        self.sink = sink
    }

    mutating func flush() throws(ByteIOError) { try sink.flush() }

    mutating func octet(_ octet: UInt8) throws(ByteIOError) { try sink.append(octet) }

    mutating func text(_ text: StaticString) throws(ByteIOError) {
        // A static string's octets live as long as the program.
        let octets = unsafe UnsafeRawBufferPointer(
            start: text.utf8Start, count: text.utf8CodeUnitCount)
        try sink.append(unsafe octets.bytes)
    }

    mutating func spaces(_ count: Int) throws(ByteIOError) {
        for _ in 0..<count { try sink.append(0x20) }
    }

    mutating func hexOctet(_ octet: UInt8) throws(ByteIOError) {
        try sink.append(LineWriter.digit(octet >> 4))
        try sink.append(LineWriter.digit(octet & 15))
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x57 + value
    }

    /// A number of at least `digits` hexadecimal digits.
    mutating func hex(_ value: UInt64, digits: Int) throws(ByteIOError) {
        let needed = max(digits, (64 - value.leadingZeroBitCount + 3) / 4)
        for index in stride(from: needed - 1, through: 0, by: -1) {
            let digit = index < 16 ? UInt8(truncatingIfNeeded: value >> UInt64(4 * index)) & 15 : 0
            try sink.append(LineWriter.digit(digit))
        }
    }

    /// A number, right-aligned in `width` columns.
    mutating func decimal(_ value: UInt64, width: Int) throws(ByteIOError) {
        var digits = 1
        var power: UInt64 = 1
        while value / power >= 10 {
            power *= 10
            digits += 1
        }
        try spaces(max(0, width - digits))
        while power > 0 {
            try sink.append(0x30 + UInt8(truncatingIfNeeded: value / power % 10))
            power /= 10
        }
    }

    /// A blank and a number with its sign.
    mutating func signed(_ value: Int64) throws(ByteIOError) {
        try sink.append(0x20)
        if value < 0 { try sink.append(0x2d) }
        try decimal(value.magnitude, width: 0)
    }

    mutating func tag(_ tag: Tag) throws(ByteIOError) {
        switch tag.class {
        case .universal:
            if let name = Tag.universalName(tag.number) {
                for octet in name.utf8 { try sink.append(octet) }
                return
            }
            try text("[UNIVERSAL ")
        case .application: try text("[APPLICATION ")
        case .context: try text("[")
        case .private: try text("[PRIVATE ")
        }
        if tag.number == Tag.hugeNumber {
            try text("2^64 or more")
        } else {
            try decimal(tag.number, width: 0)
        }
        try sink.append(0x5d)
    }
}
