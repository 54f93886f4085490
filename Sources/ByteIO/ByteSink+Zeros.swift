internal import Glibc
import SystemPackage

/// Zeros without end, as a sparse file holds them: where the output allows it, they take no room.
extension ByteSink {
    /// Octets of zero from which on a hole is worth its system calls.
    static let holeThreshold: UInt64 = 64 << 10

    /// Whether seeking over a stretch of the descriptor's file makes a hole: only behind a file's
    /// end, and if nothing is appended wherever the file ends by then.
    static func makesHoles(_ descriptor: Int32) -> Bool {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return false
        }
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, flags & O_APPEND == 0 else { return false }
        return lseek(descriptor, 0, SEEK_CUR) >= status.st_size
    }

    /// Where the descriptor's next octet goes in its file; `nil` if it is no file.
    static func place(inFile descriptor: Int32) -> UInt64? {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        let flags = fcntl(descriptor, F_GETFL)
        let appends = flags >= 0 && flags & O_APPEND != 0
        return UInt64(exactly: appends ? status.st_size : lseek(descriptor, 0, SEEK_CUR))
    }

    /// Writes `count` octets of zero: as a hole, if there are many and the output is a file that is
    /// being made; octet by octet otherwise.
    /// - Throws: ``ByteIOError``, also if a file can't be so large.
    public mutating func appendZeros(_ count: UInt64) throws(ByteIOError) {
        var left = count
        if left >= ByteSink.holeThreshold, try seekOver(left - 1) {
            // The last octet is written, so that the file reaches to it whatever follows.
            left = 1
        }
        while left > 0 {
            let step = min(left, UInt64(ByteSink.zeros.count))
            // An array of octets has no padding that could be read.
            try append(unsafe ByteSink.zeros.span.bytes.extracting(first: Int(step)))
            left -= step
        }
    }

    private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

    /// - Returns: whether the hole was made.
    private mutating func seekOver(_ count: UInt64) throws(ByteIOError) -> Bool {
        guard hasHoles, crc == nil else { return false }
        try flush()
        guard let step = off_t(exactly: count), lseek(descriptor, step, SEEK_CUR) >= 0 else {
            throw ByteIOError(.write, errno: Errno(rawValue: errno), offset: position, path: path)
        }
        position += count
        place? += count
        // What was gathered is written: so only the room before the next boundary changes.
        try flush()
        return true
    }
}
