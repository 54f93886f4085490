/// Where a socket listens or connects to: what QEMU calls a migration's URI.
public enum SocketAddress: Hashable, Sendable {
    /// `unix:PATH`
    case unix(String)
    /// `tcp:HOST:PORT`; a host of IPv6 stands in brackets.
    case tcp(host: String, port: String)

    /// Reads a URI.
    /// - Returns: `nil` if it is none of the two kinds. No host means every address: that is never
    ///   taken for granted.
    public init?(_ uri: String) {
        if uri.hasPrefix("unix:") {
            let path = String(uri.dropFirst(5))
            // `sun_path` has 108 octets, the last of them a NUL.
            guard !path.isEmpty, path.utf8.count <= 107 else { return nil }
            self = .unix(path)
        } else if uri.hasPrefix("tcp:") {
            let rest = uri.dropFirst(4)
            guard let colon = rest.lastIndex(of: ":"), colon > rest.startIndex else { return nil }
            var host = rest[..<colon]
            let port = rest[rest.index(after: colon)...]
            if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
            guard !host.isEmpty, UInt16(port) != nil else { return nil }
            self = .tcp(host: String(host), port: String(port))
        } else {
            return nil
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .tcp(let host, let port): "tcp:\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }
    }
}
