public import Migration

/// Two visitors that both see everything, the first before the second.
public struct PairVisitor<
    First: MigrationVisitor & ~Copyable, Second: MigrationVisitor & ~Copyable
>: ~Copyable, MigrationVisitor {
    public var first: First
    public var second: Second

    public init(_ first: consuming First, _ second: consuming Second) {
        self.first = first
        self.second = second
    }

    /// Gives both back.
    public consuming func split<Result>(
        _ body: (consuming First, consuming Second) -> Result
    ) -> Result { body(first, second) }

    public mutating func begin(_ header: StreamHeader) throws(MigrationError) {
        try first.begin(header)
        try second.begin(header)
    }

    public mutating func configuration(
        _ configuration: Configuration
    ) throws(MigrationError) {
        try first.configuration(configuration)
        try second.configuration(configuration)
    }

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {
        try first.beginSection(header, contents: contents, at: offset)
        try second.beginSection(header, contents: contents, at: offset)
    }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        try first.endSection(footer: footer)
        try second.endSection(footer: footer)
    }

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        try first.ramBlocks(blocks)
        try second.ramBlocks(blocks)
    }

    public mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        try first.ramPages(group, content)
        try second.ramPages(group, content)
    }

    public mutating func ramHook() throws(MigrationError) {
        try first.ramHook()
        try second.ramHook()
    }

    public mutating func ramFlush() throws(MigrationError) {
        try first.ramFlush()
        try second.ramFlush()
    }

    public mutating func ramCut(_ rest: RawSpan) throws(MigrationError) {
        try first.ramCut(rest)
        try second.ramCut(rest)
    }

    public mutating func ramMapped(total: UInt64) throws(MigrationError) {
        try first.ramMapped(total: total)
        try second.ramMapped(total: total)
    }

    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {
        try first.ramMappedBlock(block)
        try second.ramMappedBlock(block)
    }

    public mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError) {
        try first.ramMappedOctets(part, at: offset, octets)
        try second.ramMappedOctets(part, at: offset, octets)
    }

    public mutating func ramMappedPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        try first.ramMappedPages(group, content)
        try second.ramMappedPages(group, content)
    }

    public mutating func iteratorRecord(
        _ record: borrowing IteratorRecord
    ) throws(MigrationError) {
        try first.iteratorRecord(record)
        try second.iteratorRecord(record)
    }

    public mutating func iteratorData(_ piece: RawSpan) throws(MigrationError) {
        try first.iteratorData(piece)
        try second.iteratorData(piece)
    }

    public mutating func iteratorRest(_ octets: RawSpan) throws(MigrationError) {
        try first.iteratorRest(octets)
        try second.iteratorRest(octets)
    }

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        try first.device(state)
        try second.device(state)
    }

    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {
        try first.opaque(piece)
        try second.opaque(piece)
    }

    public mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError) {
        try first.command(code, payload: payload)
        try second.command(code, payload: payload)
    }

    public mutating func beginPackage(length: UInt32) throws(MigrationError) {
        try first.beginPackage(length: length)
        try second.beginPackage(length: length)
    }

    public mutating func endPackage() throws(MigrationError) {
        try first.endPackage()
        try second.endPackage()
    }

    public mutating func endOfStream() throws(MigrationError) {
        try first.endOfStream()
        try second.endOfStream()
    }

    public mutating func description(_ json: RawSpan) throws(MigrationError) {
        try first.description(json)
        try second.description(json)
    }

    public mutating func raw(_ piece: RawSpan) throws(MigrationError) {
        try first.raw(piece)
        try second.raw(piece)
    }

    public mutating func beginPacked(_ packed: PackedOctets) throws(MigrationError) {
        try first.beginPacked(packed)
        try second.beginPacked(packed)
    }

    public mutating func packed(_ piece: RawSpan) throws(MigrationError) {
        try first.packed(piece)
        try second.packed(piece)
    }

    public mutating func end() throws(MigrationError) {
        try first.end()
        try second.end()
    }
}

extension PairVisitor where First: ~Copyable, Second: ~Copyable {
    public mutating func beginChannel(
        _ channel: Channel, at offset: UInt64
    ) throws(MigrationError) {
        try first.beginChannel(channel, at: offset)
        try second.beginChannel(channel, at: offset)
    }

    public mutating func endChannel(mark: Bool) throws(MigrationError) {
        try first.endChannel(mark: mark)
        try second.endChannel(mark: mark)
    }

    public mutating func beginPacket(_ packet: MultifdPacket) throws(MigrationError) {
        try first.beginPacket(packet)
        try second.beginPacket(packet)
    }

    public mutating func beginDevicePacket(
        _ packet: DeviceStatePacket
    ) throws(MigrationError) {
        try first.beginDevicePacket(packet)
        try second.beginDevicePacket(packet)
    }

    public mutating func endPacket() throws(MigrationError) {
        try first.endPacket()
        try second.endPacket()
    }

    public mutating func returnMessage(_ message: ReturnMessage) throws(MigrationError) {
        try first.returnMessage(message)
        try second.returnMessage(message)
    }

    public mutating func beginBitmap(block: String, size: UInt64) throws(MigrationError) {
        try first.beginBitmap(block: block, size: size)
        try second.beginBitmap(block: block, size: size)
    }

    public mutating func endBitmap(isWhole: Bool) throws(MigrationError) {
        try first.endBitmap(isWhole: isWhole)
        try second.endBitmap(isWhole: isWhole)
    }

    public mutating func cprDescriptors(_ list: [CPRDescriptor]) throws(MigrationError) {
        try first.cprDescriptors(list)
        try second.cprDescriptors(list)
    }

    public mutating func channelCut(_ rest: RawSpan) throws(MigrationError) {
        try first.channelCut(rest)
        try second.channelCut(rest)
    }
}
