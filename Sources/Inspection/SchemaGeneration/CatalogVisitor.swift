public import Migration

/// Adds the devices of a stream to a catalog.
public struct CatalogVisitor: ~Copyable, MigrationVisitor {
    private var catalog: DeviceCatalog
    private var section: SectionHeader?

    public init(_ catalog: consuming DeviceCatalog) { self.catalog = catalog }

    /// The catalog with what was seen.
    public consuming func finish() -> DeviceCatalog { catalog }

    public mutating func begin(_ header: StreamHeader) throws(MigrationError) {}

    public mutating func configuration(
        _ configuration: Configuration
    ) throws(MigrationError) { catalog.add(machine: configuration.machine) }

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {
        section = header.kind == .full ? header : nil
        if case .opaque = contents, header.kind == .full { catalog.add(header, nil) }
    }

    public mutating func endSection(footer: Bool) throws(MigrationError) { section = nil }

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        guard let section else { return }
        catalog.add(section, state.structureShape(0))
    }

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {}
    public mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {}
    public mutating func ramMapped(total: UInt64) throws(MigrationError) {}
    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {}
    public mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError) {}
    public mutating func ramMappedPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {}
    public mutating func ramHook() throws(MigrationError) {}
    public mutating func ramFlush() throws(MigrationError) {}
    public mutating func ramCut(_ rest: RawSpan) throws(MigrationError) {}
    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {}
    public mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError) {}
    public mutating func beginPackage(length: UInt32) throws(MigrationError) {}
    public mutating func endPackage() throws(MigrationError) {}
    public mutating func endOfStream() throws(MigrationError) {}
    public mutating func description(_ json: RawSpan) throws(MigrationError) {}
    public mutating func raw(_ piece: RawSpan) throws(MigrationError) {}
    public mutating func end() throws(MigrationError) {}
}
