import ByteIO
import Migration

/// Reads page records from a window into a group, until the group must end.
///
/// Nothing is copied: the group's entries say where in the window the contents are. The scanner can
/// go on when the window has grown.
struct PageGroupScanner {
    enum Outcome: Equatable {
        /// The group is complete; the next record doesn't belong to it.
        case complete
        /// The window ends inside a record.
        case needsMore
        /// A record can't be what it says.
        case fault(at: Int, expected: String, found: String)
    }

    var group = RAMPageGroup()
    /// Octets of the window that whole records take.
    private(set) var scanned = 0
    private var rule = RAMGroupRule(pageSize: 4096)
    private var cursor: UInt64 = 0
    private var blockLength: UInt64 = 0
    private var mask = RAMFlag.mask

    /// Begins a group of pages of `block`.
    mutating func begin(block: RAMBlock, isNameSpelled: Bool, pageSize: UInt64) {
        group.block = block.name
        group.isNameSpelled = isNameSpelled
        group.pageSize = pageSize
        group.entries.removeAll(keepingCapacity: true)
        scanned = 0
        rule = RAMGroupRule(pageSize: pageSize)
        blockLength = block.length
        mask = RAMRecord.mask(pageSize: pageSize)
    }

    /// Takes records from `window`, which begins where the group does.
    mutating func scan(_ window: RawSpan) -> Outcome {
        let count = window.byteCount
        let pageSize = group.pageSize
        let size = Int(pageSize)
        while true {
            guard count - scanned >= 9 else { return .needsMore }
            let word: UInt64 = window.bigEndian(at: scanned)
            guard let record = RAMRecord(word, mask: mask), record.isPage else {
                return group.entries.isEmpty ? faultyWord(word) : .complete
            }
            let isFirst = group.entries.isEmpty
            var at = scanned + 8
            // The rule doesn't count it, for it has no part in what follows.
            var nameSize = 0
            if isFirst {
                if !record.isContinued {
                    nameSize = 1 + Int(window.octet(at: at))
                    at += nameSize
                }
            } else if !record.isContinued {
                return .complete
            }
            let offset = record.offset
            guard offset & (pageSize - 1) == 0, offset < blockLength,
                blockLength - offset >= pageSize
            else {
                // A record that can't be right must not hide behind those before it.
                return isFirst ? beyond(offset) : .complete
            }
            var kind = RAMPageEntry.Kind.full
            var fill: UInt8 = 0
            var length = size
            switch record.kind {
            case .page: break
            case .fill:
                guard count - at >= 1 else { return .needsMore }
                kind = .fill
                fill = window.octet(at: at)
                at += 1
                length = 0
            case .xbzrle:
                guard count - at >= 3 else { return .needsMore }
                kind = .xbzrle
                guard window.octet(at: at) == 1 else {
                    return isFirst
                        ? .fault(
                            at: at, expected: "the XBZRLE header octet 01",
                            found: hex(UInt64(window.octet(at: at)))) : .complete
                }
                length = Int(window.bigEndian(at: at + 1, as: UInt16.self))
                at += 3
                guard length <= size else {
                    return isFirst
                        ? .fault(
                            at: at - 2, expected: "an XBZRLE length up to \(size)",
                            found: "\(length)") : .complete
                }
            default:
                guard count - at >= 4 else { return .needsMore }
                kind = .zlib
                let stated: UInt32 = window.bigEndian(at: at)
                at += 4
                guard UInt64(stated) <= RAMRecord.compressedLimit(pageSize: pageSize) else {
                    return isFirst
                        ? .fault(
                            at: at - 4, expected: "the length of a compressed page",
                            found: "\(stated)") : .complete
                }
                length = Int(stated)
            }
            guard count - at >= length else { return .needsMore }
            let last = group.entries.count - 1
            let merges =
                last >= 0 && offset == cursor && kind == group.entries[last].kind
                && (kind == .full || kind == .fill && fill == group.entries[last].fill)
            let recordLength = UInt64(at - scanned - nameSize + length)
            guard
                rule.take(
                    kind, isZero: fill == 0, at: offset, length: recordLength, merges: merges)
            else { return .complete }
            if merges {
                group.entries[last].count &+= 1
            } else {
                group.entries.append(
                    RAMPageEntry(
                        kind: kind, fill: fill, offset: offset, count: 1, contentOffset: at,
                        contentLength: length, stride: size + 8))
            }
            cursor = offset &+ pageSize
            scanned = at + length
        }
    }

    private func faultyWord(_ word: UInt64) -> Outcome {
        .fault(at: scanned, expected: "a RAM record", found: hex(word))
    }

    private func beyond(_ offset: UInt64) -> Outcome {
        offset & (group.pageSize - 1) != 0
            ? .fault(
                at: scanned, expected: "an offset that is a multiple of \(group.pageSize)",
                found: hex(offset))
            : .fault(
                at: scanned,
                expected: "a page within \(group.block), which has \(hex(blockLength)) octets",
                found: "offset \(hex(offset))")
    }
}

/// A number as people look it up in a hex dump.
func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
