internal import Glibc
internal import SystemPackage

/// Waits for connections. A unix socket's file goes with it.
@safe public final class SocketListener: Sendable {
    private let descriptor: Int32
    private let path: String?
    /// The address with the port that the system has chosen, if 0 was asked for.
    public let address: SocketAddress

    /// Connections that wait to be accepted: multifd opens up to 255 at once.
    private static let backlog: Int32 = 256

    /// - Throws: ``ByteIOError`` with operation `listen`.
    public init(on address: SocketAddress) throws(ByteIOError) {
        var reason: Int32 = EADDRNOTAVAIL
        if case .unix(let path) = address { Self.removeStale(path) }
        for candidate in try NativeAddress.find(address, toListen: true) {
            let descriptor = socket(candidate.family, SocketKind.stream, 0)
            guard descriptor >= 0 else {
                reason = errno
                continue
            }
            var yes: Int32 = 1
            _ = unsafe setsockopt(
                descriptor, SOL_SOCKET, SO_REUSEADDR, &yes,
                socklen_t(MemoryLayout<Int32>.size))
            // A VM's memory is nobody else's business.
            let mask = umask(0o177)
            let bound = unsafe candidate.withPointer { address, length in
                unsafe bind(descriptor, address, length)
            }
            _ = umask(mask)
            if bound == 0, listen(descriptor, Self.backlog) == 0 {
                self.descriptor = descriptor
                if case .unix(let path) = address { self.path = path } else { path = nil }
                self.address = NativeAddress.port(of: descriptor, address)
                return
            }
            reason = errno
            _ = Glibc.close(descriptor)
        }
        throw ByteIOError(.listen, errno: Errno(rawValue: reason), path: "\(address)")
    }

    deinit {
        _ = Glibc.close(descriptor)
        if let path { _ = unsafe unlink(path) }
    }

    /// A socket that nobody listens on any more is in the way, as it is for QEMU.
    private static func removeStale(_ path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
        if (try? StreamSocket.connect(to: .unix(path))) == nil { _ = unsafe unlink(path) }
    }

    /// Waits for a connection.
    /// - Parameter milliseconds: for so long; for ever if it is negative.
    /// - Returns: `nil` if none came.
    public func accept(within milliseconds: Int32) throws(ByteIOError) -> StreamSocket? {
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&wait, 1, milliseconds) > 0 else { return nil }
        let connection = Glibc.accept(descriptor, nil, nil)
        if connection >= 0 {
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            return StreamSocket(owning: connection)
        }
        switch errno {
        case EINTR, EAGAIN, ECONNABORTED: return nil
        default:
            throw ByteIOError(.listen, errno: Errno(rawValue: errno), path: "\(address)")
        }
    }
}
