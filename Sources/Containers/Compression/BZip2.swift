import ByteIO
import CBZip2

/// bzip2 by libbz2, which checks the CRC of each block and of each stream.
@safe final class BZip2Decompressor: Decompressor {
    static let name = "bzip2"

    // Allocated in init, freed in deinit: the library's state points back at it.
    private let stream: UnsafeMutablePointer<bz_stream>
    private var isOpen = false

    /// The head of a stream and of its first block, or of its end.
    static func begins(_ start: RawSpan) -> Bool {
        guard start.byteCount >= 10, start.octet(at: 0) == 0x42, start.octet(at: 1) == 0x5a,
            start.octet(at: 2) == 0x68, (0x31...0x39).contains(start.octet(at: 3))
        else { return false }
        let mark = start.extracting(4..<10).octets
        return mark == [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
            || mark == [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]
    }

    init() throws(DecompressionFailure) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: bz_stream())
    }

    deinit {
        if isOpen { _ = unsafe BZ2_bzDecompressEnd(stream) }
        unsafe stream.deallocate()
    }

    func begin() throws(DecompressionFailure) {
        if isOpen { _ = unsafe BZ2_bzDecompressEnd(stream) }
        unsafe stream.pointee = bz_stream()
        isOpen = unsafe BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK
        guard isOpen else { throw .memory(Self.name) }
    }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFailure) -> DecompressionStep {
        let inputSize = min(input.count, 1 << 30)
        let outputSize = min(output.count, 1 << 30)
        // The library reads and writes no more than the sizes say.
        unsafe stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.assumingMemoryBound(to: CChar.self).baseAddress)
        unsafe stream.pointee.avail_in = UInt32(inputSize)
        unsafe stream.pointee.next_out = output.assumingMemoryBound(to: CChar.self).baseAddress
        unsafe stream.pointee.avail_out = UInt32(outputSize)
        let result = unsafe BZ2_bzDecompress(stream)
        let consumed = unsafe inputSize - Int(stream.pointee.avail_in)
        let produced = unsafe outputSize - Int(stream.pointee.avail_out)
        switch result {
        case BZ_OK, BZ_STREAM_END:
            return DecompressionStep(
                consumed: consumed, produced: produced, isEnd: result == BZ_STREAM_END)
        case BZ_MEM_ERROR: throw .memory(Self.name)
        default:
            throw DecompressionFailure(
                code: .corrupt, expected: "a bzip2 block whose CRC agrees",
                found: result == BZ_DATA_ERROR_MAGIC ? "no mark of a block" : "other octets",
                consumed: consumed)
        }
    }
}
