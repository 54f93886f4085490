internal import CMirror
internal import Glibc
public import SystemPackage

/// Octets read in order from a file, a pipe or memory, handed out as windows that are not copied.
///
///     position              position + window.byteCount
///        │                            │
///     ───┼────────── window ──────────┼─── not read yet ───
///
/// `ensure` widens the window, `consume` moves its start on. A window is valid until the next
/// mutating call: the compiler holds its users to that.
@safe public struct ByteSource: ~Copyable {
    /// Octets that a window holds without being asked for more: few enough to stay in the
    /// processor's cache until they have been written.
    public static let usualCapacity = 512 << 10

    let descriptor: Int32
    private let closes: Bool
    /// The file's path, for messages.
    public let path: String?
    /// The size in octets, if the source is a file or memory and the size is known.
    public private(set) var size: UInt64?
    /// Where the source begins in its file: behind what ``rebase()`` has left.
    public private(set) var base: UInt64 = 0
    /// Makes the octets, where no descriptor gives them.
    private let producer: (any ByteProducer)?
    /// If set, counts what is read from a producer.
    private var tally: ByteTally?

    // Owned by this value alone: allocated in init or grow, freed in deinit. The unread octets
    // are storage[lower..<upper], all of them read (initialised) before.
    private var storage: UnsafeMutableRawBufferPointer
    private var capacity: Int
    /// The storage has the capacity twice, as two views of the same octets: the window goes on over
    /// the end of the first, and nothing has to be moved to make room.
    private var isMirrored = false
    /// The system has been asked for such memory.
    private var wasMirrorTried = false
    /// Octets of a window for which no more is asked, at least 4096; larger ones are the exception,
    /// and leave it as it is.
    public var usualWindow: Int
    /// Octets that the next read asks for at most, if no more are needed: few where octets are
    /// passed over, for most of what lies behind is likely to be passed over as well.
    private var stretch = Int.max
    /// The first such read, and how many octets must be in the way for a seek to pay.
    private static let leastStretch = 16 << 10
    private static let leastSeek: UInt64 = 64 << 10
    private var lower = 0
    private var upper = 0
    var reachedEnd = false
    /// The largest window that may be asked for, in octets.
    public var windowLimit = 512 << 20
    /// Offset of the window's first octet from the start of the source.
    public internal(set) var position: UInt64 = 0
    /// Where a stretch of data ends behind which the file is known to have a hole; reading stops
    /// there unless more is asked for.
    var dataEnd: UInt64?
    /// If set, goes over every octet that is consumed.
    public var checksum: CRC32C?

    /// Reads from an open descriptor, to its end.
    /// - Parameter closes: whether the descriptor belongs to the source.
    public init(
        descriptor: FileDescriptor, closes: Bool, path: String? = nil,
        capacity: Int = ByteSource.usualCapacity
    ) {
        self.descriptor = descriptor.rawValue
        producer = nil
        self.closes = closes
        self.path = path
        var status = stat()
        let known =
            unsafe fstat(descriptor.rawValue, &status) == 0
            && status.st_mode & S_IFMT == S_IFREG
        let start = known ? lseek(descriptor.rawValue, 0, SEEK_CUR) : -1
        size = start == 0 ? UInt64(clamping: status.st_size) : nil
        self.capacity = max(capacity, 4096)
        usualWindow = self.capacity
        unsafe storage = .allocate(byteCount: self.capacity, alignment: 4096)
        Pipe.widen(descriptor.rawValue)
    }

    /// Reads a copy of `octets`.
    public init(octets: [UInt8]) {
        descriptor = -1
        producer = nil
        closes = false
        path = nil
        size = UInt64(octets.count)
        capacity = max(octets.count, 1)
        usualWindow = capacity
        unsafe storage = .allocate(byteCount: capacity, alignment: 16)
        unsafe storage.copyBytes(from: octets)
        upper = octets.count
        reachedEnd = true
    }

    /// Reads what `producer` makes.
    public init(
        producer: any ByteProducer, path: String? = nil, capacity: Int = ByteSource.usualCapacity
    ) {
        descriptor = -1
        self.producer = producer
        closes = false
        self.path = path
        size = producer.size
        self.capacity = max(capacity, 4096)
        usualWindow = self.capacity
        unsafe storage = .allocate(byteCount: self.capacity, alignment: 4096)
    }

    /// Opens the file at `path`.
    public init(path: String, capacity: Int = ByteSource.usualCapacity) throws(ByteIOError) {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(FilePath(path), .readOnly)
        } catch {
            throw ByteIOError(.open, errno: error as? Errno, path: path)
        }
        self.init(descriptor: descriptor, closes: true, path: path, capacity: capacity)
    }

    deinit {
        if isMirrored {
            unsafe berth_mirror_unmap(storage.baseAddress, capacity)
        } else {
            unsafe storage.deallocate()
        }
        if closes { _ = Glibc.close(descriptor) }
    }

    /// The octets read and not consumed yet.
    public var window: RawSpan {
        @_lifetime(borrow self)
        get {
            // Only initialised octets, and the lifetime is tied to this value.
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: storage[lower..<upper])
            return unsafe _overrideLifetime(bytes.bytes, borrowing: self)
        }
    }

    /// The number of octets in the window.
    public var available: Int { upper - lower }

    /// Whether everything has been read and consumed, as far as known without reading.
    public var isExhausted: Bool { reachedEnd && lower == upper }

    /// Reads until the window holds `count` octets or the source has ended.
    /// - Returns: the window's octets, fewer than `count` only at the end.
    /// - Throws: ``ByteIOError`` if reading fails or `count` is above ``windowLimit``.
    @discardableResult
    public mutating func ensure(_ count: Int) throws(ByteIOError) -> Int {
        if upper - lower >= count { return upper - lower }
        return try fill(count)
    }

    /// Reads at least one octet more into the window.
    /// - Returns: whether there was one.
    public mutating func extend() throws(ByteIOError) -> Bool {
        let before = available
        guard before < Int.max else { return false }
        return try fill(before + 1) > before
    }

    /// Takes the window's first `count` octets away. Traps if there are fewer.
    public mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= upper - lower)
        // The range lies within the initialised octets, by the precondition.
        unsafe checksum?.update(
            UnsafeRawBufferPointer(rebasing: storage[lower..<lower + count]))
        lower += count
        position += UInt64(count)
    }

    /// Consumes up to `count` octets, reading them if needed.
    /// - Returns: how many there were.
    public mutating func skip(_ count: UInt64) throws(ByteIOError) -> UInt64 {
        var left = count
        while left > 0 {
            if available == 0, try !seek(&left), try fill(1) == 0 { break }
            let step = Int(min(UInt64(available), left))
            consume(step)
            left -= UInt64(step)
        }
        return count - left
    }

    /// Leaves what was consumed: the source begins here from now on.
    public mutating func rebase() {
        base += position
        dataEnd = nil
        size = size.map { $0 - min($0, position) }
        position = 0
    }

    /// Counts in `tally` all that is not consumed yet: what is in the window now, and what a
    /// producer makes from now on.
    public mutating func count(in tally: ByteTally) {
        // Only initialised octets.
        unsafe tally.add(UnsafeRawBufferPointer(rebasing: storage[lower..<upper]))
        self.tally = tally
    }

    /// What the source has not consumed yet, to be read anywhere and apart from it; `nil` if it is
    /// no file.
    public func range() -> FileRange? {
        guard let size, descriptor >= 0, position <= size else { return nil }
        return FileRange(
            duplicating: descriptor, path: path, start: base + position, length: size - position)
    }

    /// Reads octets anywhere in a file, without moving the window.
    /// - Returns: `nil` if the source is no file; fewer octets than asked for at its end.
    public func octets(at offset: UInt64, count: Int) throws(ByteIOError) -> [UInt8]? {
        if let producer {
            return producer.size == nil ? nil : try producer.octets(at: offset, count: count)
        }
        guard size != nil, descriptor >= 0, let offset = off_t(exactly: base + offset) else {
            return nil
        }
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var failure: Int32 = 0
        let path = path
        result = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = unsafe pread(
                    descriptor, buffer.baseAddress.map { unsafe $0 + filled }, count - filled,
                    offset + off_t(filled))
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                filled += got
            }
        }
        if failure != 0 {
            throw ByteIOError(
                .read, errno: Errno(rawValue: failure), offset: UInt64(offset), path: path)
        }
        return result
    }

    /// Seeks over most of `left` octets in a file; content that nobody looks at need not be read.
    private mutating func seek(_ left: inout UInt64) throws(ByteIOError) -> Bool {
        guard let size, descriptor >= 0, checksum == nil,
            left > min(UInt64(usualWindow), ByteSource.leastSeek), size > position
        else { return false }
        let step = min(left, size - position)
        guard let target = off_t(exactly: base + position + step),
            lseek(descriptor, target, SEEK_SET) == target
        else { return false }
        position += step
        left -= step
        reachedEnd = false
        stretch = ByteSource.leastStretch
        return true
    }

    private mutating func fill(_ count: Int) throws(ByteIOError) -> Int {
        guard !reachedEnd else { return upper - lower }
        guard count <= windowLimit else {
            throw ByteIOError(.window, offset: position, path: path)
        }
        // Room for a good read behind what is there, so that small needs don't make small reads.
        let room = min(64 << 10, usualWindow / 8)
        if count > capacity - room { grow(count + room) }
        var end = count <= usualWindow - room ? min(usualWindow, capacity) : capacity
        if lower == upper {
            lower = 0
            upper = 0
        } else if end - lower < count || end - upper < 64 << 10, !isMirrored {
            mirror()
        }
        if isMirrored {
            if lower >= capacity {
                lower -= capacity
                upper -= capacity
            }
            end += lower
        } else if end - lower < count || end - upper < 64 << 10 {
            // Both ranges lie in the storage; memmove allows that they overlap.
            unsafe storage.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: storage[lower..<upper]))
            upper -= lower
            lower = 0
        }
        if let producer { return try fill(count, upTo: end, from: producer) }
        return try read(count, upTo: end)
    }

    /// There is room for `count` octets before `end`.
    private mutating func read(_ count: Int, upTo end: Int) throws(ByteIOError) -> Int {
        var room = end - upper
        if stretch < room {
            room = max(stretch, count - (upper - lower))
            stretch *= 2
        }
        if let dataEnd {
            let place = position + UInt64(upper - lower)
            if place < dataEnd {
                room = min(room, max(count - (upper - lower), Int(clamping: dataEnd - place)))
            }
        }
        while upper - lower < count {
            // The octets behind `upper` belong to this value and hold nothing yet.
            let got = unsafe Glibc.read(
                descriptor, storage.baseAddress.map { unsafe $0 + upper }, room)
            if got > 0 {
                upper += got
                room -= got
            } else if got == 0 {
                reachedEnd = true
                break
            } else if errno == EAGAIN {
                var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                _ = unsafe poll(&wait, 1, -1)
            } else if errno != EINTR {
                throw ByteIOError(
                    .read, errno: Errno(rawValue: errno), offset: position + UInt64(upper - lower),
                    path: path)
            }
        }
        return upper - lower
    }

    /// There is room for `count` octets before `end`.
    private mutating func fill(
        _ count: Int, upTo end: Int, from producer: any ByteProducer
    ) throws(ByteIOError) -> Int {
        while upper - lower < count {
            // The octets behind `upper` belong to this value and hold nothing yet.
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: storage[upper..<end])
            let got = try unsafe producer.read(into: room)
            guard got > 0 else {
                reachedEnd = true
                break
            }
            // The producer has initialised so many octets of the room.
            if let tally {
                unsafe tally.add(UnsafeRawBufferPointer(rebasing: room[..<min(got, room.count)]))
            }
            upper += min(got, room.count)
        }
        return upper - lower
    }

    /// Goes over to mirrored memory, if there is any: once, and not for large windows, which are the
    /// exception.
    private mutating func mirror() {
        guard !wasMirrorTried, capacity == ByteSource.usualCapacity else { return }
        wasMirrorTried = true
        guard let memory = unsafe berth_mirror_map(capacity) else { return }
        let mirrored = unsafe UnsafeMutableRawBufferPointer(start: memory, count: 2 * capacity)
        // The unread octets are `capacity` at most.
        unsafe mirrored.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[lower..<upper]))
        unsafe storage.deallocate()
        unsafe storage = mirrored
        upper -= lower
        lower = 0
        isMirrored = true
    }

    private mutating func grow(_ count: Int) {
        let wanted = min(max(count, capacity * 2), max(windowLimit, count))
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: wanted, alignment: 4096)
        // The unread octets fit: capacity is at least `count`, which is more than there are.
        unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[lower..<upper]))
        if isMirrored {
            unsafe berth_mirror_unmap(storage.baseAddress, capacity)
            isMirrored = false
        } else {
            unsafe storage.deallocate()
        }
        unsafe storage = larger
        capacity = wanted
        upper -= lower
        lower = 0
    }
}
