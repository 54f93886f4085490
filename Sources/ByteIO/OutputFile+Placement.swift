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

extension OutputFile {
    /// Copies octets from another such file, its holes as holes.
    /// - Parameters:
    ///   - range: in the other file.
    ///   - place: octets from the start of this one.
    public func copy(
        _ range: Range<UInt64>, from other: borrowing OutputFile, to place: UInt64
    ) throws(ByteIOError) {
        var octets: [UInt8] = []
        var at = range.lowerBound
        while at < range.upperBound {
            guard let data = other.nextData(from: at, to: range.upperBound) else { return }
            at = data.lowerBound
            while at < data.upperBound {
                let count = Int(min(data.upperBound - at, 1 << 20))
                if octets.count != count { octets = Array(repeating: 0, count: count) }
                try other.read(into: &octets, at: at)
                // An array of octets has no padding that could be read.
                try write(unsafe octets.span.bytes, at: place + (at - range.lowerBound))
                at += UInt64(count)
            }
        }
    }

    /// The next stretch of the file that is no hole, within bounds that the file has.
    public func nextData(from lower: UInt64, to upper: UInt64) -> Range<UInt64>? {
        guard lower < upper else { return nil }
        // 3 is SEEK_DATA and 4 SEEK_HOLE, which Glibc's module leaves out.
        let data = lseek(descriptor.rawValue, off_t(clamping: lower), 3)
        if data < 0 { return errno == ENXIO ? nil : lower..<upper }
        let hole = lseek(descriptor.rawValue, data, 4)
        let start = max(UInt64(clamping: data), lower)
        let end = hole < 0 ? upper : min(upper, UInt64(clamping: hole))
        return start < end ? start..<end : nil
    }

    /// Makes all octets of a stretch zero.
    public func clear(_ range: Range<UInt64>) throws(ByteIOError) {
        var at = range.lowerBound
        while let data = nextData(from: at, to: range.upperBound) {
            at = data.lowerBound
            let zeros = [UInt8](repeating: 0, count: Int(min(data.upperBound - at, 1 << 20)))
            // An array of octets has no padding that could be read.
            try write(unsafe zeros.span.bytes, at: at)
            at += UInt64(zeros.count)
        }
    }
}
