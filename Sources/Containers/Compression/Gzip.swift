import ByteIO

/// gzip (RFC 1952) by zlib, which checks each member's CRC and length.
@safe final class GzipDecompressor: Decompressor {
    static let name = "gzip"

    private let inflater: Inflater

    static func begins(_ start: RawSpan) -> Bool {
        start.byteCount >= 4 && start.octet(at: 0) == 0x1f && start.octet(at: 1) == 0x8b
            && start.octet(at: 2) == 8 && start.octet(at: 3) & 0xe0 == 0
    }

    init() throws(DecompressionFailure) { inflater = try Inflater(.gzip, name: Self.name) }

    func begin() throws(DecompressionFailure) { try inflater.begin(name: Self.name) }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFailure) -> DecompressionStep {
        try unsafe inflater.step(input, output, name: Self.name)
    }
}
