import ByteIO
import Migration

/// The bitmap of a mapped block, kept while the block's pages go by.
///
/// Bits are in words of the saving host, whose order no stream tells: little-endian hosts put page i
/// at bit i mod 8 of octet i / 8. Bits behind the last page are never set, which tells hosts apart.
struct MappedBitmap {
    /// Octets that a chunk has.
    private static let chunk = 4096
    private static let full = [UInt8](repeating: 0xff, count: chunk)
    /// Octets that are kept; chunks of ff cost nothing.
    static let limit = 8 << 20

    let pages: UInt64
    private var chunks: [UInt64: [UInt8]] = [:]
    private var kept = 0
    /// Bits that are set.
    private(set) var present: UInt64 = 0
    /// Whether there were more octets than are kept.
    private(set) var isIncomplete = false

    init(pages: UInt64) { self.pages = pages }

    /// Takes octets that stand at `offset` in the bitmap.
    mutating func add(_ octets: RawSpan, at offset: UInt64) {
        var from = 0
        while from < octets.byteCount {
            let place = offset + UInt64(from)
            let inside = Int(place % UInt64(MappedBitmap.chunk))
            let count = min(MappedBitmap.chunk - inside, octets.byteCount - from)
            let piece = octets.extracting(from..<from + count).octets
            present += piece.reduce(0) { $0 + UInt64($1.nonzeroBitCount) }
            keep(piece, at: inside, of: place / UInt64(MappedBitmap.chunk))
            from += count
        }
    }

    private mutating func keep(_ piece: [UInt8], at inside: Int, of number: UInt64) {
        if piece == MappedBitmap.full {
            chunks[number] = MappedBitmap.full
            return
        }
        if chunks[number] == nil {
            guard kept < MappedBitmap.limit else {
                isIncomplete = true
                return
            }
            kept += MappedBitmap.chunk
        }
        let empty = [UInt8](repeating: 0, count: MappedBitmap.chunk)
        chunks[number, default: empty].replaceSubrange(inside..<inside + piece.count, with: piece)
    }

    private func bit(_ octet: UInt64, _ number: UInt64) -> Bool {
        guard let chunk = chunks[octet / UInt64(MappedBitmap.chunk)] else { return false }
        return chunk[Int(octet % UInt64(MappedBitmap.chunk))] >> UInt8(number) & 1 != 0
    }

    /// Whether the page's bit is set.
    func isSet(_ page: UInt64, isBigEndian: Bool) -> Bool {
        // The octets of a big-endian host's 64-bit words stand the other way round.
        bit(isBigEndian ? page / 8 ^ 7 : page / 8, page % 8)
    }

    /// Tells runs of pages whose bit is set, ascending.
    func forEachRun(isBigEndian: Bool, _ body: (_ page: UInt64, _ count: UInt64) -> Void) {
        var run: (page: UInt64, count: UInt64) = (0, 0)
        for number in chunks.keys.sorted() {
            let first = number &* UInt64(MappedBitmap.chunk * 8)
            for page in first..<first &+ UInt64(MappedBitmap.chunk * 8)
            where page < pages && isSet(page, isBigEndian: isBigEndian) {
                if run.count > 0, run.page + run.count == page {
                    run.count += 1
                } else {
                    if run.count > 0 { body(run.page, run.count) }
                    run = (page, 1)
                }
            }
        }
        if run.count > 0 { body(run.page, run.count) }
    }

    /// Whether the bitmap can be one of a host of that order; `nil` if it says nothing.
    var isBigEndian: Bool? {
        guard pages % 64 > 0, present > 0 else { return nil }
        let last = pages / 64 * 64
        for page in pages..<last + 64 where isSet(page, isBigEndian: false) { return true }
        for page in pages..<last + 64 where isSet(page, isBigEndian: true) { return false }
        return nil
    }
}
