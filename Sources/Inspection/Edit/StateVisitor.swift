internal import ByteIO
public import Migration

/// Keeps what ``StateDiff`` compares, and the RAM blocks.
public struct StateVisitor: ~Copyable, ObservingVisitor {
    private var devices: DeviceSectionVisitor<StateCollector>
    private var iterators = IteratorDigestVisitor()
    public private(set) var blocks: [RAMBlock] = []
    /// The vmdesc as it was sent.
    public private(set) var descriptionText: [UInt8]?

    /// - Parameter keptOctets: how many are kept of a section that nothing describes.
    public init(isBinary: Bool, keptOctets: Int = 1 << 20) {
        devices = DeviceSectionVisitor(
            StateCollector(), isBinary: isBinary, keptOctets: keptOctets)
    }

    public var sections: [DeviceSection] { devices.consumer.sections }
    public var digests: [IteratorDigest] { iterators.digests }

    public mutating func begin(_ header: StreamHeader) throws(MigrationError) {
        try devices.begin(header)
    }

    public mutating func configuration(
        _ configuration: Configuration
    ) throws(MigrationError) { try devices.configuration(configuration) }

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {
        try devices.beginSection(header, contents: contents, at: offset)
        try iterators.beginSection(header, contents: contents, at: offset)
    }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        try devices.endSection(footer: footer)
        try iterators.endSection(footer: footer)
    }

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        try devices.device(state)
    }

    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {
        try devices.opaque(piece)
        try iterators.opaque(piece)
    }

    public mutating func iteratorRecord(
        _ record: borrowing IteratorRecord
    ) throws(MigrationError) { try iterators.iteratorRecord(record) }

    public mutating func iteratorData(_ piece: RawSpan) throws(MigrationError) {
        try iterators.iteratorData(piece)
    }

    public mutating func iteratorRest(_ octets: RawSpan) throws(MigrationError) {
        try iterators.iteratorRest(octets)
    }

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        self.blocks = blocks
    }

    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {
        blocks.append(block)
    }

    public mutating func description(_ json: RawSpan) throws(MigrationError) {
        descriptionText = json.octets
    }
}
