internal import Glibc
internal import SystemPackage

/// A connection of octets in both directions. Two threads may use it, one a direction.
@safe public final class StreamSocket: Sendable {
    private let descriptor: Int32

    /// The kernel's room for what is on its way, in octets, as far as it allows.
    private static let room: Int32 = 4 << 20

    init(owning descriptor: Int32) {
        self.descriptor = descriptor
        var room = Self.room
        let size = socklen_t(MemoryLayout<Int32>.size)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &room, size)
        // Requests on the return path are small, and waited for. No harm where it is no TCP.
        var yes: Int32 = 1
        _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, size)
    }

    deinit { _ = Glibc.close(descriptor) }

    /// Connects.
    /// - Throws: ``ByteIOError`` with operation `connect`.
    public static func connect(to address: SocketAddress) throws(ByteIOError) -> StreamSocket {
        var reason: Int32 = ECONNREFUSED
        for candidate in try NativeAddress.find(address, toListen: false) {
            let descriptor = socket(candidate.family, SocketKind.stream, 0)
            guard descriptor >= 0 else {
                reason = errno
                continue
            }
            let owned = StreamSocket(owning: descriptor)
            let result = unsafe candidate.withPointer { address, length in
                unsafe Glibc.connect(descriptor, address, length)
            }
            if result == 0 { return owned }
            reason = errno
        }
        throw ByteIOError(.connect, errno: Errno(rawValue: reason), path: "\(address)")
    }

    /// Waits for octets.
    /// - Returns: how many were received; 0 at the end.
    /// - Throws: ``ByteIOError``; a connection that was reset is one.
    public func receive(into buffer: UnsafeMutableRawBufferPointer) throws(ByteIOError) -> Int {
        while true {
            let count = unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            guard errno == EINTR else {
                throw ByteIOError(.read, errno: Errno(rawValue: errno))
            }
        }
    }

    private let noSignal = Int32(truncatingIfNeeded: 0x4000)  // MSG_NOSIGNAL

    /// Sends all octets.
    public func send(_ octets: UnsafeRawBufferPointer) throws(ByteIOError) {
        var done = 0
        while done < octets.count {
            // `octets.count - done` octets are left behind `done`.
            let count = unsafe Glibc.send(
                descriptor, octets.baseAddress.map { unsafe $0 + done }, octets.count - done,
                noSignal)
            if count >= 0 {
                done += count
            } else if errno != EINTR {
                throw ByteIOError(.write, errno: Errno(rawValue: errno))
            }
        }
    }

    /// Tells the other side that no more is sent.
    public func endSending() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends both directions; whoever waits here gets the end.
    public func cut() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
}

enum SocketKind {
    static var stream: Int32 { Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) }
}
