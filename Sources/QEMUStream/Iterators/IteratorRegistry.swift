import Migration

/// What a walker finds where a record begins.
enum IteratorRecord: Equatable {
    /// A record of so many octets; whether it ends the section's payload.
    case record(size: Int, isLast: Bool)
    case needsMore
    /// No record of this iterator begins so.
    case fault(expected: String)
}

/// The iterators whose records tell where they end.
///
/// A walker gets the octets from a record's start on, the section's kind, and whether it is the
/// payload's first record. A new iterator is one file and a line here.
enum IteratorRegistry {
    typealias Walker = @Sendable (RawSpan, SectionKind, _ isFirst: Bool) -> IteratorRecord

    static func walker(for name: String) -> Walker? {
        switch name {
        case "block": BlockMigration.record
        case "dirty-bitmap": DirtyBitmap.record
        case "spapr/htab": HashTable.record
        case "s390-storage_attributes": StorageAttributes.record
        default: name.hasSuffix("/vfio") ? VFIO.record : nil
        }
    }
}
