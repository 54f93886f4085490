import ByteIO
import CZlib

/// Deflated data (RFC 1951) by zlib, in one of the wrappings that zlib knows.
@safe final class Inflater {
    /// What stands around the deflated data.
    enum Wrapping: Int32 {
        /// Nothing.
        case raw = -15
        /// A head and a checksum (RFC 1950).
        case zlib = 15
        /// A gzip member (RFC 1952).
        case gzip = 31

        var expected: String {
            switch self {
            case .raw: "deflated data"
            case .zlib: "deflated data whose checksum agrees"
            case .gzip: "deflated data whose CRC agrees"
            }
        }
    }

    private let wrapping: Wrapping
    // Allocated in init, freed in deinit: zlib's state points back at it.
    private let stream: UnsafeMutablePointer<z_stream>

    init(_ wrapping: Wrapping, name: String) throws(DecompressionFailure) {
        self.wrapping = wrapping
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // The largest window, of 32 KiB.
        let result = unsafe inflateInit2_(
            stream, wrapping.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard result == Z_OK else { throw .memory(name) }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    func begin(name: String) throws(DecompressionFailure) {
        guard unsafe inflateReset(stream) == Z_OK else { throw .memory(name) }
    }

    /// Unpacks some octets. Neither buffer is used afterwards.
    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, name: String
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
        case Z_MEM_ERROR: throw .memory(name)
        default:
            // A constant string of the library's.
            let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
            throw DecompressionFailure(
                code: .corrupt, expected: wrapping.expected,
                found: message ?? "error \(result)", consumed: consumed)
        }
    }
}
