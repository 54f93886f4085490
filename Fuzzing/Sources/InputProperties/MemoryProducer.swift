import ByteIO

/// Octets in memory, as a file (any place can be read) or as a pipe, in pieces of chosen sizes.
final class MemoryProducer: ByteProducer {
    private let octets: [UInt8]
    private let sizes: [Int]
    private let isFile: Bool
    private var position = 0
    private var turn = 0

    init(_ octets: [UInt8], isFile: Bool, sizes: [Int]) {
        self.octets = octets
        self.isFile = isFile
        self.sizes = sizes
    }

    var size: UInt64? { isFile ? UInt64(octets.count) : nil }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteIOError) -> Int {
        let wanted = sizes.isEmpty ? buffer.count : min(sizes[turn % sizes.count], buffer.count)
        turn += 1
        let count = try unsafe read(
            at: UInt64(position), into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
        position += count
        return count
    }

    func read(
        at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ByteIOError) -> Int {
        guard offset < UInt64(octets.count) else { return 0 }
        let start = Int(offset)
        let count = min(buffer.count, octets.count - start)
        unsafe buffer.copyBytes(from: octets[start..<start + count])
        return count
    }
}

extension ByteSource {
    /// As a file.
    static func file(_ octets: [UInt8]) -> ByteSource {
        ByteSource(
            producer: MemoryProducer(octets, isFile: true, sizes: []), capacity: 64 << 10)
    }

    /// As a pipe that gives pieces of a few sizes, which depend on the octets.
    static func pipe(_ octets: [UInt8], turn: Int = 0) -> ByteSource {
        var hash = UInt64(truncatingIfNeeded: octets.count &+ turn)
        for octet in octets.prefix(256) { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01b3 }
        let sizes = [1, 2, 7, 61, 500, 4093].indices.map { index in
            Int(truncatingIfNeeded: hash >> (8 * index) & 0xff) * (index < 3 ? 3 : 40) + 1
        }
        return ByteSource(
            producer: MemoryProducer(octets, isFile: false, sizes: sizes), capacity: 4096)
    }
}
