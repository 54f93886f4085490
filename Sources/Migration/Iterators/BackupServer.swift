extension IteratorLayout {
    /// `pbs-state`: what Proxmox VE's QEMU knows of its backup server (`migration/pbs-state.c` of
    /// its patches). A START section alone.
    public static let backupServer = IteratorLayout(
        name: "pbs-state", title: "the backup server's state", letters: "PB", version: 1,
        kinds: [.start], end: [],
        records: [
            Record(
                "state", [.length(octets: 8, unit: 1), .data("state", .counted)], place: .last)
        ])
}
