import ByteIO
import Migration

/// `spapr/htab`: the hash page table of a pseries guest (QEMU's `hw/ppc/spapr.c`).
enum HashTable {
    @Sendable
    static func record(_ window: RawSpan, kind: SectionKind, isFirst: Bool) -> IteratorRecord {
        if isFirst {
            guard window.byteCount >= 4 else { return .needsMore }
            let word: UInt32 = window.bigEndian(at: 0)
            // -1: no table; otherwise its size's logarithm. 0: chunks follow.
            guard word <= 64 || word == .max else {
                return .fault(expected: "the hash table's size")
            }
            return .record(size: 4, isLast: word != 0)
        }
        guard window.byteCount >= 8 else { return .needsMore }
        let valid: UInt16 = window.bigEndian(at: 4)
        let invalid: UInt16 = window.bigEndian(at: 6)
        let isLast = window.bigEndian(at: 0, as: UInt32.self) == 0 && valid == 0 && invalid == 0
        let size = 8 + 16 * Int(valid)
        return window.byteCount >= size ? .record(size: size, isLast: isLast) : .needsMore
    }
}
