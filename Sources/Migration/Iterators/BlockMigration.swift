extension IteratorLayout {
    /// `block`: disks that are migrated with the machine (QEMU's `migration/block.c`, up to 9.0).
    ///
    /// The leading word has flags in its lowest nine bits: DEVICE_BLOCK 01, EOS 02, PROGRESS 04,
    /// ZERO_BLOCK 08. A chunk has 1 MiB of data, even the last one of a device.
    public static let blockMigration = IteratorLayout(
        name: "block", title: "block migration", letters: "BK", version: 1,
        end: [0, 0, 0, 0, 0, 0, 0, 0x02],
        records: [
            Record(
                "chunk", lead: Lead(octets: 8, value: 0x01),
                [
                    .leading("sector", .place, shift: 9, in: 0...UInt64.max >> 9),
                    .text("device", flag: nil), .data("data", .fixed(1 << 20)),
                ]),
            Record(
                "zero", lead: Lead(octets: 8, value: 0x09),
                [
                    .leading("sector", .place, shift: 9, in: 0...UInt64.max >> 9),
                    .text("device", flag: nil),
                ]),
            Record(
                "progress", lead: Lead(octets: 8, value: 0x04),
                [.leading("percent", .property, shift: 9, in: 0...UInt64.max >> 9)]),
        ])
}
