internal import Glibc
internal import SystemPackage

/// Octets at any place of an output file, in any order. What is never written is a hole, and reads
/// as zeros.
extension OutputFile {
    /// Whether places can be chosen: not in a pipe or on a terminal.
    public var isSeekable: Bool {
        (try? descriptor.seek(offset: 0, from: .current)) != nil
    }

    /// Gives the file its size in octets.
    public func setSize(_ size: UInt64) throws(ByteIOError) {
        guard let size = off_t(exactly: size) else {
            throw ByteIOError(.write, errno: .fileTooLarge, offset: size)
        }
        while ftruncate(descriptor.rawValue, size) != 0 {
            guard errno == EINTR else { throw failure(.write, 0) }
        }
    }

    /// Writes octets.
    /// - Parameter place: octets from the start of the file.
    public func write(_ octets: RawSpan, at place: UInt64) throws(ByteIOError) {
        var done = 0
        while done < octets.byteCount {
            let rest = octets.extracting(done...)
            // The pointer is used within the closure alone.
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe pwrite(
                    descriptor.rawValue, buffer.baseAddress, buffer.count,
                    off_t(clamping: place &+ UInt64(done)))
            }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                throw failure(.write, place &+ UInt64(done))
            }
        }
    }

    /// Reads octets that were written before into the whole of `octets`.
    /// - Parameter place: octets from the start of the file.
    public func read(into octets: inout [UInt8], at place: UInt64) throws(ByteIOError) {
        var done = 0
        let size = octets.count
        while done < size {
            let start = done
            let count = unsafe octets.withUnsafeMutableBytes { buffer in
                // Never past the array's end: there are so many octets left in it.
                unsafe pread(
                    descriptor.rawValue, buffer.baseAddress?.advanced(by: start), size - start,
                    off_t(clamping: place &+ UInt64(start)))
            }
            if count > 0 {
                done += count
            } else if count == 0 {
                throw ByteIOError(.read, errno: .ioError, offset: place &+ UInt64(done))
            } else if errno != EINTR {
                throw failure(.read, place &+ UInt64(done))
            }
        }
    }

    /// Whether nothing but holes lies there, as far as the file system tells.
    public func isHole(_ range: Range<UInt64>) -> Bool {
        // 3 is SEEK_DATA, which Glibc's module leaves out.
        let found = lseek(descriptor.rawValue, off_t(clamping: range.lowerBound), 3)
        if found < 0 { return errno == ENXIO }
        return UInt64(found) >= range.upperBound
    }

    private func failure(
        _ operation: ByteIOError.Operation, _ offset: UInt64
    ) -> ByteIOError {
        ByteIOError(operation, errno: Errno(rawValue: errno), offset: offset)
    }
}
