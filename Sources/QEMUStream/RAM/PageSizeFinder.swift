import ByteIO
import Migration

/// Finds the target's page size from RAM records, where nothing states it.
///
/// For each size that QEMU's targets have, the records are walked as if it were the one; a wrong
/// size soon meets a word that no record begins with. Of those left, the one counts that is the
/// distance between pages that follow each other.
enum PageSizeFinder {
    /// x86 and most others; alpha, sparc64, or1k; tricore, loongarch64; Arm; AVR; then the rest.
    static let sizes: [UInt64] = [4096, 8192, 16384, 1024, 256, 65536, 2048, 32768, 512]

    /// - Parameters:
    ///   - window: begins with a page record.
    ///   - isWhole: whether the window reaches to the end of the input.
    static func find(_ window: RawSpan, blocks: [RAMBlock], isWhole: Bool) -> UInt64? {
        var best: (size: UInt64, score: Int)?
        for size in sizes {
            guard let score = score(window, size: size, blocks: blocks) else { continue }
            if score > best?.score ?? -1 { best = (size, score) }
        }
        return best?.size
    }

    /// How many records follow their predecessor at just this distance; `nil` if a record can't be.
    private static func score(_ window: RawSpan, size: UInt64, blocks: [RAMBlock]) -> Int? {
        var at = 0
        var score = 0
        var steps = 0
        var cursor: UInt64?
        while window.byteCount - at >= 9, steps < 4096 {
            let word: UInt64 = window.bigEndian(at: at)
            guard let record = RAMRecord(word, mask: RAMRecord.mask(pageSize: size)) else {
                return nil
            }
            if record.kind == .endOfSection { return score + 1 }
            guard record.isPage else { return record.kind == .memSize ? nil : score }
            guard record.offset & (size - 1) == 0 else { return nil }
            at += 8
            if !record.isContinued {
                let length = Int(window.octet(at: at))
                guard length > 0 else { return nil }
                at += 1 + length
                cursor = nil
            }
            if record.offset == cursor { score += 1 }
            cursor = record.offset &+ size
            switch record.kind {
            case .fill: at += 1
            case .page: at += Int(size)
            case .xbzrle:
                guard window.byteCount - at >= 3 else { return score }
                at += 3 + Int(window.bigEndian(at: at + 1, as: UInt16.self))
            default:
                guard window.byteCount - at >= 4 else { return score }
                at += 4 + Int(window.bigEndian(at: at, as: UInt32.self))
            }
            steps += 1
        }
        return score
    }
}
