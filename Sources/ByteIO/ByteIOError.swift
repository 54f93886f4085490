public import SystemPackage

/// Why reading or writing octets failed.
public struct ByteIOError: Error, Hashable, Sendable {
    /// What was being done.
    public enum Operation: String, Hashable, Sendable {
        case open, read, write, close, rename
        /// A window larger than the source may hold was asked for.
        case window
    }

    public var operation: Operation
    /// What the system answered; `nil` for `window`.
    public var errno: Errno?
    /// Octets from the start of the source or sink.
    public var offset: UInt64
    /// The file's path, where there is one.
    public var path: String?

    public init(
        _ operation: Operation, errno: Errno? = nil, offset: UInt64 = 0, path: String? = nil
    ) {
        self.operation = operation
        self.errno = errno
        self.offset = offset
        self.path = path
    }
}

extension ByteIOError: CustomStringConvertible {
    public var description: String {
        let reason = errno.map { "\($0)" } ?? "more octets at once than the limit allows"
        let target = path.map { " \($0)" } ?? ""
        return "cannot \(operation.rawValue)\(target): \(reason)"
    }
}
