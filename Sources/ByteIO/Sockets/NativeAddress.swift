internal import Glibc
internal import SystemPackage

/// A socket's address as the system has it.
struct NativeAddress {
    let family: Int32
    let octets: [UInt8]

    /// Calls `body` with the address, which is valid meanwhile.
    func withPointer(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        unsafe octets.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return -1 }
            // The octets are a sockaddr of this family, by what made them.
            return unsafe body(
                base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }

    /// The addresses that a URI stands for.
    static func find(
        _ address: SocketAddress, toListen: Bool
    ) throws(ByteIOError) -> [NativeAddress] {
        switch address {
        case .unix(let path): return [unix(path)]
        case .tcp(let host, let port):
            var hints = unsafe addrinfo()
            unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            unsafe hints.ai_flags = toListen ? AI_PASSIVE : 0
            var list: UnsafeMutablePointer<addrinfo>?
            guard unsafe getaddrinfo(host, port, &hints, &list) == 0 else {
                throw ByteIOError(
                    toListen ? .listen : .connect, errno: .addressNotAvailable, path: "\(address)")
            }
            defer { unsafe freeaddrinfo(list) }
            var found: [NativeAddress] = []
            var next = unsafe list
            while let entry = unsafe next {
                // getaddrinfo's list, valid until it is freed: each entry has an address of
                // ai_addrlen octets.
                let octets = unsafe UnsafeRawBufferPointer(
                    start: entry.pointee.ai_addr, count: Int(entry.pointee.ai_addrlen))
                found.append(
                    NativeAddress(
                        family: unsafe entry.pointee.ai_family, octets: unsafe Array(octets)))
                unsafe next = entry.pointee.ai_next
            }
            return found
        }
    }

    private static func unix(_ path: String) -> NativeAddress {
        var native = sockaddr_un()
        native.sun_family = sa_family_t(AF_UNIX)
        var octets = unsafe withUnsafeBytes(of: &native) { unsafe Array($0) }
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        // SocketAddress has seen to it that the path and a NUL fit.
        for (index, octet) in path.utf8.enumerated() where start + index < octets.count - 1 {
            octets[start + index] = octet
        }
        return NativeAddress(family: AF_UNIX, octets: octets)
    }

    /// The address with the port that a listening socket has.
    static func port(of descriptor: Int32, _ address: SocketAddress) -> SocketAddress {
        guard case .tcp(let host, "0") = address else { return address }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            // The storage has room for any address.
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        guard result == 0 else { return address }
        // IPv4 and IPv6 have the port in the same place, in network order.
        let octets = unsafe withUnsafeBytes(of: &storage) { unsafe Array($0.prefix(4)) }
        return .tcp(host: host, port: String(UInt16(octets[2]) << 8 | UInt16(octets[3])))
    }
}
