/// Integers in network order, as both the binary stream and BER have them.
///
/// Offsets are octets from the span's start. All trap if the integer does not lie in the span:
/// whoever calls has asked for that many octets before.
extension RawSpan {
    @inlinable @inline(__always)
    public func octet(at offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < byteCount)
        // The precondition above is the bounds check.
        return unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    @inlinable @inline(__always)
    public func bigEndian<T: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int, as type: T.Type = T.self
    ) -> T {
        let size = MemoryLayout<T>.size
        precondition(offset >= 0 && byteCount >= size && offset <= byteCount - size)
        // The precondition above is the bounds check.
        return unsafe T(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// The span's octets, copied.
    public var octets: [UInt8] {
        unsafe withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// The text of `count` octets from `offset`, or `nil` if they are not UTF-8.
    public func text(at offset: Int, count: Int) -> String? {
        unsafe extracting(offset..<offset + count).withUnsafeBytes { bytes in
            unsafe String(validating: bytes, as: UTF8.self)
        }
    }
}
