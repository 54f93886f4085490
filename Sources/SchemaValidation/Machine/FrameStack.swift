/// The constructed elements that are open. The innermost is changed where it lies: a copy that is
/// read back right after it was written in parts makes the processor wait.
@safe struct FrameStack: ~Copyable {
    // Allocated in init or grow, freed in deinit; storage[0...count] are set.
    private var storage: UnsafeMutablePointer<Frame>
    private var capacity = 64
    /// How many stand around the innermost.
    private(set) var count = 0

    init(_ root: Frame) {
        unsafe storage = .allocate(capacity: 64)
        unsafe storage.initialize(to: root)
    }

    deinit { unsafe storage.deallocate() }

    /// The innermost.
    var top: Frame {
        @inline(__always)
        _read { yield unsafe storage[count] }
        @inline(__always)
        _modify { yield unsafe &storage[count] }
    }

    /// Those around it, the outermost first, and the innermost itself. Traps past it.
    subscript(index: Int) -> Frame {
        precondition(index >= 0 && index <= count)
        // Set, by the line above.
        return unsafe storage[index]
    }

    /// All, the outermost first.
    var all: [Frame] {
        var frames: [Frame] = []
        for index in 0...count { frames.append(self[index]) }
        return frames
    }

    @inline(__always)
    mutating func push(_ frame: Frame) {
        if count + 1 == capacity { grow() }
        count += 1
        unsafe (storage + count).initialize(to: frame)
    }

    /// Takes the innermost away, but never the outermost.
    @inline(__always)
    mutating func pop() {
        if count > 0 { count -= 1 }
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<Frame>.allocate(capacity: capacity * 2)
        // As many as are set, in memory of its own.
        unsafe larger.initialize(from: storage, count: count + 1)
        unsafe storage.deallocate()
        unsafe storage = larger
        capacity *= 2
    }
}
