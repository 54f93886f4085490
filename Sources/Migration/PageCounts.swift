/// Pages by what their records hold.
public struct PageCounts: Hashable, Sendable {
    public var full: UInt64 = 0
    public var zero: UInt64 = 0
    /// Filled with an octet other than 0.
    public var filled: UInt64 = 0
    public var xbzrle: UInt64 = 0
    public var zlib: UInt64 = 0
    /// In the compressed data of multifd packets.
    public var packed: UInt64 = 0
    /// Octets of the records in the binary stream; those of packed pages are their packet's.
    public var octets: UInt64 = 0

    public init() {}

    /// The pages of a group.
    public init(_ group: borrowing RAMPageGroup) { add(group) }

    /// Adds the pages of a group.
    public mutating func add(_ group: borrowing RAMPageGroup) {
        if group.isNameSpelled { octets &+= 1 &+ UInt64(group.block.utf8.count) }
        for entry in group.entries {
            switch entry.kind {
            case .full: full &+= entry.count
            case .fill where entry.fill == 0: zero &+= entry.count
            case .fill: filled &+= entry.count
            case .xbzrle: xbzrle &+= entry.count
            case .zlib: zlib &+= entry.count
            case .packed: packed &+= entry.count
            }
            octets &+= entry.recordOctets
        }
    }
}

extension RAMPageEntry {
    /// Octets of the entry's records in the binary stream, without a block's name (QEMU's
    /// `migration/ram.c`, `ram_save_target_page_legacy`); 0 for `packed`.
    public var recordOctets: UInt64 {
        let content = UInt64(clamping: contentLength)
        return switch kind {
        case .full: count &* (8 &+ content)
        case .fill: count &* 9
        case .xbzrle: 11 &+ content
        case .zlib: 12 &+ content
        case .packed: 0
        }
    }
}

/// Groups of pages that follow each other in a section, counted by their blocks.
public struct PageStretch: Hashable, Sendable {
    /// The target's page size in octets.
    public var pageSize: UInt64
    /// Each block once, in the order of their first pages.
    public var blocks: [Part]

    public struct Part: Hashable, Sendable {
        public var block: String
        public var pages: PageCounts

        public init(block: String, pages: PageCounts) {
            self.block = block
            self.pages = pages
        }
    }

    public init(pageSize: UInt64, blocks: [Part] = []) {
        self.pageSize = pageSize
        self.blocks = blocks
    }
}
