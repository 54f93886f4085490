public import Migration

/// Writes the content of RAM blocks into a file. The last state of each page wins, as it does for
/// QEMU.
public struct RAMImageVisitor: ~Copyable, ObservingVisitor {
    var image: RAMImage
    /// What goes into the file of a block, and where.
    enum Choice {
        case nothing
        /// All of it, behind the blocks before.
        case whole
        case parts([RAMImage.Piece])
    }

    var choose: (RAMBlock) -> Choice
    private var clock = ChannelClock()
    private var packet: MultifdPacket?
    private var packed = PackedPages()
    /// Which pages of the mapped block count.
    private var bitmap: MappedBitmap?
    private var isBigEndian: Bool?
    /// The blocks of the stream, in its order.
    public private(set) var blocks: [RAMBlock] = []

    /// - Parameter block: the name of the one block to be written; all are if it is `nil`.
    public init(_ image: consuming RAMImage, block: String?) {
        self.image = image
        choose = { block == nil || block == $0.name ? .whole : .nothing }
    }

    /// - Parameter choose: asked once for each block.
    init(_ image: consuming RAMImage, choose: @escaping (RAMBlock) -> Choice) {
        self.image = image
        self.choose = choose
    }

    /// - Returns: whether the block has a place.
    private mutating func add(_ block: RAMBlock) throws(MigrationError) -> Bool {
        switch choose(block) {
        case .nothing: return false
        case .whole: try image.add(block)
        case .parts(let parts): try image.add(block, parts)
        }
        return true
    }

    /// Where the blocks lie that are written.
    public var places: [RAMImage.Place] { image.places }

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        self.blocks = blocks
        for block in blocks { _ = try add(block) }
    }

    public mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        image.epoch = clock.epoch
        try image.apply(group, content)
        if let packet, packet.hasData { try packed.begin(packet, group) }
    }

    /// Data of a packet's pages, or something else's.
    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {
        if let packet, packet.hasData { try packed.take(piece, into: &image) }
    }

    // MARK: Mapped RAM

    public mutating func ramMapped(total: UInt64) throws(MigrationError) { blocks = [] }

    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {
        blocks.append(block)
        bitmap = nil
        guard try add(block) else { return }
        if let header = block.mapped, !header.hasNoPages, header.pageSize > 0 {
            bitmap = MappedBitmap(pages: block.length / header.pageSize)
        }
    }

    public mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError) {
        if part == .bitmap { bitmap?.add(octets, at: offset) }
    }

    /// A page whose bit is clear is zero, whatever stands in its place.
    public mutating func ramMappedPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        guard let bitmap, group.pageSize > 0 else { return }
        guard !bitmap.isIncomplete else {
            throw MigrationError(
                .limit, path: "ram/\(group.block)", expected: "a bitmap that memory has room for",
                found: "a larger one")
        }
        isBigEndian = isBigEndian ?? bitmap.isBigEndian
        var present = RAMPageGroup(block: group.block, pageSize: group.pageSize)
        for entry in group.entries {
            let first = entry.offset / group.pageSize
            for index in 0..<entry.count
            where bitmap.isSet(first &+ index, isBigEndian: isBigEndian ?? false) {
                var page = entry
                page.count = 1
                page.offset = entry.offset &+ index &* group.pageSize
                page.contentOffset += Int(clamping: index) * entry.stride
                present.entries.append(page)
            }
        }
        try image.apply(present, content)
    }

    // MARK: Marks of synchronization

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) { clock.beginSection(isRAM: contents == .ram) }

    public mutating func endSection(footer: Bool) throws(MigrationError) { clock.endSection() }
    public mutating func ramFlush() throws(MigrationError) { clock.flush() }

    public mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError) {
        clock.command(code)
    }

    public mutating func beginChannel(
        _ channel: Channel, at offset: UInt64
    ) throws(MigrationError) {
        clock.beginChannel(channel.kind)
        packed.beginChannel()
        packet = nil
    }

    public mutating func beginPacket(_ packet: MultifdPacket) throws(MigrationError) {
        self.packet = packet
    }

    public mutating func endPacket() throws(MigrationError) {
        if let packet {
            if packet.hasData { try packed.end() }
            clock.endPacket(packet.flags)
        }
        packet = nil
    }

    /// Completes the file: it gets its name.
    public consuming func finish() throws(MigrationError) { try image.commit() }
}
