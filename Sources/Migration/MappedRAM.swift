/// What a mapped-ram stream has in front of a block's bitmap and pages (QEMU's `MappedRamHeader`,
/// version 1, in `migration/ram.c`).
public struct MappedRAMHeader: Hashable, Sendable {
    /// The target's page size in octets.
    public var pageSize: UInt64
    /// Where the bitmap begins: octets from the file's start, or from where the saving program
    /// counts.
    public var bitmapOffset: UInt64
    /// Where the block's first page begins, counted likewise.
    public var pagesOffset: UInt64

    public init(pageSize: UInt64, bitmapOffset: UInt64, pagesOffset: UInt64) {
        self.pageSize = pageSize
        self.bitmapOffset = bitmapOffset
        self.pagesOffset = pagesOffset
    }

    /// Whether the block's pages are not in the file (`x-ignore-shared`): nothing follows the header.
    public var hasNoPages: Bool { bitmapOffset == 0 && pagesOffset == 0 }
}

/// The two parts of a mapped block that stand before its pages.
public enum MappedRAMPart: Hashable, Sendable {
    /// One bit a page, in words of the saving host.
    case bitmap
    /// What stands between the bitmap and the pages: zeros, from QEMU.
    case gap
}

/// How much room the parts of a mapped block take.
///
///     name, length, header │ bitmap │ gap │ pages │ name, length, …
public struct MappedRAMLayout: Hashable, Sendable {
    /// Why a header can't be right.
    public struct Fault: Error, Hashable, Sendable {
        public enum Field: String, Sendable {
            case length = "used_length"
            case pageSize = "page_size"
            case bitmapOffset = "bitmap_offset"
            case pagesOffset = "pages_offset"
        }

        public var field: Field
        public var expected: String
        public var found: String
    }

    /// Pages of the block; those that the file doesn't hold count too.
    public let pages: UInt64
    /// Octets of the bitmap.
    public let bitmapSize: UInt64
    /// Octets between the bitmap and the pages.
    public let gapSize: UInt64
    /// Octets of the pages: the block's length.
    public let pagesSize: UInt64

    /// Octets of all three.
    public var size: UInt64 { bitmapSize + gapSize + pagesSize }

    /// Works out the room.
    ///
    /// A bitmap has whole words of the saving host, which are 64 bits; a host of 32 is believed
    /// where there is no room for more.
    /// - Throws: ``Fault`` for a header that no QEMU writes or loads.
    public init(_ block: RAMBlock, _ header: MappedRAMHeader) throws(Fault) {
        let pageSize = header.pageSize
        guard (1 << 8...1 << 24).contains(pageSize), pageSize & (pageSize - 1) == 0 else {
            throw Fault(
                field: .pageSize, expected: "the target's page size, a power of two",
                found: "\(pageSize)")
        }
        guard block.length % pageSize == 0 else {
            throw Fault(
                field: .length, expected: "whole pages of \(pageSize) octets",
                found: "\(block.length) octets")
        }
        pages = block.length / pageSize
        if header.hasNoPages {
            bitmapSize = 0
            gapSize = 0
            pagesSize = 0
            return
        }
        let (end, overflow) = header.pagesOffset.addingReportingOverflow(block.length)
        guard !overflow, end <= UInt64(Int64.max) else {
            throw Fault(
                field: .pagesOffset, expected: "pages that end below 2^63 octets",
                found: "\(block.length) octets from \(header.pagesOffset) on")
        }
        guard header.pagesOffset >= header.bitmapOffset else {
            throw Fault(
                field: .pagesOffset,
                expected: "pages behind the bitmap, which begins at \(header.bitmapOffset)",
                found: "\(header.pagesOffset)")
        }
        guard header.pagesOffset % pageSize == 0 else {
            throw Fault(
                field: .pagesOffset, expected: "a multiple of the page size, \(pageSize)",
                found: "\(header.pagesOffset)")
        }
        let room = header.pagesOffset - header.bitmapOffset
        let words = (pages / 64 + (pages % 64 > 0 ? 1 : 0)) * 8
        let halfWords = (pages / 32 + (pages % 32 > 0 ? 1 : 0)) * 4
        guard halfWords <= room else {
            throw Fault(
                field: .pagesOffset,
                expected: "room for the \(words) octets of the bitmap of \(pages) pages",
                found: "\(room) octets")
        }
        bitmapSize = min(words, room)
        gapSize = room - bitmapSize
        pagesSize = block.length
    }
}
