import TestSupport

/// BER files written by hand, from the schema of version 4.
enum BERFile {
    /// QemuFile (indefinite), version 4, stream (fileversion 3, producer "x"), top (indefinite):
    /// 18 octets, so that the first item stands at 0x12.
    static let start = octets("7fcdc551 80  020104  3006 020103 0c0178  3080")
    /// end-of-contents of top and of QemuFile.
    static let end = octets("0000 0000")
    /// EndOfStream: [APPLICATION 8902] NULL.
    static let endOfStream = octets("5fc546 00")

    /// A file of these items.
    static func with(_ items: [UInt8]) -> [UInt8] { start + items + end }

    /// What decode makes of `with(endOfStream)`.
    static let emptyStream = octets("5145564d 00000003 00")

    /// CRC-32C (RFC 3720: reflected, polynomial 1edc6f41), bit by bit.
    static func crc32c(_ octets: some Sequence<UInt8>) -> UInt32 {
        var value: UInt32 = 0xffff_ffff
        for octet in octets {
            value ^= UInt32(octet)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
        }
        return ~value
    }
}
