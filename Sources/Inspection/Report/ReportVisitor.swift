internal import FoundationEssentials
public import Migration
internal import QEMUStream

/// Collects what a report shows: the pages' states, the sections in stream order, the devices.
///
/// It keeps one octet for each cell of a ``PageMap``, and no RAM.
public struct ReportVisitor: ~Copyable, ObservingVisitor {
    private var blocks: [RAMBlock] = []
    private var places: [String: Int] = [:]
    private var maps: [PageMap?] = []
    private var pageSize: UInt64 = 4096
    private var timeline = ReportTimeline()
    private var devices: [ReportContents.Device] = []
    /// Values, and devices, that may still be kept.
    private var room: Int
    private var section: (header: SectionHeader, offset: UInt64)?
    private var opaqueOctets: UInt64 = 0
    private var isOpaque = false
    private var bitmap: MappedBitmap?
    private var mapped: Int?
    private var isBigEndian: Bool?

    /// - Parameter values: how many values of devices are kept.
    public init(values: Int = 400_000) { room = values }

    /// - Parameter size: octets of the input.
    public consuming func finish(size: UInt64) -> ReportContents {
        endMapped()
        var contents = ReportContents()
        for (index, block) in blocks.enumerated() {
            let map =
                maps[index] ?? PageMap(name: block.name, length: block.length, pageSize: pageSize)
            contents.blocks.append(
                ReportContents.Block(
                    name: block.name, length: block.length, pageSize: map.pageSize,
                    pagesPerCell: map.pagesPerCell, runs: Data(map.runs)))
        }
        contents.events = timeline.finish(size: size)
        contents.devices = devices
        contents.isCut = room <= 0
        return contents
    }

    // MARK: Sections

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {
        section = (header, offset)
        opaqueOctets = 0
        isOpaque = if case .opaque = contents { true } else { false }
        timeline.begin(header, isRAM: contents == .ram, at: offset)
    }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        endMapped()
        if let section, section.header.kind == .full, isOpaque, room > 0 {
            room -= 1
            devices.append(device(section.header, section.offset, []))
        }
        section = nil
    }

    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {
        opaqueOctets &+= UInt64(piece.byteCount)
    }

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        guard let section, room > 0 else { return }
        let fields = ReportValue(state, 0, room: &room).inner
        devices.append(device(section.header, section.offset, fields))
    }

    private func device(
        _ header: SectionHeader, _ offset: UInt64, _ fields: [ReportValue]
    ) -> ReportContents.Device {
        ReportContents.Device(
            name: header.name, instance: header.instanceID, version: header.versionID,
            offset: offset, opaque: opaqueOctets, fields: fields)
    }

    public mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError) {
        timeline.add(
            kind: "command", name: StreamCommand.name(code) ?? "command \(code)",
            size: UInt64(payload.byteCount) &+ 5)
    }

    public mutating func beginPackage(length: UInt32) throws(MigrationError) {
        timeline.add(kind: "package", name: "PACKAGED", size: 9)
    }

    public mutating func description(_ json: RawSpan) throws(MigrationError) {
        timeline.add(kind: "vmdesc", name: "vmdesc", size: UInt64(json.byteCount) &+ 5)
    }

    public mutating func raw(_ piece: RawSpan) throws(MigrationError) {
        timeline.add(kind: "raw", name: "raw", size: UInt64(piece.byteCount))
    }

    public mutating func beginChannel(
        _ channel: Channel, at offset: UInt64
    ) throws(MigrationError) {
        timeline.begin(channel: channel.kind.rawValue)
    }

    // MARK: RAM

    private mutating func add(_ block: RAMBlock) {
        guard places[block.name] == nil else { return }
        places[block.name] = blocks.count
        blocks.append(block)
        maps.append(nil)
    }

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        for block in blocks { add(block) }
    }

    public mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        pageSize = group.pageSize
        let index = map(group.block, group.pageSize)
        for entry in group.entries {
            let kind: PageMap.Kind =
                switch entry.kind {
                case .full: .full
                case .fill: entry.fill == 0 ? .zero : .filled
                case .xbzrle: .xbzrle
                case .zlib, .packed: .compressed
                }
            timeline.count(kind, entry.count)
            if let index {
                maps[index]?.mark(kind, offset: entry.offset, count: entry.count)
            }
        }
    }

    /// The place of a block's map, which is made where there is none yet.
    private mutating func map(_ name: String, _ pageSize: UInt64) -> Int? {
        guard let index = places[name] else { return nil }
        if maps[index] == nil {
            maps[index] = PageMap(name: name, length: blocks[index].length, pageSize: pageSize)
        }
        return index
    }

    // MARK: Mapped RAM

    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {
        endMapped()
        add(block)
        guard let header = block.mapped, header.pageSize > 0 else { return }
        pageSize = header.pageSize
        guard !header.hasNoPages else { return }
        mapped = map(block.name, header.pageSize)
        bitmap = MappedBitmap(pages: block.length / header.pageSize)
    }

    public mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError) {
        if part == .bitmap { bitmap?.add(octets, at: offset) }
    }

    /// A page counts if its bit is set; the others of the block are zero (QEMU's
    /// `ram_load_mapped_ram`).
    private mutating func endMapped() {
        guard let index = mapped.take(), let bitmap = bitmap.take() else { return }
        isBigEndian = isBigEndian ?? bitmap.isBigEndian
        let size = maps[index]?.pageSize ?? 4096
        maps[index]?.mark(.zero, offset: 0, count: bitmap.pages, isOnce: true)
        bitmap.forEachRun(isBigEndian: isBigEndian ?? false) { page, count in
            maps[index]?.mark(.full, offset: page &* size, count: count, isOnce: true)
        }
        timeline.count(.full, bitmap.present)
        timeline.count(.zero, bitmap.pages &- min(bitmap.present, bitmap.pages))
    }
}
