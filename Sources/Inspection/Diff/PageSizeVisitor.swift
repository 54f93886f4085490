public import Migration

/// Tells the target's page size: what the last pages had.
public struct PageSizeVisitor: ~Copyable, ObservingVisitor {
    /// In octets; `nil` if no page came.
    public private(set) var pageSize: UInt64?

    public init() {}

    public mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) { pageSize = group.pageSize }

    public mutating func ramMappedBlock(_ block: RAMBlock) throws(MigrationError) {
        if let header = block.mapped { pageSize = header.pageSize }
    }
}
