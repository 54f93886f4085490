internal import Glibc

/// What Linux's pipes can do beyond the portable.
enum Pipe {
    /// Linux's F_SETPIPE_SZ, which the C library hides behind a feature macro.
    private static let setSize: Int32 = 1031

    /// Asks for a pipe buffer of 1 MiB: fewer system calls. Refusal, or that it is no pipe at all,
    /// does no harm.
    static func widen(_ descriptor: Int32) {
        _ = fcntl(descriptor, setSize, 1 << 20)
    }
}
