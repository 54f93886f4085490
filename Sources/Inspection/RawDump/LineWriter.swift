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
        let wanted = max(0, min(wanted, LineWriter.margin - 16))
        blank(wanted)
        count += wanted
    }

    /// Puts blanks where the next octets go, in pieces of 16: up to 15 more than wanted.
    @inline(__always)
    private func blank(_ wanted: Int) {
        var at = 0
        while at < wanted {
            // There is room for `margin` octets, and `wanted` is 16 less at most.
            unsafe buffer.storeBytes(
                of: SIMD16(repeating: 0x20), toByteOffset: count + at, as: SIMD16<UInt8>.self)
            at += 16
        }
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
        if digits == 8, value >> 32 == 0 {
            // There is room for `margin` octets.
            unsafe buffer.storeBytes(
                of: LineWriter.eightDigits(value).bigEndian, toByteOffset: count, as: UInt64.self)
            count += 8
            return
        }
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

    /// The digits of a number below 2^32, an octet each, the highest first.
    @inline(__always)
    private static func eightDigits(_ value: UInt64) -> UInt64 {
        var spread = (value << 16 | value) & 0x0000_ffff_0000_ffff
        spread = (spread << 8 | spread) & 0x00ff_00ff_00ff_00ff
        spread = (spread << 4 | spread) & 0x0f0f_0f0f_0f0f_0f0f
        // Those above nine are letters, which begin 39 behind the colon.
        let letters = (spread &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return spread &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }

    /// A number, right-aligned in `width` columns.
    mutating func decimal(_ value: UInt64, width: Int) throws(ByteIOError) {
        try reserve()
        let digits = DecimalDigits.count(value)
        let size = max(digits, min(width, LineWriter.margin - 16))
        blank(size - digits)
        count += size
        // There is room for `margin` octets, which is more than a number has digits.
        unsafe DecimalDigits.write(value, before: count, in: buffer)
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
            if let name = Tag.universalText(tag.number) { return try text(name) }
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
