import ByteIO

/// Octets that come as from a pipe: in pieces, each copied once.
final class OctetStream: ByteProducer {
    private let octets: [UInt8]
    private var taken = 0

    init(_ octets: [UInt8]) { self.octets = octets }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteIOError) -> Int {
        let count = min(octets.count - taken, buffer.count)
        // `count` octets lie in the array and in the buffer.
        unsafe buffer.copyBytes(from: octets[taken..<taken + count])
        taken += count
        return count
    }

    static func source(_ octets: [UInt8]) -> ByteSource {
        ByteSource(producer: OctetStream(octets))
    }
}
