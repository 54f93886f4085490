import ByteIO
import Containers
import Migration

/// The data of packets whose pages are compressed one by one: their lengths, big-endian, in four
/// octets each; the pages (QEMU's `multifd_qpl_prepare`, `multifd_uadk_send_prepare`).
struct PageTable {
    private var pages = 0
    private var pageSize = 0
    private var lengths: [Int] = []
    private var index = 0
    /// Octets of the lengths, then of the page under way.
    private(set) var held: [UInt8] = []
    /// Whether the lengths have just become known.
    private(set) var isReady = false

    /// - Parameter pageSize: octets; no page takes more.
    mutating func begin(pages: UInt64, pageSize: Int) throws(PageFault) {
        guard let count = Int(exactly: pages), count <= MultifdPacket.roomLimit else {
            throw PageFault(
                .limit, expected: "at most \(MultifdPacket.roomLimit) pages in a packet",
                found: "\(pages)")
        }
        self.pages = count
        self.pageSize = pageSize
        lengths.removeAll(keepingCapacity: true)
        held.removeAll(keepingCapacity: true)
        index = 0
        isReady = false
    }

    /// Octets of the lengths and of all pages.
    var sum: UInt64 { lengths.reduce(UInt64(4 * pages)) { $0 + UInt64($1) } }

    /// Whether a page is there, whole.
    var hasPage: Bool { index < lengths.count && held.count == lengths[index] }

    /// The page that is there has been used.
    mutating func next() {
        index += 1
        held.removeAll(keepingCapacity: true)
    }

    /// Takes octets up to the end of the lengths or of a page. A fault counts from the first length.
    /// - Returns: how many; behind the last page all.
    mutating func take(_ piece: RawSpan, from start: Int) throws(PageFault) -> Int {
        isReady = false
        let left = piece.byteCount - start
        let isTable = lengths.count < pages
        guard isTable || index < lengths.count else { return left }
        let want = (isTable ? 4 * pages : lengths[index]) - held.count
        let count = min(left, want)
        held += piece.extracting(start..<start + count).octets
        guard isTable, count == want else { return count }
        for page in 0..<pages {
            let length = held[4 * page..<4 * page + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            guard length > 0, UInt64(length) <= UInt64(pageSize) else {
                throw PageFault(
                    .corrupt, expected: "the length of a compressed page, 1 to \(pageSize)",
                    found: "\(length)", consumed: 4 * page)
            }
            lengths.append(Int(length))
        }
        held.removeAll(keepingCapacity: true)
        isReady = true
        return count
    }
}
