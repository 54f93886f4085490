public import SystemPackage

/// Why reading or writing octets failed.
public struct ByteIOError: Error, Hashable, Sendable {
    /// What was being done.
    public enum Operation: String, Hashable, Sendable {
        case open, read, write, close, rename, connect
        case listen = "listen on"
        /// A window larger than the source may hold was asked for.
        case window
        /// What is read is no good; ``fault`` tells more.
        case unpack
    }

    public var operation: Operation
    /// What the system answered; `nil` for `window`.
    public var errno: Errno?
    /// Octets from the start of the source or sink.
    public var offset: UInt64
    /// The file's path, where there is one.
    public var path: String?
    /// For `unpack`: what is wrong with the octets.
    public var fault: ContentFault?

    /// The octets behind a producer are no good.
    public init(_ fault: ContentFault, path: String? = nil) {
        self.init(.unpack, offset: fault.offset, path: path)
        self.fault = fault
    }

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
        if let fault {
            return "\(path.map { $0 + ": " } ?? "")offset 0x\(String(fault.offset, radix: 16)): "
                + "\(fault.format): \(fault.code.rawValue): expected \(fault.expected), "
                + "found \(fault.foundWithPlace)"
        }
        let reason = errno.map { "\($0)" } ?? "more octets at once than the limit allows"
        let target = path.map { " \($0)" } ?? ""
        return "cannot \(operation.rawValue)\(target): \(reason)"
    }
}
