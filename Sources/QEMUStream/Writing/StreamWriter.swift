public import ByteIO
public import Migration

/// Writes QEMU's binary stream: the visitor that gives the octets back.
public struct StreamWriter: ~Copyable, MigrationVisitor {
    var sink: ByteSink
    var output = ChannelOutput()
    /// The channels that were written into memory.
    public internal(set) var channelOctets: [[UInt8]] = []
    private var section: SectionHeader?
    private var isRAM = false
    private var iterator: IteratorPayload?
    private var isCut = false
    /// Where the package that is being written must end.
    private var packageEnd: UInt64?
    /// Of a mapped-ram stream's block list: octets of blocks still to come, what the offsets count
    /// from, and the block that is being written.
    var mappedLeft: UInt64?
    var mappedBase: UInt64?
    var mappedBlock: OpenMappedBlock?

    let form: Form
    var container = ContainerOutput()

    public init(_ sink: consuming ByteSink, form: Form = .stream) {
        self.sink = sink
        self.form = form
    }

    public consuming func takeSink() -> ByteSink { sink }

    /// The main channel, if it was written into memory and others after it.
    public private(set) var mainOctets: [UInt8]?

    /// Goes on with another output.
    mutating func change(_ make: () -> ByteSink) throws(MigrationError) {
        try endContainer()
        do {
            let octets = try sink.takeOctets()
            if mainOctets == nil { mainOctets = octets }
        } catch { throw StreamReader.wrap(error) }
        sink = make()
    }

    /// Pages below so many octets are copied behind each other; above, they are lent to the
    /// system where they are.
    static let lendThreshold = 32 << 10

    // MARK: Stream

    public mutating func begin(_ header: StreamHeader) throws(MigrationError) {
        try prepareChannels(header)
        if header.fileVersion == 0 { return }
        try beginContainer(header.container)
        do {
            try sink.appendZeros(header.leadingZeros)
            try sink.append(bigEndian: StreamHeader.magic)
            try sink.append(bigEndian: header.fileVersion)
        } catch { throw StreamReader.wrap(error) }
    }

    public mutating func configuration(
        _ configuration: Configuration
    ) throws(MigrationError) {
        do {
            try sink.append(7)
            let name = Array(configuration.machine.utf8)
            try sink.append(bigEndian: UInt32(truncatingIfNeeded: name.count))
            try sink.append(name)
            try sink.append(DeviceEncoder.encode(configuration.subsections))
        } catch { throw StreamReader.wrap(error) }
    }

    public mutating func endOfStream() throws(MigrationError) {
        do { try sink.append(0) } catch { throw StreamReader.wrap(error) }
    }

    public mutating func description(_ json: RawSpan) throws(MigrationError) {
        do {
            try sink.append(6)
            try sink.append(bigEndian: UInt32(truncatingIfNeeded: json.byteCount))
            try sink.append(json)
        } catch { throw StreamReader.wrap(error) }
    }

    public mutating func raw(_ piece: RawSpan) throws(MigrationError) { try copy(piece) }

    public mutating func end() throws(MigrationError) {
        try finishChannels()
        try endContainer()
        do { try sink.flush() } catch { throw StreamReader.wrap(error) }
    }

    // MARK: Commands

    public mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError) {
        guard payload.byteCount <= UInt16.max else {
            throw MigrationError(
                .corrupt, path: "command \(code)", expected: "a payload of at most 65535 octets",
                found: "\(payload.byteCount)")
        }
        try commandHead(code, length: UInt16(payload.byteCount))
        try copy(payload)
    }

    public mutating func beginPackage(length: UInt32) throws(MigrationError) {
        try commandHead(StreamCommand.packaged, length: 4)
        do { try sink.append(bigEndian: length) } catch { throw StreamReader.wrap(error) }
        packageEnd = sink.position + UInt64(length)
    }

    public mutating func endPackage() throws(MigrationError) {
        if let packageEnd, packageEnd != sink.position {
            throw MigrationError(
                .corrupt, path: "package", expected: "items that end at \(hex(packageEnd))",
                found: "an end at \(hex(sink.position))")
        }
        packageEnd = nil
    }

    private mutating func commandHead(
        _ code: UInt16, length: UInt16
    ) throws(MigrationError) {
        do {
            try sink.append(8)
            try sink.append(bigEndian: code)
            try sink.append(bigEndian: length)
        } catch { throw StreamReader.wrap(error) }
    }

    // MARK: Sections

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {
        section = header
        isRAM = contents == .ram
        isCut = false
        iterator = nil
        if case .iterator(let layout) = contents { iterator = IteratorPayload(layout) }
        do {
            try sink.append(header.kind.rawValue)
            try sink.append(bigEndian: header.sectionID)
            guard header.isNamed else { return }
            let name = Array(header.name.utf8)
            guard name.count <= 255 else { throw StreamWriter.nameTooLong(header.name) }
            try sink.append(UInt8(name.count))
            try sink.append(name)
            try sink.append(bigEndian: header.instanceID)
            try sink.append(bigEndian: header.versionID)
        } catch let error as ByteIOError {
            throw StreamReader.wrap(error)
        } catch let error as MigrationError {
            throw error
        } catch {
            throw MigrationError(.io, expected: "", found: "\(error)")
        }
    }

    private static func nameTooLong(_ name: String) -> MigrationError {
        MigrationError(
            .corrupt, path: String(name.prefix(60)), expected: "a name of at most 255 octets",
            found: "\(name.utf8.count)")
    }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        try endMappedList()
        do {
            if isRAM, !isCut { try sink.append(bigEndian: RAMFlag.endOfSection) }
            iterator?.takeEnd()
            if let octets = iterator?.octets { try sink.append(octets) }
            if footer {
                try sink.append(StreamReader.footerMark)
                try sink.append(bigEndian: section?.sectionID ?? 0)
            }
        } catch { throw StreamReader.wrap(error) }
        section = nil
        iterator = nil
    }

    // MARK: Iterators

    public mutating func iteratorRecord(
        _ record: borrowing IteratorRecord
    ) throws(MigrationError) {
        iterator?.take(record)
        guard let octets = iterator?.octets else { return }
        do { try sink.append(octets) } catch { throw StreamReader.wrap(error) }
    }

    public mutating func iteratorData(_ piece: RawSpan) throws(MigrationError) {
        guard piece.byteCount >= StreamWriter.lendThreshold else { return try copy(piece) }
        do {
            try sink.lend(piece)
            try sink.settle()
        } catch { throw StreamReader.wrap(error) }
    }

    public mutating func iteratorRest(_ octets: RawSpan) throws(MigrationError) {
        iterator?.takeRest()
        try copy(octets)
    }

    // MARK: Devices

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        guard !state.nodes.contains(where: { $0.kind == .number }) else {
            throw MigrationError(
                .unsupported, path: section?.name ?? "", expected: "fields with known widths",
                found: "an INTEGER that may be of any",
                hint: "a version 3 file tells widths by its annotations, this one has none: "
                    + "its devices can be looked at, but not turned back into a stream")
        }
        do { try sink.append(DeviceEncoder.encode(state)) } catch { throw StreamReader.wrap(error) }
    }

    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {
        try countDue(piece.byteCount)
        try copy(piece)
    }

    private mutating func copy(_ piece: RawSpan) throws(MigrationError) {
        do { try sink.append(piece) } catch { throw StreamReader.wrap(error) }
    }

    // MARK: RAM

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        try endMappedList()
        var total: UInt64 = 0
        for block in blocks {
            let (sum, overflow) = total.addingReportingOverflow(block.length)
            guard !overflow, sum & 0xff == 0 else {
                throw MigrationError(
                    .corrupt, path: "ram/\(block.name)", expected: "lengths of whole pages",
                    found: "\(block.length) octets")
            }
            total = sum
        }
        do {
            try sink.append(bigEndian: total | RAMFlag.memSize)
            for block in blocks {
                let name = Array(block.name.utf8)
                try sink.append(UInt8(truncatingIfNeeded: name.count))
                try sink.append(name)
                try sink.append(bigEndian: block.length)
                if let pageSize = block.pageSize { try sink.append(bigEndian: pageSize) }
                if let address = block.address { try sink.append(bigEndian: address) }
            }
        } catch { throw StreamReader.wrap(error) }
    }

    public mutating func ramHook() throws(MigrationError) {
        try endMappedList()
        do { try sink.append(bigEndian: RAMFlag.hook) } catch { throw StreamReader.wrap(error) }
    }

    public mutating func ramFlush() throws(MigrationError) {
        try endMappedList()
        do { try sink.append(bigEndian: RAMFlag.multifdFlush) } catch {
            throw StreamReader.wrap(error)
        }
    }

    public mutating func ramCut(_ rest: RawSpan) throws(MigrationError) {
        try endMappedList()
        isCut = true
        try copy(rest)
    }

    public mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        if let packet = output.packet { return try packetPages(packet, group, content) }
        guard !group.entries.contains(where: { $0.kind == .packed }) else {
            throw MigrationError(
                .corrupt, path: "ram/\(group.block)", expected: "pages of a stream",
                found: "pages of a multifd packet")
        }
        if mappedLeft != nil { try endMappedList() }
        do {
            var isNameDue = group.isNameSpelled
            let lends = content.byteCount >= StreamWriter.lendThreshold
            for entry in group.entries {
                var offset = entry.offset
                var at = entry.contentOffset
                var left = entry.count
                while left > 0 {
                    try record(entry, at: offset, in: group, isNameDue: &isNameDue)
                    if entry.contentLength > 0 {
                        let page = content.extracting(at..<at + entry.contentLength)
                        if lends, entry.kind == .full {
                            try sink.lend(page)
                        } else {
                            try sink.append(page)
                        }
                    }
                    offset &+= group.pageSize
                    at += entry.stride
                    left -= 1
                }
            }
            if lends { try sink.settle() }
        } catch { throw StreamReader.wrap(error) }
    }

    /// A page record up to its content.
    @inline(__always)
    private mutating func record(
        _ entry: RAMPageEntry, at offset: UInt64, in group: borrowing RAMPageGroup,
        isNameDue: inout Bool
    ) throws(ByteIOError) {
        let flag =
            switch entry.kind {
            case .full: RAMFlag.page
            case .fill, .packed: RAMFlag.zero
            case .xbzrle: RAMFlag.xbzrle
            case .zlib: RAMFlag.compressed
            }
        if isNameDue {
            isNameDue = false
            try sink.append(bigEndian: offset | flag)
            let name = Array(group.block.utf8)
            try sink.append(UInt8(truncatingIfNeeded: name.count))
            try sink.append(name)
        } else {
            try sink.append(bigEndian: offset | flag | RAMFlag.continued)
        }
        switch entry.kind {
        case .full, .packed: break
        case .fill: try sink.append(entry.fill)
        case .xbzrle:
            try sink.append(1)
            try sink.append(bigEndian: UInt16(truncatingIfNeeded: entry.contentLength))
        case .zlib: try sink.append(bigEndian: UInt32(truncatingIfNeeded: entry.contentLength))
        }
    }
}
