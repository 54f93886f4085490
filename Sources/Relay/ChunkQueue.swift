internal import ByteIO

/// Octets as they came from a socket, handed from thread to thread without being copied.
@safe final class Chunk: @unchecked Sendable {
    static let capacity = 256 << 10

    // Allocated in init, freed in deinit; the first `count` octets are initialised.
    let storage = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Chunk.capacity, alignment: 4096)
    var count = 0

    deinit { unsafe storage.deallocate() }

    /// The octets that are there.
    var octets: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: storage[..<count])
    }
}

/// What a connection has received, on its way to whoever reads it: in bounded memory.
///
/// The reader gets what was received in its own time. Whoever forwards waits for it only as long as it
/// is told that it may.
@safe final class ChunkQueue: ByteProducer, @unchecked Sendable {
    private let monitor = Monitor()
    private let limit: Int
    private var chunks: [Chunk] = []
    /// Octets of the first chunk that were read.
    private var read = 0
    private var spare: [Chunk] = []
    private var hasEnded = false
    /// Nobody reads any more, or what is read would not be whole.
    private var isClosed = false
    private var isStarving = false
    /// Nanoseconds for which `push` has waited.
    private(set) var waited = 0

    /// Whether chunks that were read are filled again; not if they go on into another queue.
    private let recycles: Bool

    /// - Parameter limit: octets that may wait.
    init(limit: Int, recycles: Bool = true) {
        self.limit = max(limit / Chunk.capacity, 4)
        self.recycles = recycles
    }

    /// A chunk to be filled.
    func takeChunk() -> Chunk { monitor.locked { spare.popLast() } ?? Chunk() }

    /// Gives a chunk back that was not pushed.
    func giveBack(_ chunk: Chunk) { monitor.locked { recycle(chunk) } }

    private func recycle(_ chunk: Chunk) {
        if recycles, spare.count < limit { spare.append(chunk) }
    }

    /// Hands a chunk over; it belongs to the queue from now on, though it may still be looked at until
    /// the next call of ``takeChunk()``.
    /// - Parameter patience: for how many nanoseconds this may wait, if there are too many chunks.
    /// - Returns: whether it was taken. If not, nothing that follows is.
    func push(_ chunk: Chunk, patience: () -> Int) -> Bool {
        monitor.locked {
            while chunks.count >= limit, !isClosed {
                let left = patience()
                guard left > 0 else {
                    isClosed = true
                    monitor.signal()
                    break
                }
                let step = min(left, 20_000_000)
                let begun = ContinuousClock.now
                monitor.wait(nanoseconds: step)
                let passed = (ContinuousClock.now - begun).components
                waited +=
                    Int(passed.seconds) * 1_000_000_000
                    + Int(passed.attoseconds / 1_000_000_000)
            }
            guard !isClosed else { return false }
            chunks.append(chunk)
            isStarving = false
            monitor.signal()
            return true
        }
    }

    /// No more comes.
    func end() {
        monitor.locked {
            hasEnded = true
            monitor.signal()
        }
    }

    /// The reader has seen enough, or can't go on.
    func close() {
        monitor.locked {
            isClosed = true
            chunks = []
            monitor.signal()
        }
    }

    /// Whether the reader was left behind, or has closed.
    var wasClosed: Bool { monitor.locked { isClosed } }

    /// Waits until the reader asks for more than there is, or has closed.
    func waitUntilRead() {
        monitor.locked {
            while !isClosed, !(isStarving && chunks.isEmpty) { monitor.wait() }
        }
    }

    // MARK: Reading

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteIOError) -> Int {
        let next: Chunk? = monitor.locked {
            while chunks.isEmpty, !hasEnded, !isClosed {
                isStarving = true
                monitor.signal()
                monitor.wait()
            }
            return chunks.first
        }
        guard let chunk = next else {
            guard monitor.locked({ hasEnded && !isClosed }) else { throw ByteIOError(.read) }
            return 0
        }
        let count = min(buffer.count, chunk.count - read)
        // `count` octets are in the chunk behind `read`, and have room in the buffer.
        unsafe buffer.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: chunk.octets[read..<read + count]))
        read += count
        if read == chunk.count {
            read = 0
            monitor.locked {
                if !chunks.isEmpty { recycle(chunks.removeFirst()) }
                monitor.signal()
            }
        }
        return count
    }
}
