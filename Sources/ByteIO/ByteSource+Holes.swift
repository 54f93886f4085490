internal import Glibc
import SystemPackage

/// Holes of sparse files (`SEEK_DATA`, `SEEK_HOLE`): stretches of zeros that need not be read.
extension ByteSource {
    // Linux's numbers, which the C library hides behind a feature macro.
    private static let seekData: Int32 = 3
    private static let seekHole: Int32 = 4

    /// Passes over zeros that a hole of the file holds: what is in the window, if it is nothing but
    /// zeros, and the hole that begins behind it.
    ///
    /// A source that is no file, or whose file system tells no holes, passes over nothing; reading
    /// gives the same zeros.
    /// - Parameters:
    ///   - unit: octets of which a multiple is passed over, but for the last of `limit`. If the
    ///     window has that many, nothing is: they are looked at first.
    ///   - limit: octets to pass over at most.
    /// - Returns: how many octets were passed over.
    public mutating func passHole(unit: Int, limit: UInt64) throws(ByteIOError) -> UInt64 {
        guard let size, descriptor >= 0, checksum == nil, unit > 0, available < unit,
            UInt64(available) < limit, window.isZero
        else { return 0 }
        let begin = position
        let place = begin + UInt64(available)
        if let dataEnd, place < dataEnd { return 0 }
        guard place < size, let start = off_t(exactly: base + place) else { return 0 }
        var data = lseek(descriptor, start, ByteSource.seekData)
        if data < 0 {
            // ENXIO: nothing but a hole up to the file's end. Others: no holes are told.
            data = errno == ENXIO ? off_t(clamping: base + size) : start
            dataEnd = nil
        } else {
            let hole = lseek(descriptor, data, ByteSource.seekHole)
            let end = UInt64(clamping: hole) - min(UInt64(clamping: hole), base)
            let whole = end - min(end, begin)
            dataEnd = hole < 0 ? nil : begin + whole + UInt64(unit) - whole % UInt64(unit)
        }
        var passed = min(limit, UInt64(clamping: data) - base - begin)
        if passed < limit { passed -= passed % UInt64(unit) }
        let target = passed > UInt64(available) ? begin + passed : place
        guard lseek(descriptor, off_t(clamping: base + target), SEEK_SET) >= 0 else {
            throw ByteIOError(.read, errno: Errno(rawValue: errno), offset: place, path: path)
        }
        guard target > place else { return 0 }
        consume(available)
        position = target
        return passed
    }
}

extension ByteSource {
    /// The next stretch of a file that is no hole.
    ///
    /// A file system that tells no holes has one stretch, the whole. The window stays where it is.
    /// - Returns: the stretch, clipped to the bounds; `nil` if nothing but holes is there, or the
    ///   source is no file.
    public func data(from lower: UInt64, to upper: UInt64) throws(ByteIOError) -> Range<UInt64>? {
        guard let size, descriptor >= 0, lower < min(upper, size),
            let start = off_t(exactly: base + lower)
        else { return nil }
        let place = base + position + UInt64(available)
        let data = lseek(descriptor, start, ByteSource.seekData)
        let isHole = data < 0 && errno == ENXIO
        let hole = data < 0 ? -1 : lseek(descriptor, data, ByteSource.seekHole)
        guard lseek(descriptor, off_t(clamping: place), SEEK_SET) >= 0 else {
            throw ByteIOError(.read, errno: Errno(rawValue: errno), offset: place, path: path)
        }
        if isHole { return nil }
        let end = min(upper, size)
        let from = data < 0 ? lower : UInt64(clamping: data) - base
        let to = hole < 0 ? end : min(end, UInt64(clamping: hole) - base)
        return from < to ? from..<to : nil
    }
}
