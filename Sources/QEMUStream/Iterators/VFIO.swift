import ByteIO
import Migration

/// `…/vfio`: assigned devices (QEMU's `hw/vfio/migration.c`). START, PART and END alone: the FULL
/// section has no length inside, but stands in the vmdesc.
enum VFIO {
    @Sendable
    static func record(_ window: RawSpan, kind: SectionKind, isFirst: Bool) -> IteratorRecord {
        guard window.byteCount >= 8 else { return .needsMore }
        let word: UInt64 = window.bigEndian(at: 0)
        switch word {
        case 0xffff_ffff_ef10_0003: return .record(size: 8, isLast: false)
        case 0xffff_ffff_ef10_0001, 0xffff_ffff_ef10_0005, 0xffff_ffff_ef10_0006:
            return .record(size: 8, isLast: true)
        case 0xffff_ffff_ef10_0004:
            guard window.byteCount >= 16 else { return .needsMore }
            let length: UInt64 = window.bigEndian(at: 8)
            guard length <= 1 << 28 else { return .fault(expected: "the size of device data") }
            let size = 16 + Int(length)
            return window.byteCount >= size ? .record(size: size, isLast: false) : .needsMore
        default: return .fault(expected: "a word of VFIO's protocol")
        }
    }
}
