public import Migration

/// A visitor that looks at some of what goes by and leaves the rest alone. (A writer must not: to it
/// everything matters.)
public protocol ObservingVisitor: MigrationVisitor, ~Copyable {}

extension ObservingVisitor where Self: ~Copyable {
    public mutating func begin(_ header: StreamHeader) throws(MigrationError) {}
    public mutating func configuration(
        _ configuration: Configuration
    ) throws(MigrationError) {}
    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {}
    public mutating func endSection(footer: Bool) throws(MigrationError) {}

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {}
    public mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {}
    public mutating func ramHook() throws(MigrationError) {}
    public mutating func ramFlush() throws(MigrationError) {}
    public mutating func ramCut(_ rest: RawSpan) throws(MigrationError) {}
    public mutating func ramMapped(total: UInt64) throws(MigrationError) {}
    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {}
    public mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError) {}
    public mutating func ramMappedPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {}

    public mutating func iteratorRecord(
        _ record: borrowing IteratorRecord
    ) throws(MigrationError) {}
    public mutating func iteratorData(_ piece: RawSpan) throws(MigrationError) {}
    public mutating func iteratorRest(_ octets: RawSpan) throws(MigrationError) {}

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {}
    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {}
    public mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError) {}
    public mutating func beginPackage(length: UInt32) throws(MigrationError) {}
    public mutating func endPackage() throws(MigrationError) {}
    public mutating func endOfStream() throws(MigrationError) {}
    public mutating func description(_ json: RawSpan) throws(MigrationError) {}
    public mutating func raw(_ piece: RawSpan) throws(MigrationError) {}
    public mutating func end() throws(MigrationError) {}

    public mutating func beginChannel(
        _ channel: Channel, at offset: UInt64
    ) throws(MigrationError) {}
}
