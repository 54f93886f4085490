import ByteIO
import Glibc
import SystemPackage

/// Hands a pipe's octets on, and keeps them in a file without a name (in `TMPDIR`, or `/tmp`).
@safe final class Spool: ByteProducer {
    private var input: ByteSource
    private let descriptor: Int32
    private var written: UInt64 = 0

    var size: UInt64? { written }

    init(_ input: consuming ByteSource) throws(ByteIOError) {
        self.input = input
        var folder = "/tmp"
        // The environment's own string, copied at once.
        if let named = unsafe getenv("TMPDIR"), unsafe named.pointee != 0 {
            folder = unsafe String(cString: named)
        }
        var template = Array((folder + "/berth.XXXXXX").utf8CString)
        // mkostemp writes into the template, which has its NUL.
        descriptor = unsafe template.withUnsafeMutableBufferPointer {
            unsafe $0.baseAddress.map { unsafe mkstemp($0) } ?? -1
        }
        guard descriptor >= 0 else {
            throw ByteIOError(.open, errno: Errno(rawValue: errno), path: folder)
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        // The name is not needed any more: mkstemp has written it, NUL and all.
        _ = unsafe template.withUnsafeBufferPointer {
            unsafe $0.baseAddress.map { unsafe unlink($0) }
        }
    }

    deinit { if descriptor >= 0 { _ = close(descriptor) } }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteIOError) -> Int {
        guard buffer.count > 0, try input.ensure(1) > 0 else { return 0 }
        let count = min(buffer.count, input.available)
        // `count` octets are in the window and have room in the buffer.
        unsafe Spool.copy(count, of: input.window, into: buffer)
        input.consume(count)
        try unsafe keep(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return count
    }

    private static func copy(
        _ count: Int, of window: RawSpan, into buffer: UnsafeMutableRawBufferPointer
    ) {
        unsafe window.extracting(first: count).withUnsafeBytes {
            unsafe buffer.copyMemory(from: $0)
        }
    }

    private func keep(_ octets: UnsafeRawBufferPointer) throws(ByteIOError) {
        var at = 0
        while at < octets.count {
            let done = unsafe write(
                descriptor, octets.baseAddress.map { unsafe $0 + at }, octets.count - at)
            if done < 0 && errno == EINTR { continue }
            guard done > 0 else {
                throw ByteIOError(
                    .write, errno: Errno(rawValue: errno), offset: written,
                    path: "the temporary file for compressed octets")
            }
            at += done
        }
        written += UInt64(octets.count)
    }

    func read(
        at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ByteIOError) -> Int {
        var filled = 0
        while filled < buffer.count {
            guard let place = off_t(exactly: offset + UInt64(filled)) else { break }
            // The octets behind `filled` are the buffer's.
            let got = unsafe pread(
                descriptor, buffer.baseAddress.map { unsafe $0 + filled }, buffer.count - filled,
                place)
            if got < 0 && errno == EINTR { continue }
            if got < 0 {
                throw ByteIOError(.read, errno: Errno(rawValue: errno), offset: UInt64(place))
            }
            if got == 0 { break }
            filled += got
        }
        return filled
    }
}
