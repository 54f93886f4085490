internal import Glibc

/// A thread of its own for work that waits in system calls, which tasks must not.
@safe public final class WorkThread: @unchecked Sendable {
    private var thread = pthread_t()
    private let isStarted: Bool
    private static let yieldingPriority: Int32 = 10

    /// Starts the work.
    /// - Parameter yields: whether other threads that want a processor go first.
    public init(yields: Bool = false, _ work: @escaping @Sendable () -> Void) {
        let box = unsafe Unmanaged.passRetained(Work(work, yields: yields)).toOpaque()
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                // What passRetained has made, taken once.
                unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box)
        isStarted = result == 0
        if result != 0 {
            // Without a thread the work is done here.
            unsafe Unmanaged<Work>.fromOpaque(box).takeRetainedValue().run()
        }
    }

    /// Waits for the end of the work. To be called once.
    public func join() { if isStarted { _ = pthread_join(thread, nil) } }

    private final class Work {
        private let work: @Sendable () -> Void
        private let yields: Bool

        init(_ work: @escaping @Sendable () -> Void, yields: Bool) {
            self.work = work
            self.yields = yields
        }

        func run() {
            if yields {
                // To Linux, process 0 is the calling thread. Where it isn't allowed all are equal.
                _ = setpriority(
                    Int32(PRIO_PROCESS.rawValue), 0, WorkThread.yieldingPriority)
            }
            work()
        }
    }
}

/// A lock, and a signal that those who hold it can wait for.
@safe public final class Monitor: @unchecked Sendable {
    // Allocated and initialised in init, destroyed and freed in deinit, never moved.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    public init() {
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Runs `body` with the lock.
    public func locked<R>(_ body: () -> R) -> R {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Waits for a signal; only with the lock, which is given away meanwhile.
    public func wait() { unsafe pthread_cond_wait(condition, mutex) }

    /// Waits for a signal, but no longer than so many nanoseconds.
    public func wait(nanoseconds: Int) {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        let sum = time.tv_nsec + nanoseconds % 1_000_000_000
        time.tv_sec += nanoseconds / 1_000_000_000 + sum / 1_000_000_000
        time.tv_nsec = sum % 1_000_000_000
        _ = unsafe pthread_cond_timedwait(condition, mutex, &time)
    }

    /// Wakes everybody who waits.
    public func signal() { unsafe pthread_cond_broadcast(condition) }
}
