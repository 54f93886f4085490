extension IteratorLayout {
    /// `spapr/htab`: the hash page table of a pseries guest (QEMU's `hw/ppc/spapr.c`).
    ///
    /// The first word of any section says what comes: -1 no table, 0 chunks of the table, else
    /// the logarithm of the table's size. A chunk has some valid entries of 16 octets each, and
    /// says how many behind these are not valid.
    public static let hashTable = IteratorLayout(
        name: "spapr/htab", title: "the hash page table", letters: "HT", version: 1,
        opening: [0, 0, 0, 0], end: [0, 0, 0, 0, 0, 0, 0, 0],
        records: [
            Record("none", lead: Lead(octets: 4, value: 0xffff_ffff), place: .alone),
            Record(
                "shift", lead: Lead(octets: 4, value: 0),
                [.leading("shift", .property, shift: 0, in: 1...64)], place: .alone),
            Record(
                "chunk",
                [
                    .number("index", .place, octets: 4), .length(octets: 2, unit: 16),
                    .number("invalid", .amount, octets: 2), .data("valid", .counted),
                ]),
        ])
}
