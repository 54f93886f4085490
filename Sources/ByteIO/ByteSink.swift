internal import Glibc
public import SystemPackage

/// Octets written in order to a file, a pipe or memory.
///
/// Small pieces are gathered in a buffer; large ones that lie in somebody else's memory are handed
/// to the system from where they are (`writev`), between the small ones, without being copied:
///
///     append(header) ─┐
///     lend(page)     ─┼─► one writev
///     append(header) ─┤
///     lend(page)     ─┘
///     settle()            now nothing of the lent memory is needed any more
///
/// A file gets all through the buffer, in stretches that end at multiples of 128 KiB: its page cache
/// takes these whole, which saves more than the copy costs (docs/performance.md).
@safe public struct ByteSink: ~Copyable {
    private static let bufferSize = 256 << 10
    private static let pieceLimit = 1024
    /// Octets between the places in a file at which a write ends.
    private static let fileStretch = 128 << 10

    let descriptor: Int32
    let path: String?
    /// Whether stretches of zeros may become holes.
    let hasHoles: Bool
    // Allocated in init, freed in deinit. The octets buffer[start..<end] are gathered and not
    // yet among the pieces; those before `start` are, or have been written.
    private let buffer: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    /// Where the buffer counts as full.
    private var limit = ByteSink.bufferSize
    /// The descriptor's place in its file, behind what was written; `nil` for all but files.
    var place: UInt64?
    // Pieces to be written, in order; each points into `buffer` or into lent memory.
    private let pieces: UnsafeMutableBufferPointer<iovec>
    private var pieceCount = 0
    private var piecesSummed = 0
    /// Octets of the buffer over which the checksum has gone, where all goes through the buffer.
    private var summed = 0
    private var memory: [UInt8]?
    private(set) var crc: CRC32C?

    /// Octets accepted so far, which is the offset of the next one in the output.
    public internal(set) var position: UInt64 = 0

    /// Writes to an open descriptor, which stays its owner's.
    public init(descriptor: FileDescriptor, path: String? = nil) {
        self.init(raw: descriptor.rawValue, path: path, memory: nil)
        Pipe.widen(descriptor.rawValue)
    }

    /// Keeps the octets in memory, for ``takeOctets()``.
    public static func inMemory() -> ByteSink {
        ByteSink(raw: -1, path: nil, memory: [])
    }

    private init(raw: Int32, path: String?, memory: [UInt8]?) {
        descriptor = raw
        hasHoles = raw >= 0 && ByteSink.makesHoles(raw)
        self.path = path
        self.memory = memory
        unsafe buffer = .allocate(byteCount: ByteSink.bufferSize, alignment: 4096)
        unsafe pieces = .allocate(capacity: ByteSink.pieceLimit)
        place = raw >= 0 ? ByteSink.place(inFile: raw) : nil
        limit = ByteSink.room(at: place)
    }

    /// Octets to gather before the next write.
    private static func room(at place: UInt64?) -> Int {
        guard let place else { return bufferSize }
        return fileStretch - Int(place % UInt64(fileStretch))
    }

    deinit {
        unsafe buffer.deallocate()
        unsafe pieces.deallocate()
    }

    // MARK: Checksum

    /// Begins a checksum over all octets accepted from now on.
    public mutating func beginChecksum() throws(ByteIOError) {
        try flush()
        crc = CRC32C()
    }

    /// The checksum over all octets accepted since ``beginChecksum()``.
    public mutating func checksum() throws(ByteIOError) -> CRC32C? {
        if pieceCount + 2 > ByteSink.pieceLimit { try writePieces() }
        closePiece()
        sumPieces()
        return crc
    }

    private mutating func sumPieces() {
        guard crc != nil else { return }
        if place != nil { return sumBuffer() }
        while piecesSummed < pieceCount {
            let piece = unsafe pieces[piecesSummed]
            // A piece is as valid here as it is for writev.
            unsafe crc?.update(UnsafeRawBufferPointer(start: piece.iov_base, count: piece.iov_len))
            piecesSummed += 1
        }
    }

    private mutating func sumBuffer() {
        // These have been gathered, and not been written yet.
        unsafe crc?.update(UnsafeRawBufferPointer(rebasing: buffer[summed..<end]))
        summed = end
    }

    /// Octets from which on copying and summing in one pass is worth a pass of its own.
    private static let leastSummed = 1024

    // MARK: Accepting octets

    /// Writes one octet.
    @inline(__always)
    public mutating func append(_ octet: UInt8) throws(ByteIOError) {
        if end == limit { try flush() }
        unsafe buffer[end] = octet
        end += 1
        position += 1
    }

    /// Writes an integer in network order.
    @inline(__always)
    public mutating func append<T: FixedWidthInteger & BitwiseCopyable>(
        bigEndian value: T
    ) throws(ByteIOError) {
        let size = MemoryLayout<T>.size
        if limit - end < size {
            for shift in stride(from: (size - 1) * 8, through: 0, by: -8) {
                try append(UInt8(truncatingIfNeeded: value >> T(shift)))
            }
            return
        }
        // There is room for `size` octets, by the line above.
        unsafe buffer.storeBytes(of: value.bigEndian, toByteOffset: end, as: T.self)
        end += size
        position += UInt64(size)
    }

    /// Writes a copy of `octets`.
    public mutating func append(_ octets: RawSpan) throws(ByteIOError) {
        var from = 0
        while from < octets.byteCount {
            if end == limit { try flush() }
            let step = min(limit - end, octets.byteCount - from)
            // There is room for `step` octets in the buffer, and so many lie in the span.
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[end..<end + step])
            let isSummed = place != nil && step >= ByteSink.leastSummed && crc != nil
            if isSummed { sumBuffer() }
            unsafe octets.extracting(from..<from + step).withUnsafeBytes {
                if isSummed {
                    unsafe crc?.update($0, copyingTo: room)
                } else {
                    unsafe room.copyMemory(from: $0)
                }
            }
            end += step
            if isSummed { summed = end }
            from += step
        }
        position += UInt64(octets.byteCount)
    }

    /// Writes a copy of `octets`.
    public mutating func append(_ octets: [UInt8]) throws(ByteIOError) {
        // An array of octets has no padding that could be read.
        try append(unsafe octets.span.bytes)
    }

    /// Writes `octets` from where they are. They must stay there until ``settle()``, which the
    /// caller calls before it returns the memory that it was handed itself.
    public mutating func lend(_ octets: RawSpan) throws(ByteIOError) {
        if octets.byteCount == 0 { return }
        if place != nil { return try append(octets) }
        if pieceCount + 3 > ByteSink.pieceLimit { try writePieces() }
        closePiece()
        // Read only until settle, as the caller has promised; iovec has no const pointer.
        unsafe octets.withUnsafeBytes { bytes in
            let base = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            unsafe pieces[pieceCount] = iovec(
                iov_base: base,
                iov_len: bytes.count)
        }
        pieceCount += 1
        position += UInt64(octets.byteCount)
    }

    /// Writes all that was lent.
    public mutating func settle() throws(ByteIOError) {
        if pieceCount > 0 { try flush() }
    }

    /// Writes everything accepted so far.
    public mutating func flush() throws(ByteIOError) {
        closePiece()
        try writePieces()
        start = 0
        end = 0
        summed = 0
        limit = ByteSink.room(at: place)
    }

    /// The octets of a sink in memory.
    public mutating func takeOctets() throws(ByteIOError) -> [UInt8] {
        try flush()
        defer { memory?.removeAll() }
        return memory ?? []
    }

    // MARK: Writing

    /// Puts what is gathered behind the other pieces.
    private mutating func closePiece() {
        guard end > start else { return }
        // One place is always free for this: lend and checksum see to it.
        unsafe pieces[pieceCount] = iovec(
            iov_base: buffer.baseAddress.map { unsafe $0 + start }, iov_len: end - start)
        pieceCount += 1
        start = end
    }

    private mutating func writePieces() throws(ByteIOError) {
        closePiece()
        sumPieces()
        if memory != nil {
            for index in 0..<pieceCount {
                // The pieces are valid until settle.
                let piece = unsafe pieces[index]
                unsafe memory?.append(
                    contentsOf: UnsafeRawBufferPointer(start: piece.iov_base, count: piece.iov_len))
            }
        } else {
            var first = 0
            while first < pieceCount {
                let written = unsafe writev(
                    descriptor, pieces.baseAddress.map { unsafe $0 + first },
                    Int32(pieceCount - first))
                if written < 0 {
                    if errno == EINTR { continue }
                    if errno == EAGAIN {
                        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                        _ = unsafe poll(&wait, 1, -1)
                        continue
                    }
                    let reason = Errno(rawValue: errno)
                    pieceCount = 0
                    piecesSummed = 0
                    throw ByteIOError(.write, errno: reason, offset: position, path: path)
                }
                first = advance(from: first, by: written)
                place? += UInt64(written)
            }
        }
        pieceCount = 0
        piecesSummed = 0
    }

    /// Leaves out the `written` octets at the beginning of the pieces from `first` on.
    private func advance(from first: Int, by written: Int) -> Int {
        var first = first
        var left = written
        while first < pieceCount {
            let length = unsafe pieces[first].iov_len
            if left < length {
                // Still within the piece: 0 <= left < length.
                unsafe pieces[first].iov_base = pieces[first].iov_base.map { unsafe $0 + left }
                unsafe pieces[first].iov_len = length - left
                break
            }
            left -= length
            first += 1
        }
        return first
    }
}
