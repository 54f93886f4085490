/// One RAM block of a block list (record MEM_SIZE, QEMU's `migration/ram.c`).
public struct RAMBlock: Hashable, Sendable {
    public var name: String
    /// The block's used length in octets.
    public var length: UInt64
    /// The page size of the memory behind the block, in octets, where post-copy sends it.
    public var pageSize: UInt64?
    /// The guest-physical address, where `x-ignore-shared` sends it.
    public var address: UInt64?
    /// Where bitmap and pages stand, in a mapped-ram stream.
    public var mapped: MappedRAMHeader?

    public init(
        name: String, length: UInt64, pageSize: UInt64? = nil, address: UInt64? = nil,
        mapped: MappedRAMHeader? = nil
    ) {
        self.name = name
        self.length = length
        self.pageSize = pageSize
        self.address = address
        self.mapped = mapped
    }

    /// Whether it can be a block: QEMU up to 2.11 sends memory that has no name, but all blocks are of
    /// whole host pages, so that zeros are none.
    public var isPlausible: Bool { !name.isEmpty || length > 0 && length % 4096 == 0 }
}

/// The flag bits of a RAM record's first word.
public enum RAMFlag {
    public static let zero: UInt64 = 0x002
    public static let memSize: UInt64 = 0x004
    public static let page: UInt64 = 0x008
    public static let endOfSection: UInt64 = 0x010
    public static let continued: UInt64 = 0x020
    public static let xbzrle: UInt64 = 0x040
    public static let hook: UInt64 = 0x080
    public static let compressed: UInt64 = 0x100
    public static let multifdFlush: UInt64 = 0x200
    /// The bits that are flags whatever the page size: no offset has bits below 1 KiB.
    public static let mask: UInt64 = 0x3ff
}

/// Some pages of one RAM block that follow each other in the stream.
public struct RAMPageEntry: Hashable, Sendable, BitwiseCopyable {
    public enum Kind: UInt8, Sendable, BitwiseCopyable {
        /// Whole pages, with content.
        case full
        /// Pages that hold one value.
        case fill
        /// One page as the difference to its content before.
        case xbzrle
        /// One page, compressed by zlib.
        case zlib
        /// Pages whose content is in a multifd packet's compressed data.
        case packed
    }

    public var kind: Kind
    /// The octet that fills the pages of a `fill`.
    public var fill: UInt8
    /// Octets from the start of the block to the first page.
    public var offset: UInt64
    /// How many pages adjoin.
    public var count: UInt64
    /// Where the content begins in the group's octets.
    public var contentOffset: Int
    /// The content's length, of one page in octets; 0 for `fill` and `packed`.
    public var contentLength: Int
    /// Octets from one page's content to the next one's.
    public var stride: Int

    public init(
        kind: Kind, fill: UInt8 = 0, offset: UInt64, count: UInt64, contentOffset: Int = 0,
        contentLength: Int = 0, stride: Int = 0
    ) {
        self.kind = kind
        self.fill = fill
        self.offset = offset
        self.count = count
        self.contentOffset = contentOffset
        self.contentLength = contentLength
        self.stride = stride
    }
}

/// Pages of one RAM block, in stream order. The contents lie in octets that go beside it.
public struct RAMPageGroup: Sendable {
    public var block: String
    /// Whether the first record spells the block's name; the others never do.
    public var isNameSpelled: Bool
    /// The target's page size in octets.
    public var pageSize: UInt64
    public var entries: [RAMPageEntry]
    /// Octets from the start of the input to those that the contents lie in, where a reader knows
    /// it; for `packed` pages to their packet's data.
    public var position: UInt64?

    public init(
        block: String = "", isNameSpelled: Bool = false, pageSize: UInt64 = 4096,
        entries: [RAMPageEntry] = []
    ) {
        self.block = block
        self.isNameSpelled = isNameSpelled
        self.pageSize = pageSize
        self.entries = entries
    }
}
