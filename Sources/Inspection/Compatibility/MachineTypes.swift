/// What a machine type's version says of its streams.
enum MachineTypes {
    /// Whether it has a configuration section and footers: from 2.4 on (QEMU's `HW_COMPAT_2_3`).
    ///
    /// Xen's machines have neither; machines without a version are as the newest.
    /// - Returns: `nil` for a distribution's own type, whose name doesn't tell.
    static func hasConfiguration(_ name: String) -> Bool? {
        if name == "xenfv" || name == "xenpv" || name.hasPrefix("xenfv-") { return false }
        guard name.hasPrefix("pc-") || name.hasPrefix("pseries-"),
            let version = name.split(separator: "-").last
        else { return true }
        if own.contains(version) { return true }
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        guard numbers.count >= 2 else { return nil }
        return (numbers[0], numbers[1]) >= (2, 4)
    }

    /// What may stand last in a name of QEMU's own that has no version.
    private static let own: Set<Substring> = ["i440fx", "q35"]
}
