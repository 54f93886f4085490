import ByteIO
import CLZMA

/// xz by liblzma, which checks each block's check and the index.
@safe final class XZDecompressor: Decompressor {
    static let name = "xz"
    static let paddingUnit: UInt64 = 4
    static let resumesBehindPadding = true

    /// LZMA_TELL_UNSUPPORTED_CHECK, which is no simple macro and so not imported.
    private static let tellUnsupportedCheck: UInt32 = 2

    // Allocated in init, freed in deinit: the library keeps its place.
    private let stream: UnsafeMutablePointer<lzma_stream>

    static func begins(_ start: RawSpan) -> Bool {
        start.byteCount >= 6
            && start.extracting(first: 6).octets == [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]
    }

    init() throws(DecompressionFailure) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: lzma_stream())
    }

    deinit {
        unsafe lzma_end(stream)
        unsafe stream.deallocate()
    }

    func begin() throws(DecompressionFailure) {
        let result = unsafe lzma_stream_decoder(
            stream, DecompressionLimit.xzMemory, Self.tellUnsupportedCheck)
        guard result == LZMA_OK else { throw .memory(Self.name) }
    }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFailure) -> DecompressionStep {
        // The library reads and writes no more than the sizes say.
        unsafe stream.pointee.next_in = input.assumingMemoryBound(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_in = input.count
        unsafe stream.pointee.next_out = output.assumingMemoryBound(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_out = output.count
        let result = unsafe lzma_code(stream, LZMA_RUN)
        let consumed = unsafe input.count - stream.pointee.avail_in
        let produced = unsafe output.count - stream.pointee.avail_out
        switch result {
        case LZMA_OK, LZMA_STREAM_END, LZMA_BUF_ERROR:
            return DecompressionStep(
                consumed: consumed, produced: produced, isEnd: result == LZMA_STREAM_END)
        case LZMA_MEM_ERROR: throw .memory(Self.name)
        case LZMA_MEMLIMIT_ERROR:
            throw DecompressionFailure(
                code: .limit,
                expected: "at most \(DecompressionLimit.xzMemory >> 20) MiB to unpack",
                found: unsafe "\((lzma_memusage(stream) + 0xfffff) >> 20) MiB", consumed: consumed)
        case LZMA_OPTIONS_ERROR:
            throw DecompressionFailure(
                code: .unsupported, expected: "filters that liblzma knows", found: "others",
                consumed: consumed)
        case LZMA_UNSUPPORTED_CHECK:
            throw DecompressionFailure(
                code: .unsupported, expected: "a check that liblzma knows", found: "another",
                consumed: consumed)
        default:
            throw DecompressionFailure(
                code: .corrupt, expected: "LZMA data whose checks agree", found: "other octets",
                consumed: consumed)
        }
    }
}
