import ByteIO
import Migration

/// Finds the pages in a stretch of a mapped block that are not zero.
///
/// A group has those of one aligned stretch of ``unit(pageSize:)`` octets, so that it depends on
/// the block's content alone. Nothing is copied: the entries say where in the window the pages are.
struct MappedPageScanner {
    var group = RAMPageGroup()

    /// Octets of a block that a group is made from.
    static func unit(pageSize: UInt64) -> Int { max(1 << 20, Int(clamping: pageSize)) }

    mutating func begin(block: String, pageSize: UInt64) {
        group.block = block
        group.isNameSpelled = false
        group.pageSize = pageSize
    }

    /// Makes the group of a stretch.
    /// - Parameters:
    ///   - stretch: whole pages.
    ///   - offset: octets from the block's start to it.
    mutating func scan(_ stretch: RawSpan, at offset: UInt64) {
        group.entries.removeAll(keepingCapacity: true)
        let size = Int(clamping: group.pageSize)
        var at = stretch.firstNonZero.map { $0 - $0 % size } ?? stretch.byteCount
        var isRun = false
        while stretch.byteCount - at >= size {
            if stretch.extracting(at..<at + size).isZero {
                isRun = false
            } else if isRun {
                group.entries[group.entries.count - 1].count &+= 1
            } else {
                isRun = true
                group.entries.append(
                    RAMPageEntry(
                        kind: .full, offset: offset + UInt64(at), count: 1, contentOffset: at,
                        contentLength: size, stride: size))
            }
            at += size
        }
    }
}
