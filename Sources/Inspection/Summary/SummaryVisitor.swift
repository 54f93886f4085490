internal import ByteIO
internal import Containers
public import Migration
internal import QEMUStream

/// Counts what goes by.
public struct SummaryVisitor: ~Copyable, MigrationVisitor {
    public internal(set) var summary = StreamSummary()
    private var current = -1
    /// The channel beside the main one that is being told.
    var channel: ChannelKind?
    private var indices: [UInt32: Int] = [:]
    /// FULL sections' places, by section id.
    private var fullIndices: [UInt32: Int] = [:]
    private var blockIndices: [String: Int] = [:]
    private var header: SectionHeader?
    private var iterator: IteratorPayload?
    private var tally = IteratorTally()
    private var mapped = MappedCounter()
    /// The mapped block that is going by, and what it takes in the binary stream.
    private var mappedIndex: Int?
    /// Of the section under way.
    private var opaqueOctets: UInt64 = 0
    private var footers = (with: 0, without: 0)

    /// The vmdesc as it was sent, if it is to be kept.
    public private(set) var descriptionText: [UInt8]?
    private let keepsDescription: Bool

    public init(keepsDescription: Bool = false) { self.keepsDescription = keepsDescription }

    /// What goes by, as ``TransferSummary/sizes`` calls it.
    private var part = "framing"
    private var transfer = TransferTally()

    /// The summary with what is known only when all has been read.
    public borrowing func finished() -> StreamSummary {
        var result = summary
        result.transfer = transfer.finished(isWhole: summary.isWhole)
        result.unusual = UnusualFacts.of(result)
        return result
    }

    private mutating func grow(_ octets: Int) {
        if octets >= 0 {
            transfer.add(part, UInt64(octets))
        } else {
            transfer.remove(part, UInt64(-octets))
        }
        if current >= 0 {
            let size = summary.sections[current].size
            summary.sections[current].size = UInt64(
                bitPattern: Int64(bitPattern: size) &+ Int64(octets))
        }
    }

    // MARK: Stream

    public mutating func begin(_ header: StreamHeader) throws(MigrationError) {
        summary.streamVersion = header.fileVersion
        summary.leadingZeros = header.leadingZeros
        summary.keptContainer = header.container.map { ContainerLayer($0) }
        if header.fileVersion > 0 { transfer.add("framing", 8 &+ header.leadingZeros) }
    }

    public mutating func configuration(
        _ configuration: Configuration
    ) throws(MigrationError) {
        summary.machine = configuration.machine
        let state = configuration.subsections
        transfer.add(
            "configuration",
            UInt64(5 + configuration.machine.utf8.count + DeviceEncoder.encode(state).count))
        for node in state.nodes {
            if node.kind == .text {
                summary.capabilities.append(
                    String(decoding: state.octets(of: node), as: UTF8.self))
            }
            if [.blob, .buffer].contains(node.kind), state.name(of: node) == "uuid" {
                summary.uuid = SummaryVisitor.uuid(state.octets(of: node))
            }
            if node.kind == .uint32, state.name(of: node) == "target_page_bits", node.value < 32 {
                summary.pageSize = 1 << node.value
            }
        }
    }

    static func uuid(_ octets: ArraySlice<UInt8>) -> String {
        var text = ""
        for (index, octet) in octets.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += String(octet >> 4, radix: 16) + String(octet & 15, radix: 16)
        }
        return text
    }

    public mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError) {
        transfer.add("commands", 5 &+ UInt64(payload.byteCount))
        count(command: code)
        guard let payload = CommandPayload(code, payload) else { return }
        var postcopy = summary.postcopy ?? PostcopySummary()
        if postcopy.take(payload) { summary.postcopy = postcopy }
    }

    public mutating func beginPackage(length: UInt32) throws(MigrationError) {
        count(command: StreamCommand.packaged)
        transfer.add("commands", 9)
        transfer.history.beginPackage()
    }

    public mutating func endPackage() throws(MigrationError) { transfer.history.endPackage() }

    private mutating func count(command code: UInt16) {
        if let index = summary.commands.firstIndex(where: { $0.code == code }) {
            summary.commands[index].count += 1
        } else {
            summary.commands.append(
                StreamSummary.Command(code: code, name: StreamCommand.name(code), count: 1))
        }
    }

    public mutating func endOfStream() throws(MigrationError) {
        summary.hasEndMark = true
        transfer.add("framing", 1)
        transfer.history.endOfStream()
    }

    public mutating func description(_ json: RawSpan) throws(MigrationError) {
        summary.description = UInt64(json.byteCount)
        transfer.add("vmdesc", 5 &+ UInt64(json.byteCount))
        transfer.history.endDowntime()
        if keepsDescription { descriptionText = json.octets }
    }

    public mutating func raw(_ piece: RawSpan) throws(MigrationError) {
        summary.raw &+= UInt64(piece.byteCount)
        transfer.history.endDowntime()
        transfer.add("raw", UInt64(piece.byteCount))
    }

    public mutating func beginPacked(_ packed: PackedOctets) throws(MigrationError) {
        summary.keptOctets = packed.length
    }

    public mutating func end() throws(MigrationError) { summary.isWhole = true }

    // MARK: Sections

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {
        self.header = header
        let form: StreamSummary.Section.Form =
            switch contents {
            case .ram: .ram
            case .iterator: .records
            case .device: .fields
            case .opaque: .opaque
            }
        if header.kind != .full, header.kind != .start, let index = indices[header.sectionID] {
            current = index
        } else if header.kind == .full, summary.hasEndMark,
            let index = fullIndices[header.sectionID],
            summary.sections[index].name == header.name
        {
            // COLO sends the devices anew in each round.
            current = index
        } else {
            current = summary.sections.count
            summary.sections.append(
                StreamSummary.Section(
                    offset: offset, sectionID: header.sectionID, name: header.name,
                    instanceID: header.instanceID, versionID: header.versionID, form: form))
            if header.kind != .full {
                indices[header.sectionID] = current
            } else {
                fullIndices[header.sectionID] = current
            }
        }
        switch header.kind {
        case .start: summary.sections[current].hasStart = true
        case .part: summary.sections[current].parts += 1
        case .end: summary.sections[current].hasEnd = true
        case .full: summary.sections[current].isFull = true
        }
        part =
            switch form {
            case .ram: "ram"
            case .records: "iterators"
            case .fields: "devices"
            case .opaque: header.kind == .full ? "devices" : "iterators"
            }
        if channel != nil { part = "channels" }
        transfer.history.beginSection(header.kind)
        grow(header.isNamed ? 14 + header.name.utf8.count : 5)
        // The record that ends a RAM section.
        if contents == .ram { grow(8) }
        if case .iterator(let layout) = contents {
            iterator = IteratorPayload(layout)
            tally.begin(layout, section: current)
        }
    }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        if var iterator = iterator.take() {
            iterator.takeEnd()
            grow(iterator.octets.count)
        }
        endMapped()
        if header?.kind == .full, opaqueOctets > 0 {
            cover(DeviceCoverage(opaque: opaqueOctets))
        }
        opaqueOctets = 0
        if footer { grow(5) }
        if footer { footers.with += 1 } else { footers.without += 1 }
        summary.hasFooters =
            footers.with == 0 ? false : footers.without == 0 ? true : nil
        current = -1
    }

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        grow(DeviceEncoder.encode(state).count)
        var count = 0
        for node in state.nodes where node.name >= 0 && node.kind != .subsection { count += 1 }
        summary.sections[current].fields = count
        cover(DeviceCoverage(state))
    }

    private mutating func cover(_ coverage: DeviceCoverage) {
        guard current >= 0 else { return }
        if summary.sections[current].coverage == nil {
            summary.sections[current].coverage = .init()
        }
        summary.sections[current].coverage?.add(coverage)
        summary.devices.add(coverage)
    }

    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {
        if channel == .returnPath { countBits(piece) }
        grow(piece.byteCount)
        opaqueOctets &+= UInt64(piece.byteCount)
    }

    // MARK: Iterators

    public mutating func iteratorRecord(
        _ record: borrowing IteratorRecord
    ) throws(MigrationError) {
        iterator?.take(record)
        grow((iterator?.octets.count ?? 0) + Int(clamping: record.dataLength))
        guard current >= 0 else { return }
        tally.count(record, in: &summary.sections[current].records)
    }

    public mutating func iteratorData(_ piece: RawSpan) throws(MigrationError) {}

    public mutating func iteratorRest(_ octets: RawSpan) throws(MigrationError) {
        iterator?.takeRest()
        grow(octets.byteCount)
    }

    // MARK: RAM

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        grow(8)
        forgetBlocks()
        transfer.history.begin(blocks)
        for block in blocks {
            blockIndices[block.name] = summary.blocks.count
            summary.blocks.append(
                StreamSummary.Block(
                    name: block.name, length: block.length, pageSize: block.pageSize,
                    address: block.address))
            grow(9 + block.name.utf8.count)
            if block.pageSize != nil { grow(8) }
            if block.address != nil { grow(8) }
        }
    }

    public mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        summary.pageSize = group.pageSize
        if channel != nil {
            part = "channels"
            transfer.history.loseOrder()
        }
        transfer.history.count(group)
        count(PageCounts(group), of: group.block, pageSize: group.pageSize)
    }

    public static var takesTotals: Bool { true }

    public mutating func ramPassed(_ stretch: PageStretch) throws(MigrationError) {
        summary.pageSize = stretch.pageSize
        transfer.history.passed(pageSize: stretch.pageSize)
        for part in stretch.blocks {
            count(part.pages, of: part.block, pageSize: stretch.pageSize)
        }
    }

    public mutating func ramTotals(_ totals: PageTotals) throws(MigrationError) {
        transfer.stated = totals
    }

    private mutating func count(_ counts: PageCounts, of block: String, pageSize: UInt64) {
        let pages = StreamSummary.Pages(counts)
        grow(Int(clamping: counts.octets))
        if channel != nil { count(pages, octets: pages.full &* pageSize) }
        summary.pages.add(pages)
        if let index = blockIndices[block] { summary.blocks[index].pages.add(pages) }
    }

    public mutating func ramMapped(total: UInt64) throws(MigrationError) {
        grow(8)
        forgetBlocks()
    }

    /// A list of blocks begins, which takes the place of one before. Only a file made by hand has two.
    private mutating func forgetBlocks() {
        summary.blocks = []
        blockIndices = [:]
        mapped = MappedCounter()
        mappedIndex = nil
    }

    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {
        endMapped()
        blockIndices[block.name] = summary.blocks.count
        mappedIndex = summary.blocks.count
        var entry = StreamSummary.Block(
            name: block.name, length: block.length, address: block.address)
        entry.mapped = mapped.begin(block)
        summary.blocks.append(entry)
        grow(9 + block.name.utf8.count + (block.address == nil ? 0 : 8) + 28)
        guard let header = block.mapped else { return }
        summary.pageSize = header.pageSize
        if let layout = try? MappedRAMLayout(block, header) {
            grow(Int(clamping: layout.size))
        }
    }

    public mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError) {
        if part == .bitmap { mapped.add(octets, at: offset) }
    }

    public mutating func ramMappedPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        mapped.add(group)
    }

    private mutating func endMapped() {
        guard let index = mappedIndex.take() else { return }
        summary.blocks[index].mapped?.present = mapped.end() ?? 0
        let stale = mapped.stalePages
        for (index, count) in stale.enumerated() where index < summary.blocks.count {
            summary.blocks[index].mapped?.stale = count
        }
    }

    public mutating func ramHook() throws(MigrationError) { grow(8) }
    public mutating func ramFlush() throws(MigrationError) { grow(8) }
    public mutating func ramCut(_ rest: RawSpan) throws(MigrationError) {
        // No end-of-section record came, which beginSection has counted.
        grow(rest.byteCount - 8)
    }
}

extension StreamSummary.Pages {
    mutating func add(_ other: Self) {
        zero &+= other.zero
        filled &+= other.filled
        full &+= other.full
        xbzrle &+= other.xbzrle
        compressed &+= other.compressed
        if let more = other.packed { packed = (packed ?? 0) &+ more }
    }
}
