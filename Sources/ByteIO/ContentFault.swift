/// What is wrong with the octets that a ``ByteProducer`` reads: damage, not a failed system call.
public struct ContentFault: Hashable, Sendable {
    public enum Code: String, Hashable, Sendable, CaseIterable {
        case truncated, corrupt, unsupported, limit
    }

    public var code: Code
    /// What the octets should be, as in `gzip`.
    public var format: String
    /// Octets from the start of what is read, the packed side, to the fault. A compressor's
    /// library notices a fault where it reads, which may be some octets behind its cause.
    public var offset: UInt64
    /// Octets that had been made before, the unpacked side.
    public var produced: UInt64
    public var expected: String
    public var found: String
    public var hint: String?

    public init(
        _ code: Code, format: String, at offset: UInt64, produced: UInt64, expected: String,
        found: String, hint: String? = nil
    ) {
        self.code = code
        self.format = format
        self.offset = offset
        self.produced = produced
        self.expected = expected
        self.found = found
        self.hint = hint
    }

    /// `found`, with the place in what is made.
    public var foundWithPlace: String {
        found + ", at 0x" + String(produced, radix: 16) + " of what it unpacks to"
    }
}
