/// What a stream holds, told in stream order.
///
/// It stands in the middle: each reader drives a visitor, each writer is one. So any input goes to
/// any output. A reader is generic over it, so that a call per group of pages is a plain one.
///
///     begin
///       configuration?
///       ( beginSection  ram… | iterator… | device | opaque…  endSection
///       | command | beginPackage … endPackage
///       | endOfStream | description | raw )*
///       ( beginPacked packed… )?
///       the channels beside (``ChannelVisitor``)
///     end
///
/// Octets handed over as `RawSpan` are valid during the call alone.
public protocol MigrationVisitor: ChannelVisitor, ~Copyable {
    mutating func begin(_ header: StreamHeader) throws(MigrationError)

    mutating func configuration(_ configuration: Configuration) throws(MigrationError)

    /// - Parameter offset: octets from the start of the input to the section.
    mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError)
    mutating func endSection(footer: Bool) throws(MigrationError)

    mutating func ramBlocks(_ blocks: [RAMBlock]) throws(MigrationError)
    /// - Parameter content: the octets in which the entries' contents lie.
    mutating func ramPages(_ group: borrowing RAMPageGroup, _ content: RawSpan)
        throws(MigrationError)
    /// Whether ``ramPassed(_:)`` may come in place of groups, from a reader that was asked to pass
    /// over pages and finds them counted.
    static var takesTotals: Bool { get }
    /// Groups of pages that were passed over, counted.
    mutating func ramPassed(_ stretch: PageStretch) throws(MigrationError)
    /// What all groups come to, behind the last of those that were passed over.
    mutating func ramTotals(_ totals: PageTotals) throws(MigrationError)
    mutating func ramHook() throws(MigrationError)
    mutating func ramFlush() throws(MigrationError)
    /// The stream ends inside this section, with these octets: no end-of-section record follows.
    mutating func ramCut(_ rest: RawSpan) throws(MigrationError)

    /// A record of an iterator other than RAM. Its data follows, if it has any.
    mutating func iteratorRecord(_ record: borrowing IteratorRecord) throws(MigrationError)
    /// A piece of the record's data; pieces come until they have ``IteratorRecord/dataLength``
    /// octets.
    mutating func iteratorData(_ piece: RawSpan) throws(MigrationError)
    /// What is left of the section is no record: these octets, and no mark of its end.
    mutating func iteratorRest(_ octets: RawSpan) throws(MigrationError)

    /// The block list of a mapped-ram stream begins, in which each block's bitmap and pages stand
    /// behind its header.
    /// - Parameter total: the sum of the blocks' lengths in octets.
    mutating func ramMapped(total: UInt64) throws(MigrationError)
    /// A block of it, with its header; its bitmap, gap and pages follow, ascending.
    mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError)
    /// Some octets of the block's bitmap or gap. Those that are not told are 0.
    /// - Parameter offset: octets from the part's start.
    mutating func ramMappedOctets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError)
    /// Full pages of the block, in their places. Those that are not told are 0. What a page holds
    /// counts only if its bit in the bitmap is set: what stands elsewhere was left behind.
    /// - Parameter content: the octets in which the pages lie.
    mutating func ramMappedPages(_ group: borrowing RAMPageGroup, _ content: RawSpan)
        throws(MigrationError)

    mutating func device(_ state: borrowing DeviceState) throws(MigrationError)

    /// A piece of an opaque section; there may be any number.
    mutating func opaque(_ piece: RawSpan) throws(MigrationError)

    /// A command (MIG_CMD) other than a package.
    mutating func command(_ code: UInt16, payload: RawSpan) throws(MigrationError)
    /// MIG_CMD_PACKAGED; its items follow.
    /// - Parameter length: octets of the items in the binary stream.
    mutating func beginPackage(length: UInt32) throws(MigrationError)
    mutating func endPackage() throws(MigrationError)

    /// The mark that ends the items.
    mutating func endOfStream() throws(MigrationError)
    /// The vmdesc, whole.
    mutating func description(_ json: RawSpan) throws(MigrationError)
    /// A piece of what is carried without being understood; there may be any number.
    mutating func raw(_ piece: RawSpan) throws(MigrationError)

    /// The octets of the container that the stream came in, where they are kept; pieces follow.
    mutating func beginPacked(_ packed: PackedOctets) throws(MigrationError)
    /// A piece of them; there may be any number.
    mutating func packed(_ piece: RawSpan) throws(MigrationError)

    mutating func end() throws(MigrationError)
}

extension MigrationVisitor where Self: ~Copyable {
    /// Most want to see the pages.
    public static var takesTotals: Bool { false }
    public mutating func ramPassed(_ stretch: PageStretch) throws(MigrationError) {}
    public mutating func ramTotals(_ totals: PageTotals) throws(MigrationError) {}

    /// Few look at a container's octets.
    public mutating func beginPacked(_ packed: PackedOctets) throws(MigrationError) {}
    public mutating func packed(_ piece: RawSpan) throws(MigrationError) {}
}
