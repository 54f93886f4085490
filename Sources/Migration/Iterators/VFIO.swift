extension IteratorLayout {
    /// `…/vfio`: assigned devices (QEMU's `hw/vfio/migration.c`).
    ///
    /// The device's configuration has no length of its own: it reaches to the end mark of its
    /// FULL section, which the vmdesc or the footer bounds.
    public static let vfio = IteratorLayout(
        name: "vfio", title: "VFIO", letters: "VF", isSuffix: true, version: 1,
        kinds: [.start, .part, .end, .full], end: word(0x01),
        records: [
            Record("setup", lead: lead(0x03)),
            Record(
                "data", lead: lead(0x04),
                [.length(octets: 8, unit: 1), .data("data", .counted)]),
            Record("config", lead: lead(0x02), [.data("config", .untilEnd)]),
            Record("init-data-sent", lead: lead(0x05), place: .last),
            Record("config-load-ready", lead: lead(0x06), place: .last),
        ])

    /// VFIO_MIG_FLAG_…: they differ in the lowest octet.
    private static func lead(_ number: UInt64) -> Lead {
        Lead(octets: 8, value: 0xffff_ffff_ef10_0000 | number)
    }

    private static func word(_ number: UInt8) -> [UInt8] {
        [0xff, 0xff, 0xff, 0xff, 0xef, 0x10, 0x00, number]
    }
}
