import BER
import ByteIO
import Migration

/// `PackedOctets`.
enum PackedCoding {
    /// Writes everything before the octets themselves, and their head.
    static func begin(
        _ packed: PackedOctets, to writer: inout BERWriter
    ) throws(ByteIOError) -> OpaqueContents {
        let contents = OpaqueContents(length: packed.length)
        try writer.head(
            SchemaTag.packedOctets, constructed: true,
            length: factsSize(packed) + contents.size)
        try writeFacts(packed, to: &writer)
        try contents.begin(&writer)
        return contents
    }

    static func factsSize(_ packed: PackedOctets) -> Int {
        BERSize.integer(.integer, packed.length) + BERSize.integer(.integer, packed.streamLength)
            + BERSize.element(.octetString, 4)
    }

    static func writeFacts(
        _ packed: PackedOctets, to writer: inout BERWriter
    ) throws(ByteIOError) {
        try writer.integer(.integer, packed.length)
        try writer.integer(.integer, packed.streamLength)
        try writer.head(.octetString, constructed: false, length: 4)
        try writer.sink.append(bigEndian: packed.streamChecksum)
    }

    /// Reads `size`, `length` and `crc`, which must come next.
    static func readFacts(
        _ input: inout ElementReader
    ) throws(MigrationError) -> PackedOctets {
        let size = try input.next(.integer, constructed: false, "size")
        let count = try input.unsigned(size, limit: UInt64(Int64.max), "size")
        let length = try input.next(.integer, constructed: false, "length")
        let streamLength = try input.unsigned(length, "length")
        let crc = try input.next(.octetString, constructed: false, "crc")
        let octets = try input.octets(crc, limit: 4)
        guard octets.count == 4 else {
            throw MigrationError(
                .corrupt, at: crc.contentOffset, path: input.pathText + ".crc",
                expected: "4 octets", found: "\(octets.count)")
        }
        return PackedOctets(
            length: count, streamLength: streamLength,
            streamChecksum: octets.reduce(0) { $0 << 8 | UInt32($1) })
    }

    /// Reads the rest of a `PackedOctets` that was just opened, and its end.
    static func read<V: MigrationVisitor & ~Copyable>(
        _ input: inout ElementReader, into visitor: inout V
    ) throws(MigrationError) {
        input.path.append("packed")
        let packed = try readFacts(&input)
        try visitor.beginPacked(packed)
        let octets = try input.next("octets")
        guard octets.tag == .octetString else { throw input.unexpected(octets, "octets") }
        var left = packed.length
        let path = input.pathText
        try input.pieces(octets) { (piece) throws(MigrationError) in
            guard UInt64(piece.byteCount) <= left else {
                throw MigrationError(
                    .corrupt, at: octets.contentOffset, path: path + ".octets",
                    expected: "\(packed.length) octets", found: "more")
            }
            left -= UInt64(piece.byteCount)
            try visitor.packed(piece)
        }
        guard left == 0 else {
            throw MigrationError(
                .corrupt, at: octets.contentOffset, path: path + ".octets",
                expected: "\(packed.length) octets", found: "\(packed.length - left)")
        }
        try input.end()
        input.path.removeLast()
    }
}
