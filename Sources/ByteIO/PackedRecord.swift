/// A container's own octets, to be kept beside the stream that was unpacked from them.
///
/// Compressed octets can't be made again from what they unpack to: that depends on the program,
/// its version and its options.
public final class PackedRecord {
    private let octets: any ByteProducer
    /// Goes over the stream while it is read.
    public let unpacked = ByteTally()

    public init(_ octets: any ByteProducer) { self.octets = octets }

    /// Octets in all. Final when the stream has been read to its end.
    public var length: UInt64 { octets.size ?? 0 }

    /// `count` octets from `offset` on, fewer at the end.
    public func octets(at offset: UInt64, count: Int) throws(ByteIOError) -> [UInt8] {
        try octets.octets(at: offset, count: count)
    }
}
