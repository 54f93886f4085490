extension RawSpan {
    /// Whether all octets are 0.
    public var isZero: Bool { firstNonZero == nil }

    /// Where the first octet stands that is not 0.
    public var firstNonZero: Int? {
        let count = byteCount
        var at = 0
        // Most zero pages are told by 64 octets at a time; others stop within the first few.
        while count - at >= 64 {
            // 64 octets lie in the span, by the line above; any octets make such a vector.
            let vector = unsafe unsafeLoadUnaligned(fromByteOffset: at, as: SIMD8<UInt64>.self)
            if vector != SIMD8<UInt64>(repeating: 0) { break }
            at += 64
        }
        while at < count {
            if octet(at: at) != 0 { return at }
            at += 1
        }
        return nil
    }
}
