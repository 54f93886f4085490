import CZlib
import CZstd

/// Unpacks one compressed cluster: raw deflate or zstd, without a length of its own.
enum QCOW2Cluster {
    /// - Parameter octets: the cluster's sectors; what follows the compressed data is passed over.
    /// - Returns: `size` octets, or `nil` if the data doesn't give them.
    static func unpack(_ octets: [UInt8], size: Int, isZstd: Bool) -> [UInt8]? {
        // Each call reads the octets and writes at most `size`.
        let result = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            unsafe octets.withUnsafeBufferPointer { packed in
                filled = isZstd ? unsafe zstd(packed, buffer) : unsafe deflate(packed, buffer)
            }
        }
        return result.count == size ? result : nil
    }

    /// - Returns: octets made.
    private static func deflate(
        _ packed: UnsafeBufferPointer<UInt8>, _ target: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        defer { unsafe stream.deallocate() }
        // Negative: without a head; QEMU uses windows of 4 KiB, and zlib takes larger ones too.
        guard
            unsafe inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
                == Z_OK
        else { return 0 }
        defer { _ = unsafe inflateEnd(stream) }
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: packed.baseAddress)
        unsafe stream.pointee.avail_in = UInt32(packed.count)
        unsafe stream.pointee.next_out = target.baseAddress
        unsafe stream.pointee.avail_out = UInt32(target.count)
        let result = unsafe inflate(stream, Z_FINISH)
        guard result == Z_STREAM_END || result == Z_BUF_ERROR else { return 0 }
        return unsafe target.count - Int(stream.pointee.avail_out)
    }

    private static func zstd(
        _ packed: UnsafeBufferPointer<UInt8>, _ target: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        guard let context = unsafe ZSTD_createDCtx() else { return 0 }
        defer { unsafe ZSTD_freeDCtx(context) }
        var source = unsafe ZSTD_inBuffer(src: packed.baseAddress, size: packed.count, pos: 0)
        var output = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
        while unsafe output.pos < output.size {
            let before = unsafe (source.pos, output.pos)
            let result = unsafe ZSTD_decompressStream(context, &output, &source)
            if ZSTD_isError(result) != 0 { return 0 }
            if result == 0 { break }
            if unsafe before == (source.pos, output.pos) { break }
        }
        return unsafe output.pos
    }
}
