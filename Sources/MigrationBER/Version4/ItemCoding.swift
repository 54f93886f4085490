import BER
import ByteIO
import Migration

/// `StreamInfo`.
enum StreamInfo {
    static func write(
        _ header: StreamHeader, producer: String, to writer: inout BERWriter
    ) throws(ByteIOError) {
        var size = BERSize.integer(.integer, UInt64(header.fileVersion))
        size += BERSize.element(.utf8String, producer.utf8.count)
        if header.leadingZeros > 0 { size += BERSize.integer(.context(0), header.leadingZeros) }
        let channels = header.channels ?? 0
        if channels > 0 { size += BERSize.integer(.context(1), UInt64(channels)) }
        let container = try header.container.map(ContainerCoding.octets) ?? []
        if !container.isEmpty { size += BERSize.element(.context(2), container.count) }
        try writer.head(.sequence, constructed: true, length: size)
        try writer.integer(.integer, UInt64(header.fileVersion))
        try writer.string(.utf8String, producer)
        if header.leadingZeros > 0 { try writer.integer(.context(0), header.leadingZeros) }
        if channels > 0 { try writer.integer(.context(1), UInt64(channels)) }
        guard !container.isEmpty else { return }
        try writer.head(.context(2), constructed: true, length: container.count)
        try writer.sink.append(container)
    }
}

/// `Configuration`.
enum ConfigurationCoding {
    static func write(
        _ configuration: Configuration, to writer: inout BERWriter
    ) throws(ByteIOError) {
        let encoder = DeviceStateEncoder(configuration.subsections)
        try writer.head(
            SchemaTag.configuration, constructed: true,
            length: BERSize.element(.utf8String, configuration.machine.utf8.count)
                + encoder.subsectionListSize)
        try writer.string(.utf8String, configuration.machine)
        try encoder.writeSubsectionList(&writer)
    }
}

/// `SecStart`, `SecPart`, `SecEnd` and `SecFull`, up to their contents.
enum SectionCoding {
    static func tag(_ kind: SectionKind) -> Tag {
        switch kind {
        case .start: SchemaTag.secStart
        case .part: SchemaTag.secPart
        case .end: SchemaTag.secEnd
        case .full: SchemaTag.secFull
        }
    }

    /// Writes the head of a section whose contents take so many octets in all.
    static func writeHead(
        _ header: SectionHeader, contentsSize: Int, to writer: inout BERWriter
    ) throws(ByteIOError) {
        var size = BERSize.integer(.integer, UInt64(header.sectionID)) + contentsSize + 3
        if header.isNamed {
            size += BERSize.element(.utf8String, header.name.utf8.count)
            size += BERSize.integer(.integer, UInt64(header.instanceID))
            size += BERSize.integer(.integer, UInt64(header.versionID))
        }
        try writer.head(tag(header.kind), constructed: true, length: size)
        try writeNumbers(header, to: &writer)
    }

    static func beginIndefinite(
        _ header: SectionHeader, to writer: inout BERWriter
    ) throws(ByteIOError) {
        try writer.beginIndefinite(tag(header.kind))
        try writeNumbers(header, to: &writer)
    }

    private static func writeNumbers(
        _ header: SectionHeader, to writer: inout BERWriter
    ) throws(ByteIOError) {
        try writer.integer(.integer, UInt64(header.sectionID))
        guard header.isNamed else { return }
        try writer.string(.utf8String, header.name)
        try writer.integer(.integer, UInt64(header.instanceID))
        try writer.integer(.integer, UInt64(header.versionID))
    }
}

/// `RAMBlockList`.
enum BlockListCoding {
    static func write(_ blocks: [RAMBlock], to writer: inout BERWriter) throws(ByteIOError) {
        let size = blocks.reduce(0) { $0 + BERSize.element(.sequence, contentSize($1)) }
        try writer.head(SchemaTag.ramBlockList, constructed: true, length: size)
        for block in blocks {
            try writer.head(.sequence, constructed: true, length: contentSize(block))
            try writer.string(.utf8String, block.name)
            try writer.integer(.integer, block.length)
            if let pageSize = block.pageSize { try writer.integer(.context(0), pageSize) }
            if let address = block.address { try writer.integer(.context(1), address) }
        }
    }

    private static func contentSize(_ block: RAMBlock) -> Int {
        BERSize.element(.utf8String, block.name.utf8.count)
            + BERSize.integer(.integer, block.length)
            + (block.pageSize.map { BERSize.integer(.context(0), $0) } ?? 0)
            + (block.address.map { BERSize.integer(.context(1), $0) } ?? 0)
    }
}

/// `Index`.
enum IndexCoding {
    static func write(
        _ index: IndexBuilder, _ totals: TotalsBuilder, to writer: inout BERWriter
    ) throws(ByteIOError) {
        let here = writer.position
        let size = index.entries.reduce(0) {
            $0 + BERSize.element(.sequence, contentSize($1, index))
        }
        try writer.sink.beginChecksum()
        let totals = totals.isKnown ? RAMTotalsCoding(totals) : nil
        try writer.head(
            SchemaTag.index, constructed: true,
            length: BERSize.element(.sequence, size) + (totals?.size ?? 0)
                + BERSize.element(.octetString, 4) + BERSize.element(.octetString, 8))
        try writer.head(.sequence, constructed: true, length: size)
        for entry in index.entries {
            try writer.head(.sequence, constructed: true, length: contentSize(entry, index))
            try writer.integer(.integer, entry.offset)
            guard entry.block >= 0 else { continue }
            try writer.string(.utf8String, index.blocks[Int(entry.block)])
            if entry.isHead { continue }
            try writer.integer(.context(0), entry.first)
            try writer.integer(.context(1), entry.last)
        }
        try totals?.write(to: &writer)
        let checksum = try writer.sink.checksum()?.value ?? 0
        try writer.head(.octetString, constructed: false, length: 4)
        try writer.sink.append(bigEndian: checksum)
        try writer.head(.octetString, constructed: false, length: 8)
        try writer.sink.append(bigEndian: here)
    }

    private static func contentSize(_ entry: IndexBuilder.Entry, _ index: IndexBuilder) -> Int {
        var size = BERSize.integer(.integer, entry.offset)
        if entry.block >= 0 {
            size += BERSize.element(
                .utf8String, index.blocks[Int(entry.block)].utf8.count)
            if entry.isHead { return size }
            size += BERSize.integer(.context(0), entry.first)
            size += BERSize.integer(.context(1), entry.last)
        }
        return size
    }
}
