extension IteratorLayout {
    /// `s390-storage_attributes`: CMMA (QEMU's `hw/s390x/s390-stattrib.c`).
    ///
    /// The leading word has flags in its lowest twelve bits: EOS 01, MORE 02, ERROR 04, DONE 08.
    public static let storageAttributes = IteratorLayout(
        name: "s390-storage_attributes", title: "storage attributes", letters: "SA", version: 0,
        end: [0, 0, 0, 0, 0, 0, 0, 0x01],
        records: [
            Record(
                "more", lead: Lead(octets: 8, value: 0x02),
                [
                    .leading("first", .place, shift: 12, in: 0...UInt64.max >> 12),
                    .length(octets: 8, unit: 1), .data("attributes", .counted),
                ]),
            Record("error", lead: Lead(octets: 8, value: 0x04)),
            Record("done", lead: Lead(octets: 8, value: 0x08)),
        ])
}
