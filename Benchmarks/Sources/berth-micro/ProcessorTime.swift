import Glibc

/// The time that this process has spent on processors, in nanoseconds.
enum ProcessorTime {
    static var now: Int {
        var time = timespec()
        // The structure is this function's own.
        guard unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return 0 }
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
