import ByteIO
import Migration

/// The first word of a RAM record, checked (QEMU's `migration/ram.c`, `ram_load_precopy`).
struct RAMRecord {
    enum Kind { case fill, memSize, page, endOfSection, xbzrle, hook, zlib, flush }

    var kind: Kind
    var isContinued: Bool
    /// The page's offset in its block; for `memSize` the total.
    var offset: UInt64

    /// - Parameter mask: the bits that are flags; see ``mask(pageSize:)``.
    /// - Returns: `nil` if no record begins with `word`.
    @inline(__always)
    init?(_ word: UInt64, mask: UInt64) {
        let flags = word & mask
        offset = word & ~mask
        isContinued = flags & RAMFlag.continued != 0
        switch flags & ~RAMFlag.continued {
        case RAMFlag.page: kind = .page
        case RAMFlag.zero: kind = .fill
        case RAMFlag.xbzrle: kind = .xbzrle
        case RAMFlag.compressed: kind = .zlib
        case RAMFlag.memSize where !isContinued: kind = .memSize
        case RAMFlag.endOfSection where word == RAMFlag.endOfSection: kind = .endOfSection
        case RAMFlag.hook where word == RAMFlag.hook: kind = .hook
        case RAMFlag.multifdFlush where word == RAMFlag.multifdFlush: kind = .flush
        default: return nil
        }
    }

    /// The bits of a record's word that are flags. Offsets have none of them, but on targets whose
    /// page is smaller than the highest flag: AVR's has 256 octets.
    static func mask(pageSize: UInt64?) -> UInt64 {
        guard let pageSize else { return RAMFlag.mask }
        return RAMFlag.mask & (pageSize - 1)
    }

    /// Reads a word where the page size is not known yet.
    init?(_ word: UInt64, pageSize: UInt64?) {
        if let record = RAMRecord(word, mask: RAMRecord.mask(pageSize: pageSize)) {
            self = record
        } else if pageSize == nil, let record = RAMRecord(word, mask: 0xff) {
            self = record
        } else {
            return nil
        }
    }

    /// Whether the record is of one page.
    var isPage: Bool {
        switch kind {
        case .fill, .page, .xbzrle, .zlib: true
        default: false
        }
    }

    /// The most that zlib makes of a page (its `compressBound`), and more.
    static func compressedLimit(pageSize: UInt64) -> UInt64 {
        pageSize + pageSize >> 8 + 64
    }
}
