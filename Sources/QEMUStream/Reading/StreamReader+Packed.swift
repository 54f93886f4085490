import ByteIO
import Migration

/// Telling the octets of the container that the stream was unpacked from.
extension StreamReader {
    /// Octets handed over at once.
    static let packedPiece = 1 << 20

    /// Behind everything else, when the whole stream has been read.
    func packed<V: MigrationVisitor & ~Copyable>(into visitor: inout V) throws(MigrationError) {
        guard let packed else { return }
        let length = packed.length
        try visitor.beginPacked(
            PackedOctets(
                length: length, streamLength: packed.unpacked.length,
                streamChecksum: packed.unpacked.checksum.value))
        var at: UInt64 = 0
        while at < length {
            let piece: [UInt8]
            do {
                piece = try packed.octets(
                    at: at, count: Int(min(length - at, UInt64(Self.packedPiece))))
            } catch { throw StreamReader.wrap(error) }
            guard !piece.isEmpty else {
                throw error(
                    .io, at: at, expected: "",
                    found: "the file became shorter while it was read")
            }
            // An array of octets has no padding that could be read.
            try visitor.packed(unsafe piece.span.bytes)
            at += UInt64(piece.count)
        }
    }
}
