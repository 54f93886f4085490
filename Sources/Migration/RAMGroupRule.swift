/// Where a group of pages ends.
///
/// The rule looks at the records alone, never at how they arrive, so that the same stream always
/// gives the same groups. A group has pages of one block; only its first record spells the name.
/// Its records take at most ``recordLimit`` octets of the binary stream and its full pages at most
/// ``contentLimit``. And it is never dearer in version 4 than its records are in the binary
/// stream: a jump that the entries so far have not paid for begins a new group.
public struct RAMGroupRule: Sendable {
    /// Octets of full pages in a group, and so in one octet string. A group is in memory whole, and
    /// what is read, summed and written while it is in the processor's cache costs half.
    public static let contentLimit: UInt64 = 256 << 10
    /// Octets that a group's records take in the binary stream.
    public static let recordLimit: UInt64 = (256 + 16) << 10

    private let pageSize: UInt64
    private var content: UInt64 = 0
    private var records: UInt64 = 0
    /// Octets that the group is cheaper than its records so far.
    private var saved: Int = 0
    private var cursor: UInt64 = 0

    public init(pageSize: UInt64) {
        self.pageSize = pageSize
    }

    /// Takes a page record into the group, if it belongs there.
    ///
    /// - Parameters:
    ///   - kind: what the record is.
    ///   - isZero: whether a fill record's octet is 0.
    ///   - offset: the page's, in its block.
    ///   - length: the record's octets in the binary stream, a spelled name left out.
    ///   - merges: whether the entry before grows by the page.
    /// - Returns: whether it was taken; the first record of a group always is.
    @inline(__always)
    public mutating func take(
        _ kind: RAMPageEntry.Kind, isZero: Bool, at offset: UInt64, length: UInt64, merges: Bool
    ) -> Bool {
        let isFirst = records == 0
        var change = 0
        if !isFirst {
            if records &+ length > RAMGroupRule.recordLimit { return false }
            if kind == .full, content &+ pageSize > RAMGroupRule.contentLimit { return false }
            if offset != cursor { change = -jumpCost(to: offset) }
        }
        if merges {
            change += kind == .full ? 8 : 9
        } else {
            switch kind {
            // What the record has besides the content, less what the entry has.
            case .full: change += 8 - 4
            case .fill: change += isZero ? 9 - 5 : 0
            case .xbzrle: change += 11 - 6
            case .zlib: change += 12 - 6
            // No record of a stream is of this kind.
            case .packed: break
            }
        }
        if !isFirst && saved + change < 0 { return false }
        saved += change
        records &+= length
        if kind == .full { content &+= pageSize }
        cursor = offset &+ pageSize
        return true
    }

    /// Octets of the skip that moves the cursor to `offset`.
    private func jumpCost(to offset: UInt64) -> Int {
        let pages = Int64(bitPattern: offset &- cursor) / Int64(clamping: pageSize)
        let magnitude = pages < 0 ? ~pages : pages
        return 3 + (64 - magnitude.leadingZeroBitCount) / 8
    }
}
