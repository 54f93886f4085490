import ByteIO
import Migration

/// `s390-storage_attributes`: CMMA (QEMU's `hw/s390x/s390-stattrib.c`).
enum StorageAttributes {
    @Sendable
    static func record(_ window: RawSpan, kind: SectionKind, isFirst: Bool) -> IteratorRecord {
        guard window.byteCount >= 8 else { return .needsMore }
        let word: UInt64 = window.bigEndian(at: 0)
        switch word & 0xfff {
        case 0x01: return .record(size: 8, isLast: true)
        case 0x04, 0x08: return .record(size: 8, isLast: false)
        case 0x02:
            guard window.byteCount >= 16 else { return .needsMore }
            let count: UInt64 = window.bigEndian(at: 8)
            guard count <= 1 << 28 else { return .fault(expected: "a count of pages") }
            let size = 16 + Int(count)
            return window.byteCount >= size ? .record(size: size, isLast: false) : .needsMore
        default: return .fault(expected: "a record of storage attributes")
        }
    }
}
