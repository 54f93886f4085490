public import Migration

/// Adds the devices of a stream to a catalog.
public struct CatalogVisitor: ~Copyable, ObservingVisitor {
    private var catalog: DeviceCatalog
    private var section: SectionHeader?

    public init(_ catalog: consuming DeviceCatalog) { self.catalog = catalog }

    /// The catalog with what was seen.
    public consuming func finish() -> DeviceCatalog { catalog }

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
}
