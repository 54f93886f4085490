import ByteIO
import CZstd

/// Zstandard (RFC 8878) by libzstd, which checks a frame's checksum where there is one.
@safe final class ZstdDecompressor: Decompressor {
    static let name = "zstd"
    static let unlimited = "zstd --long=31"

    // Made in init, freed in deinit.
    private let context: OpaquePointer

    /// A frame, or one that is to be skipped and that a frame or another such follows, as far as
    /// can be seen: alone its magic is too weak to tell a file by.
    static func begins(_ start: RawSpan) -> Bool {
        guard start.byteCount >= 4 else { return false }
        if isFrame(start, at: 0) { return true }
        guard isSkippable(start, at: 0), start.byteCount >= 8 else { return false }
        let size = start.extracting(4..<8).octets.reversed().reduce(0) { $0 << 8 | Int($1) }
        let next = 8 + size
        return next + 4 > start.byteCount || isFrame(start, at: next)
            || isSkippable(start, at: next)
    }

    static func goesOn(_ start: RawSpan) -> Bool {
        start.byteCount >= 4 && (isFrame(start, at: 0) || isSkippable(start, at: 0))
    }

    private static func isFrame(_ window: RawSpan, at offset: Int) -> Bool {
        window.extracting(offset..<offset + 4).octets == [0x28, 0xb5, 0x2f, 0xfd]
    }

    private static func isSkippable(_ window: RawSpan, at offset: Int) -> Bool {
        let octets = window.extracting(offset..<offset + 4).octets
        return octets[0] & 0xf0 == 0x50 && octets[1...] == [0x2a, 0x4d, 0x18]
    }

    init() throws(DecompressionFailure) {
        guard let context = unsafe ZSTD_createDCtx() else { throw .memory(Self.name) }
        unsafe self.context = context
        _ = unsafe ZSTD_DCtx_setParameter(
            context, ZSTD_d_windowLogMax, DecompressionLimit.zstdWindow)
    }

    deinit { unsafe ZSTD_freeDCtx(context) }

    func begin() throws(DecompressionFailure) {
        _ = unsafe ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
    }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionFailure) -> DecompressionStep {
        // The library reads and writes no more than the sizes say.
        var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let result = unsafe ZSTD_decompressStream(context, &target, &source)
        guard ZSTD_isError(result) != 0 else {
            return unsafe DecompressionStep(
                consumed: source.pos, produced: target.pos, isEnd: result == 0)
        }
        let consumed = unsafe source.pos
        // A constant string of the library's.
        let found = unsafe String(cString: ZSTD_getErrorName(result))
        switch ZSTD_getErrorCode(result) {
        case ZSTD_error_memory_allocation: throw .memory(Self.name)
        case ZSTD_error_frameParameter_windowTooLarge:
            throw DecompressionFailure(
                code: .limit,
                expected: "a window of at most \(1 << (DecompressionLimit.zstdWindow - 20)) MiB",
                found: "a larger one", consumed: consumed)
        case ZSTD_error_dictionary_wrong, ZSTD_error_frameParameter_unsupported,
            ZSTD_error_version_unsupported:
            throw DecompressionFailure(
                code: .unsupported, expected: "a frame that needs nothing else", found: found,
                consumed: consumed)
        default:
            throw DecompressionFailure(
                code: .corrupt, expected: "a zstd frame whose checksum agrees", found: found,
                consumed: consumed)
        }
    }
}
