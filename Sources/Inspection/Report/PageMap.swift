/// What became of the pages of a RAM block: one octet for each cell.
///
/// A cell is one page. In a block of very many pages it is a power of two of them, and shows what
/// most says of its content.
public struct PageMap: Sendable {
    /// The last state of a page. A cell of several pages shows the highest.
    public enum Kind: UInt8, Sendable, CaseIterable {
        case missing, zero, filled, xbzrle, compressed, full
    }

    /// Cells of one block at most.
    public static let limit: UInt64 = 1 << 20
    /// Above this, "sent more often".
    public static let most: UInt8 = 31

    public let name: String
    /// In octets.
    public let length: UInt64
    /// Octets.
    public let pageSize: UInt64
    public let pagesPerCell: UInt64
    /// Bits 0 to 2: the kind; bits 3 to 7: how often the cell's one page was sent, 0 where a cell
    /// has several.
    public private(set) var cells: [UInt8]

    public init(name: String, length: UInt64, pageSize: UInt64) {
        self.name = name
        self.length = length
        self.pageSize = max(pageSize, 1)
        let pages = length / self.pageSize + (length % self.pageSize == 0 ? 0 : 1)
        var perCell: UInt64 = 1
        while pages / perCell > PageMap.limit { perCell *= 2 }
        pagesPerCell = perCell
        cells = Array(repeating: 0, count: Int(pages / perCell + (pages % perCell == 0 ? 0 : 1)))
    }

    /// Adjoining pages were sent.
    /// - Parameters:
    ///   - offset: octets from the block's start to the first.
    ///   - count: pages.
    ///   - isOnce: what stood there before doesn't count.
    public mutating func mark(
        _ kind: Kind, offset: UInt64, count: UInt64, isOnce: Bool = false
    ) {
        guard count > 0 else { return }
        let first = offset / pageSize
        let last = first.addingReportingOverflow(count - 1)
        guard !last.overflow else { return }
        var cell = first / pagesPerCell
        let end = min(last.partialValue / pagesPerCell, UInt64(cells.count) &- 1)
        while cell <= end, cell < UInt64(cells.count) {
            let old = cells[Int(cell)]
            if pagesPerCell == 1 {
                let times = isOnce ? 1 : min(old >> 3 + 1, PageMap.most)
                cells[Int(cell)] = kind.rawValue | times << 3
            } else {
                cells[Int(cell)] = max(old, kind.rawValue)
            }
            cell += 1
        }
    }

    /// The cells as runs: the cell, then how often it stands there, seven bits an octet, the least
    /// significant first, each but the last with its highest bit set.
    public var runs: [UInt8] {
        var runs: [UInt8] = []
        var index = 0
        while index < cells.count {
            var end = index + 1
            while end < cells.count, cells[end] == cells[index] { end += 1 }
            runs.append(cells[index])
            var count = end - index
            while count > 0x7f {
                runs.append(UInt8(truncatingIfNeeded: count) | 0x80)
                count >>= 7
            }
            runs.append(UInt8(truncatingIfNeeded: count))
            index = end
        }
        return runs
    }
}
