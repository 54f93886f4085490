public import ByteIO
public import Migration

/// Gathers what a stream holds of each RAM block, without the content of pages.
public struct RAMListVisitor: ~Copyable, ObservingVisitor {
    private struct Block {
        var block: RAMBlock
        /// Octets in front of it if all blocks stood one behind the other.
        var base: UInt64
        var states: PageStates?
        var resent: UInt64 = 0
        /// Of a mapped block that has gone by: its pages have places instead of records.
        var mapped: RAMList.Pages?
    }

    private var gathered = MachineFactsVisitor()
    private var blocks: [Block] = []
    private var indices: [String: Int] = [:]
    private var pageSize: UInt64?
    /// Octets that the pages' states may still take.
    private var room = PageStates.roomLimit
    private var isIncomplete = false
    private var isWhole = false
    private let makeScratch: () throws(MigrationError) -> OutputFile

    // Of channels, which are read one behind the other.
    private var clock = ChannelClock()
    private var epochs: PageEpochs?

    /// The mapped block that goes by.
    private var bitmap: MappedBitmap?

    /// - Parameters:
    ///   - pageSize: what the user says of the target's page size, in octets.
    ///   - makeScratch: makes a file that is never completed, where pages of several channels have to
    ///     be put in order.
    public init(
        pageSize: UInt64? = nil, makeScratch: @escaping () throws(MigrationError) -> OutputFile
    ) {
        self.pageSize = pageSize
        self.makeScratch = makeScratch
    }

    /// What has gone by.
    /// - Parameter options: what the user says of the machine's memory.
    public borrowing func finish(options: GuestMemory.Options) -> RAMList {
        var list = RAMList()
        list.machine = gathered.facts.machine
        list.pageSize = pageSize
        list.isWhole = isWhole
        for block in blocks { list.blocks.append(Self.entry(block, isIncomplete ? nil : pageSize)) }
        let counts = list.blocks.compactMap(\.pages)
        if counts.count == list.blocks.count {
            list.pages = counts.reduce(into: RAMList.Pages()) { $0.add($1) }
        }
        guard !blocks.isEmpty else { return list }
        do throws(MigrationError) {
            let memory = try GuestMemory(gathered.facts, options: options)
            list.isMapKnown = true
            list.notes = memory.notes
            for region in memory.map.regions {
                guard let index = indices[region.block] else { continue }
                list.blocks[index].ranges.append(
                    RAMList.Range(
                        address: region.address, length: region.length, offset: region.offset,
                        rom: region.isROM))
            }
        } catch {
            let hint = error.hint.map { " (\($0))" } ?? ""
            list.notes = [
                "physical addresses are not known: wanted \(error.expected), there is "
                    + "\(error.found)\(hint)"
            ]
        }
        return list
    }

    /// - Parameter pageSize: octets; `nil` if the pages can't be counted.
    private static func entry(_ block: Block, _ pageSize: UInt64?) -> RAMList.Block {
        var entry = RAMList.Block(name: block.block.name, length: block.block.length)
        entry.pageSize = block.block.pageSize
        entry.address = block.block.address
        entry.isShared = block.block.mapped?.hasNoPages ?? false
        if block.block.mapped != nil {
            entry.pages = block.mapped
        } else if let pageSize {
            let states = block.states ?? PageStates(count: count(block.block, pageSize))
            entry.pages = RAMList.Pages(
                all: states.count, data: states.data, zero: states.zero, missing: states.missing,
                resent: block.resent)
        }
        return entry
    }

    private static func count(_ block: RAMBlock, _ pageSize: UInt64) -> UInt64 {
        block.length / pageSize + (block.length % pageSize > 0 ? 1 : 0)
    }

    // MARK: The stream

    public mutating func begin(_ header: StreamHeader) throws(MigrationError) {
        if header.channels != 0 { epochs = PageEpochs(try makeScratch()) }
    }

    public mutating func configuration(
        _ configuration: Configuration
    ) throws(MigrationError) {
        try gathered.configuration(configuration)
        let state = configuration.subsections
        for node in state.nodes
        where node.kind == .uint32 && state.name(of: node) == "target_page_bits" && node.value < 32
        {
            pageSize = pageSize ?? 1 << node.value
        }
    }

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {
        try gathered.beginSection(header, contents: contents, at: offset)
        clock.beginSection(isRAM: contents == .ram)
    }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        try gathered.endSection(footer: footer)
        clock.endSection()
        endMapped()
    }

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        try gathered.device(state)
    }

    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {
        try gathered.opaque(piece)
    }

    public mutating func end() throws(MigrationError) { isWhole = true }

    // MARK: RAM

    /// Octets that all blocks may have where their pages have to be put in order.
    private static let baseLimit: UInt64 = 1 << 52

    private mutating func add(_ block: RAMBlock) {
        var base: UInt64 = 0
        if let last = blocks.last {
            // No page is larger.
            let unit: UInt64 = 1 << 24
            let length = min(last.block.length, Self.baseLimit)
            base = min((last.base + length + unit - 1) & ~(unit - 1), Self.baseLimit)
        }
        indices[block.name] = blocks.count
        blocks.append(Block(block: block, base: base))
    }

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        try gathered.ramBlocks(blocks)
        self.blocks = []
        indices = [:]
        bitmap = nil
        for block in blocks { add(block) }
    }

    public mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        pageSize = group.pageSize
        guard group.pageSize > 0, let index = indices[group.block], !isIncomplete else { return }
        if blocks[index].states == nil {
            blocks[index].states = PageStates(
                count: Self.count(blocks[index].block, group.pageSize))
        }
        for entry in group.entries {
            let isZero = entry.kind == .fill && entry.fill == 0
            let first = entry.offset / group.pageSize
            let (end, overflows) = first.addingReportingOverflow(entry.count)
            guard !overflows else { continue }
            try set(first..<end, isZero ? .zero : .data, index, group.pageSize)
        }
    }

    private mutating func set(
        _ pages: Range<UInt64>, _ state: PageStates.State, _ index: Int, _ pageSize: UInt64
    ) throws(MigrationError) {
        guard epochs != nil else { return mark(pages, state, index) }
        // Those within the block, which has a place of its own in the file.
        let count = blocks[index].states?.count ?? 0
        let pages = min(pages.lowerBound, count)..<min(pages.upperBound, count)
        guard !pages.isEmpty else { return }
        guard blocks[index].base < Self.baseLimit, count <= Self.baseLimit / pageSize else {
            isIncomplete = true
            return
        }
        let base = blocks[index].base / pageSize
        // Pages older than those that are there are records of pages that were sent all the same.
        var late = pages.upperBound - pages.lowerBound
        var runs: [Range<UInt64>] = []
        do throws(ByteIOError) {
            try epochs?.forEachRun(
                of: (base + pages.lowerBound) * pageSize..<(base + pages.upperBound) * pageSize,
                pageSize: pageSize, epoch: clock.epoch
            ) { first, count in
                runs.append(pages.lowerBound + first..<pages.lowerBound + first + count)
                late -= count
            }
        } catch { throw MigrationError(.io, expected: "", found: "\(error)") }
        for run in runs { mark(run, state, index) }
        blocks[index].resent &+= late
    }

    private mutating func mark(_ pages: Range<UInt64>, _ state: PageStates.State, _ index: Int) {
        guard !isIncomplete else { return }
        if let known = blocks[index].states?.set(pages, state, room: &room) {
            blocks[index].resent &+= known
        } else {
            isIncomplete = true
        }
    }

    public mutating func ramFlush() throws(MigrationError) { clock.flush() }

    public mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError) {
        clock.command(code)
    }

    // MARK: Channels

    public mutating func beginChannel(
        _ channel: Channel, at offset: UInt64
    ) throws(MigrationError) { clock.beginChannel(channel.kind) }

    private var flags: UInt32 = 0

    public mutating func beginPacket(_ packet: MultifdPacket) throws(MigrationError) {
        flags = packet.flags
    }

    public mutating func endPacket() throws(MigrationError) {
        clock.endPacket(flags)
        flags = 0
    }

    // MARK: Mapped RAM

    public mutating func ramMapped(total: UInt64) throws(MigrationError) {
        try gathered.ramMapped(total: total)
        blocks = []
        indices = [:]
    }

    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {
        try gathered.ramMappedBlock(block)
        endMapped()
        add(block)
        guard let header = block.mapped, header.pageSize > 0 else { return }
        pageSize = header.pageSize
        let count = Self.count(block, header.pageSize)
        if header.hasNoPages {
            blocks[blocks.count - 1].mapped = RAMList.Pages(all: count, missing: count)
        } else {
            bitmap = MappedBitmap(pages: count)
        }
    }

    public mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError) {
        if part == .bitmap { bitmap?.add(octets, at: offset) }
    }

    /// A page is there if its bit is set; the others of the block are zero (QEMU's
    /// `ram_load_mapped_ram`).
    private mutating func endMapped() {
        guard let bitmap = bitmap.take(), !blocks.isEmpty else { return }
        let present = min(bitmap.present, bitmap.pages)
        blocks[blocks.count - 1].mapped = RAMList.Pages(
            all: bitmap.pages, data: present, zero: bitmap.pages - present)
    }
}
