extension IteratorLayout {
    /// `dirty-bitmap`: the bitmaps of block nodes (QEMU's `migration/block-dirty-bitmap.c`).
    ///
    /// The leading octet has flags: EOS 01, ZEROES 02, BITMAP_NAME 04, DEVICE_NAME 08, START 10,
    /// COMPLETE 20, BITS 40. Names stand where they change; they go for the records behind, in
    /// later sections too.
    public static let dirtyBitmap = IteratorLayout(
        name: "dirty-bitmap", title: "dirty bitmaps", letters: "DB", version: 1, end: [0x01],
        records: [
            Record(
                "start", lead: Lead(octets: 1, value: 0x10),
                names + [
                    .number("granularity", .property, octets: 4),
                    .number("flags", .property, octets: 1),
                ]),
            Record(
                "bits", lead: Lead(octets: 1, value: 0x40),
                names + [
                    .number("sector", .place, octets: 8), .number("count", .amount, octets: 4),
                    .length(octets: 8, unit: 1), .data("data", .counted),
                ]),
            Record(
                "zeroes", lead: Lead(octets: 1, value: 0x42),
                names + [
                    .number("sector", .place, octets: 8), .number("count", .amount, octets: 4),
                ]),
            Record("complete", lead: Lead(octets: 1, value: 0x20), names),
        ])

    private static let names: [Part] = [.text("node", flag: 0x08), .text("bitmap", flag: 0x04)]
}
