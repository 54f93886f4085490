internal import BER
internal import ByteIO

/// Writes text made of numbers and short words, without making strings.
@safe struct LineWriter: ~Copyable {
    private static let size = 64 << 10
    /// Room that a piece of text needs at most.
    private static let margin = 256

    private var sink: ByteSink
    // Allocated in init, freed in deinit; octets below `count` are set.
    private let buffer: UnsafeMutableRawBufferPointer
    private var count = 0

    init(_ sink: consuming ByteSink) {
        self.sink = sink
        unsafe buffer = .allocate(byteCount: LineWriter.size, alignment: 16)
    }

    deinit { unsafe buffer.deallocate() }

    mutating func flush() throws(ByteIOError) {
        try spill()
        try sink.flush()
    }

    private mutating func spill() throws(ByteIOError) {
        // The octets below `count` are set, and stay until `settle`.
        let octets = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
        try sink.lend(unsafe octets.bytes)
        try sink.settle()
        count = 0
    }

    /// Makes room for `margin` octets.
    @inline(__always)
    private mutating func reserve() throws(ByteIOError) {
        if LineWriter.size - count < LineWriter.margin { try spill() }
    }

    @inline(__always)
    mutating func octet(_ octet: UInt8) throws(ByteIOError) {
        try reserve()
        unsafe buffer[count] = octet
        count += 1
    }

    /// - Parameter text: of at most `margin` octets.
    @inline(__always)
    mutating func text(_ text: StaticString) throws(ByteIOError) {
        try reserve()
        let length = min(text.utf8CodeUnitCount, LineWriter.margin)
        // A static string's octets live as long as the program, and there is room for so many.
        unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
            .copyMemory(from: UnsafeRawBufferPointer(start: text.utf8Start, count: length))
        count += length
    }

    mutating func spaces(_ wanted: Int) throws(ByteIOError) {
        try reserve()
        let wanted = min(wanted, LineWriter.margin)
        for index in 0..<max(wanted, 0) { unsafe buffer[count + index] = 0x20 }
        count += max(wanted, 0)
    }

    @inline(__always)
    mutating func hexOctet(_ octet: UInt8) throws(ByteIOError) {
        try reserve()
        unsafe buffer[count] = LineWriter.digit(octet >> 4)
        unsafe buffer[count + 1] = LineWriter.digit(octet & 15)
        count += 2
    }

    @inline(__always)
    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x57 + value
    }

    /// A number of at least `digits` hexadecimal digits.
    mutating func hex(_ value: UInt64, digits: Int) throws(ByteIOError) {
        try reserve()
        let needed = max(min(digits, 16), (64 - value.leadingZeroBitCount + 3) / 4)
        var rest = value
        var index = count + needed
        while index > count {
            index -= 1
            unsafe buffer[index] = LineWriter.digit(UInt8(truncatingIfNeeded: rest) & 15)
            rest >>= 4
        }
        count += needed
    }

    /// A number, right-aligned in `width` columns.
    mutating func decimal(_ value: UInt64, width: Int) throws(ByteIOError) {
        try reserve()
        let digits = DecimalDigits.count(value)
        let size = max(digits, min(width, LineWriter.margin))
        for index in 0..<size - digits { unsafe buffer[count + index] = 0x20 }
        var rest = value
        var index = count + size
        repeat {
            index -= 1
            unsafe buffer[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        count += size
    }

    /// A blank and a number with its sign.
    mutating func signed(_ value: Int64) throws(ByteIOError) {
        try octet(0x20)
        if value < 0 { try octet(0x2d) }
        try decimal(value.magnitude, width: 0)
    }

    mutating func tag(_ tag: Tag) throws(ByteIOError) {
        switch tag.class {
        case .universal:
            if let name = Tag.universalName(tag.number) {
                for octet in name.utf8 { try self.octet(octet) }
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
        try octet(0x5d)
    }
}
