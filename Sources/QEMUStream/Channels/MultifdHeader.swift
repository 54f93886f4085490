import ByteIO
import Migration

/// The header of a packet of RAM, read where it lies (`multifd_ram_unfill_packet`).
struct MultifdHeader {
    /// Offsets of the fields.
    enum Field {
        static let version = 4
        static let flags = 8
        static let allocated = 12
        static let normalPages = 16
        static let size = 20
        static let number = 24
        static let zeroPages = 32
        static let block = 64
        static let blockSize = 256
    }

    var flags: UInt32
    var allocated: UInt32
    var normalPages: UInt32
    var size: UInt32
    var number: UInt64
    var zeroPages: UInt32

    /// - Parameter window: begins with the packet and has ``MultifdPacket/fixedSize`` octets.
    init(_ window: RawSpan) {
        flags = window.bigEndian(at: Field.flags)
        allocated = window.bigEndian(at: Field.allocated)
        normalPages = window.bigEndian(at: Field.normalPages)
        size = window.bigEndian(at: Field.size)
        number = window.bigEndian(at: Field.number)
        zeroPages = window.bigEndian(at: Field.zeroPages)
    }

    /// A text padded with octets of zero.
    /// - Returns: `nil` if it is empty or no UTF-8.
    static func paddedText(_ window: RawSpan, at: Int, size: Int) -> String? {
        var count = 0
        while count < size, window.octet(at: at + count) != 0 { count += 1 }
        // QEMU takes the last octet for a zero.
        guard (1...255).contains(count) else { return nil }
        return window.text(at: at, count: count)
    }

    /// Makes the header of a packet: what was sent beyond the fields, then the fields over it.
    ///
    /// - Parameters:
    ///   - group: the packet's pages; those with content before those of zeros.
    ///   - octets: set to the header.
    /// - Throws: `MigrationError` for pages that no packet can have.
    static func make(
        _ packet: MultifdPacket, _ group: borrowing RAMPageGroup, into octets: inout [UInt8]
    ) throws(MigrationError) {
        let size = packet.headerSize
        octets.removeAll(keepingCapacity: true)
        octets.append(contentsOf: packet.header.prefix(size))
        octets.append(contentsOf: repeatElement(0, count: size - octets.count))
        put(MultifdInit.magic, at: 0, &octets)
        put(1 as UInt32, at: Field.version, &octets)
        put(packet.flags, at: Field.flags, &octets)
        put(packet.allocated ?? packet.room, at: Field.allocated, &octets)
        put(packet.size, at: Field.size, &octets)
        put(packet.number, at: Field.number, &octets)
        var normal: UInt32 = 0
        var zero: UInt32 = 0
        var at = MultifdPacket.fixedSize
        for entry in group.entries {
            let isZero = entry.kind == .fill
            let isKind =
                isZero
                ? entry.fill == 0 : packet.hasData ? entry.kind == .packed : entry.kind == .full
            guard isKind, isZero || zero == 0, entry.count <= UInt64((size - at) / 8) else {
                throw MigrationError(
                    .corrupt, path: "packet \(packet.number)",
                    expected:
                        "at most \(packet.room) pages, those with content before those of zeros",
                    found: "\(entry.count) pages of kind \(entry.kind)")
            }
            var offset = entry.offset
            for _ in 0..<entry.count {
                put(offset, at: at, &octets)
                offset &+= group.pageSize
                at += 8
            }
            if isZero {
                zero += UInt32(truncatingIfNeeded: entry.count)
            } else {
                normal += UInt32(truncatingIfNeeded: entry.count)
            }
        }
        put(normal, at: Field.normalPages, &octets)
        // Without pages these octets are QEMU's reserved ones up to 8.2.
        put(zero, at: Field.zeroPages, &octets)
        guard !group.entries.isEmpty else { return }
        let name = Array(group.block.utf8)
        guard name.count < Field.blockSize else {
            throw MigrationError(
                .corrupt, path: "packet \(packet.number)", expected: "a name of at most 255 octets",
                found: "\(name.count)")
        }
        octets.replaceSubrange(Field.block..<Field.block + name.count, with: name)
        octets[Field.block + name.count] = 0
    }

    @inline(__always)
    static func put<T: FixedWidthInteger>(_ value: T, at: Int, _ octets: inout [UInt8]) {
        for index in 0..<T.bitWidth / 8 {
            octets[at + index] = UInt8(truncatingIfNeeded: value >> T(T.bitWidth - 8 - 8 * index))
        }
    }
}
