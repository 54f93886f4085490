import ByteIO
import Migration

/// `dirty-bitmap`: the bitmaps of block devices (QEMU's `migration/block-dirty-bitmap.c`).
enum DirtyBitmap {
    @Sendable
    static func record(_ window: RawSpan, kind: SectionKind, isFirst: Bool) -> IteratorRecord {
        let count = window.byteCount
        guard count >= 1 else { return .needsMore }
        let flags = window.octet(at: 0)
        var at = 1
        // Bit 7 announces further flag octets, which no QEMU has sent so far.
        guard flags & 0x80 == 0 else { return .fault(expected: "one octet of flags") }
        if flags & 0x01 != 0 {
            return flags == 0x01
                ? .record(size: 1, isLast: true) : .fault(expected: "the end mark 01")
        }
        for bit: UInt8 in [0x08, 0x04] where flags & bit != 0 {
            guard count > at else { return .needsMore }
            at += 1 + Int(window.octet(at: at))
        }
        switch flags & 0x70 {
        case 0x10: at += 5
        case 0x20: break
        case 0x40:
            at += 12
            if flags & 0x02 == 0 {
                guard count >= at + 8 else { return .needsMore }
                let size: UInt64 = window.bigEndian(at: at)
                guard size <= 1 << 30 else { return .fault(expected: "a chunk of a bitmap") }
                at += 8 + Int(size)
            }
        default: return .fault(expected: "a record of a dirty bitmap")
        }
        return count >= at ? .record(size: at, isLast: false) : .needsMore
    }
}
