public import ByteIO
public import Migration

/// Whoever wants to know what goes by, without having a hand in it.
public protocol StreamWatch: AnyObject {
    func blocks(_ blocks: [RAMBlock])
    func pages(_ group: borrowing RAMPageGroup)
    func command(_ code: UInt16)
    /// The stream's end mark.
    func ended()
}

/// Shows how far the work is, and hands everything on.
public struct ProgressVisitor<Base: MigrationVisitor & ~Copyable>: ~Copyable, MigrationVisitor {
    public var base: Base
    private var progress: Progress
    private var octets: UInt64 = 0
    private let watch: (any StreamWatch)?

    /// - Parameter watch: told of groups of pages and what orders them, if somebody is.
    public init(
        _ base: consuming Base, _ progress: consuming Progress, watch: (any StreamWatch)? = nil
    ) {
        self.base = base
        self.progress = progress
        self.watch = watch
    }

    /// Ends the line on the terminal and gives the visitor back.
    public consuming func finish() -> Base {
        progress.finish()
        return base
    }

    private mutating func advance(_ count: Int) {
        octets += UInt64(count)
        progress.update(octets)
    }

    public mutating func begin(_ header: StreamHeader) throws(MigrationError) {
        try base.begin(header)
    }

    public mutating func configuration(
        _ configuration: Configuration
    ) throws(MigrationError) { try base.configuration(configuration) }

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) { try base.beginSection(header, contents: contents, at: offset) }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        try base.endSection(footer: footer)
    }

    public mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError) {
        watch?.blocks(blocks)
        try base.ramBlocks(blocks)
    }

    public mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        watch?.pages(group)
        try base.ramPages(group, content)
        advance(content.byteCount)
    }

    public mutating func ramMapped(total: UInt64) throws(MigrationError) {
        try base.ramMapped(total: total)
    }

    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {
        try base.ramMappedBlock(block)
    }

    public mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError) {
        try base.ramMappedOctets(part, at: offset, octets)
        advance(octets.byteCount)
    }

    public mutating func ramMappedPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        try base.ramMappedPages(group, content)
        advance(content.byteCount)
    }

    public static var takesTotals: Bool { Base.takesTotals }

    public mutating func ramPassed(_ stretch: PageStretch) throws(MigrationError) {
        try base.ramPassed(stretch)
    }

    public mutating func ramTotals(_ totals: PageTotals) throws(MigrationError) {
        try base.ramTotals(totals)
    }

    public mutating func ramHook() throws(MigrationError) { try base.ramHook() }
    public mutating func ramFlush() throws(MigrationError) { try base.ramFlush() }
    public mutating func ramCut(_ rest: RawSpan) throws(MigrationError) { try base.ramCut(rest) }

    public mutating func iteratorRecord(
        _ record: borrowing IteratorRecord
    ) throws(MigrationError) { try base.iteratorRecord(record) }

    public mutating func iteratorData(_ piece: RawSpan) throws(MigrationError) {
        try base.iteratorData(piece)
        advance(piece.byteCount)
    }

    public mutating func iteratorRest(_ octets: RawSpan) throws(MigrationError) {
        try base.iteratorRest(octets)
        advance(octets.byteCount)
    }

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        try base.device(state)
    }

    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {
        try base.opaque(piece)
        advance(piece.byteCount)
    }

    public mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError) {
        watch?.command(code)
        try base.command(code, payload: payload)
    }

    public mutating func beginPackage(length: UInt32) throws(MigrationError) {
        try base.beginPackage(length: length)
    }

    public mutating func endPackage() throws(MigrationError) { try base.endPackage() }
    public mutating func endOfStream() throws(MigrationError) {
        watch?.ended()
        try base.endOfStream()
    }

    public mutating func description(_ json: RawSpan) throws(MigrationError) {
        try base.description(json)
        advance(json.byteCount)
    }

    public mutating func raw(_ piece: RawSpan) throws(MigrationError) {
        try base.raw(piece)
        advance(piece.byteCount)
    }

    public mutating func beginPacked(_ packed: PackedOctets) throws(MigrationError) {
        try base.beginPacked(packed)
    }

    public mutating func packed(_ piece: RawSpan) throws(MigrationError) {
        try base.packed(piece)
        advance(piece.byteCount)
    }

    public mutating func end() throws(MigrationError) { try base.end() }
}
