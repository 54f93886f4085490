import ByteIO
import Migration

/// The return path (QEMU's `migration/migration.c`, `source_return_path_thread`).
extension StreamReader {
    mutating func returnPath<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        try visitor.beginChannel(.returnPath, at: source.position)
        while true {
            let count = try load(4)
            if count == 0 { break }
            guard count >= 4 else {
                try channelRest(into: &visitor)
                break
            }
            let type: UInt16 = source.window.bigEndian(at: 0)
            let length = Int(source.window.bigEndian(at: 2, as: UInt16.self))
            // No message is of type 0: COLO's words begin so.
            if type == 0 {
                guard length <= Int(ReturnMessage.coloLimit) else {
                    throw error(
                        .corrupt, at: source.position, path: "return path",
                        expected: "a message or a word of COLO",
                        found: "the word \(hex(UInt64(length)))")
                }
                source.consume(4)
                try visitor.returnMessage(.colo(UInt32(length)))
                continue
            }
            guard ReturnPathProbe.isPlausible(type: type, length: length) else {
                throw error(
                    .corrupt, at: source.position, path: "return path",
                    expected: "a message of the return path",
                    found: "one of type \(type) with \(length) octets")
            }
            guard try load(4 + length) >= 4 + length else {
                try channelRest(into: &visitor)
                break
            }
            if type == ReturnPathProbe.bitmap {
                try bitmap(length, into: &visitor)
            } else {
                try visitor.returnMessage(try message(type, length))
                source.consume(4 + length)
            }
        }
        try visitor.endChannel(mark: false)
    }

    /// The message at hand, which is whole.
    private func message(_ type: UInt16, _ length: Int) throws(MigrationError) -> ReturnMessage {
        let window = source.window
        switch type {
        case 1: return .shut(window.bigEndian(at: 4))
        case 2: return .pong(window.bigEndian(at: 4))
        case 3:
            return .requestPages(
                start: window.bigEndian(at: 4), length: window.bigEndian(at: 12),
                block: try blockName(at: 16, end: 4 + length))
        case 4:
            return .requestPages(
                start: window.bigEndian(at: 4), length: window.bigEndian(at: 12), block: nil)
        case 6: return .resumeAck(window.bigEndian(at: 4))
        case 7: return .switchoverAck
        default:
            return .other(type: type, data: window.extracting(4..<4 + length).octets)
        }
    }

    /// A counted name that ends the message.
    private func blockName(at: Int, end: Int) throws(MigrationError) -> String {
        let length = Int(source.window.octet(at: at))
        guard length > 0, at + 1 + length == end,
            let name = source.window.text(at: at + 1, count: length)
        else {
            throw error(
                .corrupt, at: source.position + UInt64(at), path: "return path",
                expected: "the name of a RAM block, up to the message's end", found: "other octets")
        }
        return name
    }

    /// RECV_BITMAP: the bitmap follows the message, which does not count it
    /// (`ramblock_recv_bitmap_send`).
    private mutating func bitmap<V: MigrationVisitor & ~Copyable>(
        _ length: Int, into visitor: inout V
    ) throws(MigrationError) {
        let name = try blockName(at: 4, end: 4 + length)
        guard try load(12 + length) >= 12 + length else {
            return try channelRest(into: &visitor)
        }
        let size: UInt64 = source.window.bigEndian(at: 4 + length)
        guard size & 7 == 0, size <= ReturnPathProbe.bitmapLimit else {
            throw error(
                .corrupt, at: source.position + UInt64(4 + length), path: "return path/\(name)",
                expected: "a bitmap of whole words of 64 bits", found: "\(size) octets")
        }
        source.consume(12 + length)
        try visitor.beginBitmap(block: name, size: size)
        var left = size
        while left > 0 {
            let wanted = Int(min(left, UInt64(StreamReader.rawPiece)))
            let got = min(try load(wanted), wanted)
            if got == 0 { break }
            try visitor.opaque(source.window.extracting(first: got))
            source.consume(got)
            left -= UInt64(got)
        }
        let behind = left == 0 ? try load(8) : 0
        guard behind >= 8 else {
            try visitor.endBitmap(isWhole: false)
            return try channelRest(into: &visitor)
        }
        let end: UInt64 = source.window.bigEndian(at: 0)
        guard end == ReturnMessage.bitmapEnd else {
            throw error(
                .corrupt, at: source.position, path: "return path/\(name)",
                expected: "the bitmap's end, \(hex(ReturnMessage.bitmapEnd))", found: hex(end))
        }
        source.consume(8)
        try visitor.endBitmap(isWhole: true)
    }
}

/// What messages of the return path look like.
enum ReturnPathProbe {
    static let bitmap: UInt16 = 5
    /// Octets of a bitmap: of 2^64 octets of RAM in pages of 4096 there are 2^49.
    static let bitmapLimit: UInt64 = 1 << 49

    /// Whether QEMU sends a message of this type with so many octets of data.
    static func isPlausible(type: UInt16, length: Int) -> Bool {
        switch type {
        case 1, 2, 6: length == 4
        case 3: (14...268).contains(length)
        case 4: length == 12
        case bitmap: (2...256).contains(length)
        case 7: length == 0
        // A newer QEMU may have more.
        default: type < 32 && length <= ReturnMessage.dataLimit
        }
    }
}
