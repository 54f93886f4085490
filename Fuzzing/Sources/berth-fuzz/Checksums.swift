/// Puts the checksums of a version 4 file right, wherever something looks like one.
enum Checksums {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 != 0 ? value >> 1 ^ 0x82f6_3b78 : value >> 1
        }
    }

    private static func add(_ octet: UInt8, _ value: UInt32) -> UInt32 {
        value >> 8 ^ table[Int((value ^ UInt32(octet)) & 0xff)]
    }

    /// Checkpoints (`5f c3 4b 04`) have the CRC-32C of all octets before them; an index
    /// (`7f c9 58`) that of its own octets, and then its place.
    static func mended(_ file: [UInt8]) -> [UInt8] {
        var file = file
        var value = UInt32.max
        var at = 0
        var indexStart: Int?
        while at < file.count {
            if file[at] == 0x5f, at + 8 <= file.count, file[at + 1] == 0xc3, file[at + 2] == 0x4b,
                file[at + 3] == 4
            {
                put(~value, &file, at + 4)
            }
            if file[at] == 0x7f, at + 3 <= file.count, file[at + 1] == 0xc9, file[at + 2] == 0x58 {
                indexStart = at
            }
            value = add(file[at], value)
            at += 1
        }
        guard let indexStart, let end = lastCRC(file, from: indexStart) else { return file }
        var crc = UInt32.max
        for octet in file[indexStart..<end] { crc = add(octet, crc) }
        put(~crc, &file, end + 2)
        put(0, &file, end + 8)
        put(UInt32(truncatingIfNeeded: indexStart), &file, end + 12)
        return file
    }

    /// Where an index's last two elements begin: `04 04 crc 04 08 here`.
    private static func lastCRC(_ file: [UInt8], from start: Int) -> Int? {
        var at = file.count - 16
        while at > start {
            if file[at] == 4, file[at + 1] == 4, file[at + 6] == 4, file[at + 7] == 8 { return at }
            at -= 1
        }
        return nil
    }

    private static func put(_ value: UInt32, _ file: inout [UInt8], _ at: Int) {
        for index in 0..<4 {
            file[at + index] = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * index))
        }
    }
}
