internal import Glibc
internal import SystemPackage

/// A part of a file, read anywhere and in order, whatever else is read of the file.
@safe public final class FileRange: ByteProducer {
    private let descriptor: Int32
    /// The file's path, for messages.
    public let path: String?
    /// Where the part begins in the file.
    public let start: UInt64
    private let length: UInt64
    private var position: UInt64 = 0

    /// Octets in the part.
    public var size: UInt64? { length }

    /// Keeps a duplicate of `descriptor`, and closes that in the end.
    init?(duplicating descriptor: Int32, path: String?, start: UInt64, length: UInt64) {
        let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard own >= 0 else { return nil }
        self.descriptor = own
        self.path = path
        self.start = start
        self.length = length
    }

    deinit { _ = Glibc.close(descriptor) }

    /// The part from `offset` on, read anew.
    public func suffix(from offset: UInt64) -> FileRange? {
        guard offset <= length else { return nil }
        return FileRange(
            duplicating: descriptor, path: path, start: start + offset, length: length - offset)
    }

    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteIOError) -> Int {
        let count = try unsafe read(at: position, into: buffer)
        position += UInt64(count)
        return count
    }

    public func read(
        at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ByteIOError) -> Int {
        guard offset < length else { return 0 }
        let wanted = Int(min(UInt64(buffer.count), length - offset))
        var filled = 0
        while filled < wanted {
            guard let place = off_t(exactly: start + offset + UInt64(filled)) else { break }
            // `wanted - filled` octets of the buffer are left behind `filled`.
            let got = unsafe pread(
                descriptor, buffer.baseAddress.map { unsafe $0 + filled }, wanted - filled, place)
            if got < 0 && errno == EINTR { continue }
            if got < 0 {
                throw ByteIOError(
                    .read, errno: Errno(rawValue: errno), offset: UInt64(place), path: path)
            }
            if got == 0 { break }
            filled += got
        }
        return filled
    }
}
