import ByteIO
import Migration

/// `block`: disks migrated with the machine (QEMU's `migration/block.c`, up to 9.0).
enum BlockMigration {
    /// Octets of a chunk, even of the last one of a device.
    static let chunk = 1 << 20

    @Sendable
    static func record(_ window: RawSpan, kind: SectionKind, isFirst: Bool) -> IteratorRecord {
        guard window.byteCount >= 8 else { return .needsMore }
        let word: UInt64 = window.bigEndian(at: 0)
        switch word & 0x1ff {
        case 0x02: return .record(size: 8, isLast: true)
        case 0x04: return .record(size: 8, isLast: false)
        case 0x01, 0x09:
            guard window.byteCount >= 9 else { return .needsMore }
            let size = 9 + Int(window.octet(at: 8)) + (word & 0x08 == 0 ? chunk : 0)
            return window.byteCount >= size ? .record(size: size, isLast: false) : .needsMore
        default: return .fault(expected: "a record of block migration")
        }
    }
}
