public import ByteIO

/// Writes BER elements to a sink: definite minimal lengths, minimal INTEGERs, TRUE as ff.
public struct BERWriter: ~Copyable {
    public var sink: ByteSink

    public init(_ sink: consuming ByteSink) {
        self.sink = sink
    }

    /// Octets written so far.
    public var position: UInt64 { sink.position }

    public consuming func takeSink() -> ByteSink { sink }

    /// Writes identifier octets in the shortest form (X.690 8.1.2).
    public mutating func tag(_ tag: Tag, constructed: Bool) throws(ByteIOError) {
        let first = tag.class.rawValue << 6 | (constructed ? 0x20 : 0)
        if tag.number < 31 { return try sink.append(first | UInt8(truncatingIfNeeded: tag.number)) }
        try sink.append(first | 0x1f)
        var shift = 7 * (BERSize.digits(tag.number) - 1)
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: tag.number >> UInt64(shift)) & 0x7f
            try sink.append(shift > 0 ? digit | 0x80 : digit)
            shift -= 7
        }
    }

    /// Writes length octets in the shortest definite form (8.1.3.3, 8.1.3.5).
    public mutating func length(_ length: Int) throws(ByteIOError) {
        if length < 0x80 { return try sink.append(UInt8(truncatingIfNeeded: length)) }
        let octets = BERSize.length(length) - 1
        try sink.append(0x80 | UInt8(truncatingIfNeeded: octets))
        var shift = 8 * (octets - 1)
        while shift >= 0 {
            try sink.append(UInt8(truncatingIfNeeded: length >> shift))
            shift -= 8
        }
    }

    /// Begins an element whose content of `length` octets the caller writes.
    public mutating func head(_ tag: Tag, constructed: Bool, length: Int) throws(ByteIOError) {
        try self.tag(tag, constructed: constructed)
        try self.length(length)
    }

    /// Begins a constructed element of indefinite length (8.1.3.6).
    public mutating func beginIndefinite(_ tag: Tag) throws(ByteIOError) {
        try self.tag(tag, constructed: true)
        try sink.append(0x80)
    }

    /// Ends one.
    public mutating func endIndefinite() throws(ByteIOError) {
        try sink.append(bigEndian: UInt16(0))
    }

    public mutating func integer(_ tag: Tag, _ value: UInt64) throws(ByteIOError) {
        try self.tag(tag, constructed: false)
        let octets = BERSize.unsigned(value)
        try sink.append(UInt8(truncatingIfNeeded: octets))
        for index in stride(from: octets - 1, through: 0, by: -1) {
            try sink.append(index == 8 ? 0 : UInt8(truncatingIfNeeded: value >> (8 * index)))
        }
    }

    public mutating func integer(_ tag: Tag, _ value: Int64) throws(ByteIOError) {
        try self.tag(tag, constructed: false)
        let octets = BERSize.signed(value)
        try sink.append(UInt8(truncatingIfNeeded: octets))
        for index in stride(from: octets - 1, through: 0, by: -1) {
            try sink.append(UInt8(truncatingIfNeeded: value >> (8 * index)))
        }
    }

    public mutating func boolean(_ tag: Tag, _ value: Bool) throws(ByteIOError) {
        try head(tag, constructed: false, length: 1)
        try sink.append(value ? 0xff : 0)
    }

    public mutating func null(_ tag: Tag) throws(ByteIOError) {
        try head(tag, constructed: false, length: 0)
    }

    /// Writes a primitive string.
    public mutating func string(_ tag: Tag, _ octets: RawSpan) throws(ByteIOError) {
        try head(tag, constructed: false, length: octets.byteCount)
        try sink.append(octets)
    }

    public mutating func string(_ tag: Tag, _ text: String) throws(ByteIOError) {
        var text = text
        try head(tag, constructed: false, length: text.utf8.count)
        text.makeContiguousUTF8()
        for octet in text.utf8 { try sink.append(octet) }
    }
}

/// How many octets things take in BER.
public enum BERSize {
    /// Base-128 digits of a tag number.
    public static func digits(_ number: UInt64) -> Int {
        max(1, (64 - number.leadingZeroBitCount + 6) / 7)
    }

    /// Identifier octets.
    public static func tag(_ tag: Tag) -> Int {
        tag.number < 31 ? 1 : 1 + digits(tag.number)
    }

    /// Length octets in the shortest definite form.
    public static func length(_ length: Int) -> Int {
        length < 0x80 ? 1 : 1 + (64 - length.leadingZeroBitCount + 7) / 8
    }

    /// Content octets of an INTEGER.
    public static func unsigned(_ value: UInt64) -> Int {
        (64 - value.leadingZeroBitCount) / 8 + 1
    }

    /// Content octets of an INTEGER.
    public static func signed(_ value: Int64) -> Int {
        let magnitude = value < 0 ? ~value : value
        return (64 - magnitude.leadingZeroBitCount) / 8 + 1
    }

    /// A whole element with `content` octets.
    public static func element(_ tag: Tag, _ content: Int) -> Int {
        self.tag(tag) + length(content) + content
    }

    /// A whole INTEGER.
    public static func integer(_ tag: Tag, _ value: UInt64) -> Int {
        element(tag, unsigned(value))
    }
}
