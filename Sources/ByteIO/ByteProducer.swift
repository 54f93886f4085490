/// What makes a source's octets, where no descriptor gives them: something that unpacks another
/// source, or gathers a file's parts.
///
/// It is called once for a window, so that what it costs to call it doesn't count.
public protocol ByteProducer: AnyObject {
    /// The number of octets in all, if any of them can be read at any time.
    var size: UInt64? { get }

    /// Fills `buffer` from its start with the next octets; waits until there is one.
    /// - Returns: how many there are; 0 at the end.
    /// - Throws: ``ByteIOError``, with a ``ContentFault`` if the octets behind it are no good.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteIOError) -> Int

    /// Fills `buffer` with the octets from `offset` on, where ``size`` is not `nil`.
    /// - Returns: how many there are; fewer than asked for only at the end.
    func read(
        at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ByteIOError) -> Int
}

extension ByteProducer {
    /// Nothing can be read out of turn.
    public var size: UInt64? { nil }

    /// Nothing can be read out of turn.
    public func read(
        at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ByteIOError) -> Int { 0 }
}

extension ByteProducer {
    /// `count` octets from `offset` on, fewer at the end. Only where ``size`` is not `nil`.
    public func octets(at offset: UInt64, count: Int) throws(ByteIOError) -> [UInt8] {
        var failure: ByteIOError?
        // `read` fills no more than the buffer.
        let result = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(ByteIOError) {
                filled = try unsafe read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
            } catch { failure = error }
        }
        if let failure { throw failure }
        return result
    }
}

/// The length and the CRC-32C of all octets that a source has read.
public final class ByteTally {
    public private(set) var length: UInt64 = 0
    public private(set) var checksum = CRC32C()

    public init() {}

    func add(_ octets: UnsafeRawBufferPointer) {
        length &+= UInt64(octets.count)
        unsafe checksum.update(octets)
    }
}
