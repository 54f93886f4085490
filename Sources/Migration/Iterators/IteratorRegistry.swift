/// The iterators whose records are known. A new one is a file with its layout, a line here, and its
/// alternative in `Schemas/qemu-v4.asn`.
public enum IteratorRegistry {
    public static let all: [IteratorLayout] = [
        .blockMigration, .dirtyBitmap, .hashTable, .storageAttributes, .vfio, .backupServer,
    ]

    /// The layout of a section, if one is known for its name, its version and its kind.
    public static func layout(for header: SectionHeader) -> IteratorLayout? {
        all.first { layout in
            layout.version == header.versionID && layout.kinds.contains(header.kind)
                && (layout.isSuffix
                    ? header.name.hasSuffix("/" + layout.name) : header.name == layout.name)
        }
    }
}
