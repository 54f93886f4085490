public import ByteIO

/// Text on its way out: gathered in a buffer, without strings made for it.
@safe public final class TextSink {
    private static let size = 256 << 10

    private var sink: ByteSink
    // Allocated in init, freed in deinit; octets below `count` are set.
    private let buffer: UnsafeMutableRawBufferPointer
    private var count = 0

    public init(_ sink: consuming ByteSink) {
        self.sink = sink
        unsafe buffer = .allocate(byteCount: TextSink.size, alignment: 16)
    }

    deinit { unsafe buffer.deallocate() }

    public func flush() throws(ByteIOError) {
        try spill()
        try sink.flush()
    }

    /// The octets of a sink in memory.
    public func takeOctets() throws(ByteIOError) -> [UInt8] {
        try spill()
        return try sink.takeOctets()
    }

    private func spill() throws(ByteIOError) {
        // The octets below `count` are set, and stay until `settle`.
        let octets = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
        try sink.lend(unsafe octets.bytes)
        try sink.settle()
        count = 0
    }

    /// Makes room for that many octets, at most `size`.
    @inline(__always)
    private func reserve(_ wanted: Int) throws(ByteIOError) {
        if TextSink.size - count < wanted { try spill() }
    }

    @inline(__always)
    func octet(_ octet: UInt8) throws(ByteIOError) {
        try reserve(1)
        unsafe buffer[count] = octet
        count += 1
    }

    @inline(__always)
    func text(_ text: StaticString) throws(ByteIOError) {
        let length = text.utf8CodeUnitCount
        try reserve(length)
        for index in 0..<length {
            // A static string's octets live as long as the program.
            unsafe buffer[count + index] = text.utf8Start[index]
        }
        count += length
    }

    func text(_ text: String) throws(ByteIOError) {
        for unit in text.utf8 { try octet(unit) }
    }

    func octets(_ octets: [UInt8], _ range: Range<Int>) throws(ByteIOError) {
        guard range.count <= TextSink.size else {
            for index in range { try octet(octets[index]) }
            return
        }
        try reserve(range.count)
        // There is room for so many octets; the array's subscript checks the range.
        unsafe octets[range].withUnsafeBytes {
            unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: $0)
        }
        count += range.count
    }

    @inline(__always)
    func spaces(_ wanted: Int) throws(ByteIOError) {
        let wanted = min(max(wanted, 0), TextSink.size - 16)
        try reserve(wanted + 16)
        var at = 0
        while at < wanted {
            // There is room for 16 octets more than are wanted.
            unsafe buffer.storeBytes(
                of: SIMD16(repeating: 0x20), toByteOffset: count + at, as: SIMD16<UInt8>.self)
            at += 16
        }
        count += wanted
    }

    /// One of the texts that are written often.
    @inline(__always)
    func label(_ labels: Labels, _ index: Int32) throws(ByteIOError) {
        let (start, length) = labels.range(index)
        guard length <= TextSink.size - Labels.padding else { return }
        try reserve(length + Labels.padding)
        guard let memory = unsafe buffer.baseAddress else { return }
        // There is room for the text and its padding.
        unsafe labels.copy(start, length, to: memory + count)
        count += length
    }

    @inline(__always)
    func decimal(_ value: UInt64) throws(ByteIOError) {
        try reserve(DecimalDigits.limit)
        count += DecimalDigits.count(value)
        // There is room for the digits, by the first line.
        unsafe DecimalDigits.write(value, before: count, in: buffer)
    }

    @inline(__always)
    func signed(_ value: Int64) throws(ByteIOError) {
        if value < 0 { try octet(0x2d) }
        try decimal(value.magnitude)
    }

    private static let lowerDigits: StaticString = "0123456789abcdef"
    private static let upperDigits: StaticString = "0123456789ABCDEF"

    /// Two hexadecimal digits an octet.
    func hex(_ window: RawSpan, isUpper: Bool) throws(ByteIOError) {
        let digits = isUpper ? TextSink.upperDigits : TextSink.lowerDigits
        var index = 0
        while index < window.byteCount {
            let step = min(window.byteCount - index, TextSink.size / 4)
            try reserve(2 * step)
            for offset in 0..<step {
                let octet = window.octet(at: index + offset)
                // Digits are 16, and there is room for 2 * step octets.
                unsafe buffer[count + 2 * offset] = digits.utf8Start[Int(octet >> 4)]
                unsafe buffer[count + 2 * offset + 1] = digits.utf8Start[Int(octet & 15)]
            }
            count += 2 * step
            index += step
        }
    }

    /// Copies octets as they are.
    func copy(_ window: RawSpan) throws(ByteIOError) {
        for index in 0..<window.byteCount { try octet(window.octet(at: index)) }
    }

    /// A code point as UTF-8; what is none becomes the replacement character.
    func scalar(_ code: UInt32) throws(ByteIOError) {
        let scalar = Unicode.Scalar(code) ?? "\u{fffd}"
        for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { try octet(unit) }
    }
}
