import ByteIO
import CZlib

/// gzip (RFC 1952) by zlib, which checks each member's CRC and length.
@safe final class GzipDecompressor: Decompressor {
    static let name = "gzip"

    // Allocated in init, freed in deinit: zlib's state points back at it.
    private let stream: UnsafeMutablePointer<z_stream>

    static func begins(_ start: RawSpan) -> Bool {
        start.byteCount >= 4 && start.octet(at: 0) == 0x1f && start.octet(at: 1) == 0x8b
            && start.octet(at: 2) == 8 && start.octet(at: 3) & 0xe0 == 0
    }

    init() throws(DecompressionFailure) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 16: with gzip's head and trail; 15: the largest window.
        let result = unsafe inflateInit2_(
            stream, 16 + 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard result == Z_OK else { throw .memory(Self.name) }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    func begin() throws(DecompressionFailure) {
        guard unsafe inflateReset(stream) == Z_OK else { throw .memory(Self.name) }
    }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFailure) -> DecompressionStep {
        // zlib counts in 32 bits.
        let inputSize = min(input.count, 1 << 30)
        let outputSize = min(output.count, 1 << 30)
        // The library reads and writes no more than the sizes say.
        unsafe stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
        unsafe stream.pointee.avail_in = UInt32(inputSize)
        unsafe stream.pointee.next_out = output.assumingMemoryBound(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_out = UInt32(outputSize)
        let result = unsafe inflate(stream, Z_NO_FLUSH)
        let consumed = unsafe inputSize - Int(stream.pointee.avail_in)
        let produced = unsafe outputSize - Int(stream.pointee.avail_out)
        switch result {
        case Z_OK, Z_STREAM_END, Z_BUF_ERROR:
            return DecompressionStep(
                consumed: consumed, produced: produced, isEnd: result == Z_STREAM_END)
        case Z_MEM_ERROR: throw .memory(Self.name)
        default:
            // A constant string of the library's.
            let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
            throw DecompressionFailure(
                code: .corrupt, expected: "deflated data whose CRC agrees",
                found: message ?? "error \(result)", consumed: consumed)
        }
    }
}
