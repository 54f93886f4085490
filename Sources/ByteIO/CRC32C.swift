internal import CChecksum

/// A running CRC-32C (Castagnoli), as iSCSI (RFC 3720) and ext4 use it.
public struct CRC32C: Sendable, Hashable {
    /// The checksum of all octets so far.
    public private(set) var value: UInt32 = 0

    public init() {}

    /// Goes on over `octets`.
    public mutating func update(_ octets: RawSpan) {
        let before = value
        // The C function reads just the octets of the span.
        value = unsafe octets.withUnsafeBytes {
            unsafe berth_crc32c(before, $0.baseAddress, $0.count)
        }
    }

    mutating func update(_ octets: UnsafeRawBufferPointer) {
        value = unsafe berth_crc32c(value, octets.baseAddress, octets.count)
    }

    /// Goes on over `octets`, and copies them to the beginning of `target`, which has room for them.
    mutating func update(
        _ octets: UnsafeRawBufferPointer, copyingTo target: UnsafeMutableRawBufferPointer
    ) {
        precondition(target.count >= octets.count)
        // There is room, by the line above.
        value = unsafe berth_crc32c_copy(
            value, target.baseAddress, octets.baseAddress, octets.count)
    }
}
