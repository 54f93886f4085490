/// Handlers that belong to no type of device, so that `-dump-vmstate` leaves them out (those that QEMU
/// 7.2 to 11.1 registers with `vmstate_register`, `register_savevm_live` or as a CPU's
/// `legacy_vmsd`).
enum OutsideDumps {
    /// - Parameter name: a description's name, or a section's, with its path.
    static func has(_ name: String) -> Bool { contains(name, in: names) || isIPMI(name) }

    /// Whether it belonged to no type of device in some QEMU before 7.2: a dump without it may be of
    /// such a one.
    static func had(_ name: String) -> Bool { contains(name, in: former) }

    /// Whether it may be missing without that telling anything.
    static func isOccasional(_ name: String) -> Bool { contains(name, in: occasional) }

    private static func isIPMI(_ name: String) -> Bool {
        name.split(separator: "/").last?.hasPrefix("ipmi-") ?? false
    }

    private static func contains(_ name: String, in names: Set<String>) -> Bool {
        var rest = name[...]
        while !names.contains(String(rest)) {
            guard let slash = rest.firstIndex(of: "/") else { return false }
            rest = rest[rest.index(after: slash)...]
        }
        return true
    }

    /// Handlers that are not there, or send nothing, until something makes them: that a stream
    /// lacks them tells nothing.
    private static let occasional: Set<String> = [
        "globalstate", "dirty-bitmap", "block", "replay", "slirp", "spapr_drc",
        "spapr_nvdimm_states", "dbus-vmstate", "audio", "timer",
    ]

    private static let names: Set<String> = [
        "PCIBUS", "acpi_build", "adb_bus", "ads7846", "aer915", "apic", "arm_timer", "audio",
        "block", "cpu", "cpu_common", "dbus-vmstate", "dirty-bitmap", "eeprom", "globalstate",
        "hvf-vtimer", "i2c_bus", "i82550", "i82551", "i82557a", "i82557b", "i82557c", "i82558a",
        "i82558b", "i82559a", "i82559b", "i82559c", "i82559er", "i82562", "i82801",
        "icp/server", "ide", "isa-ide", "onenand", "or1k_timer", "pxa2xx_cm", "pxa2xx_i2s",
        "pxa2xx_keypad", "pxa2xx_lcdc", "pxa2xx_mm", "pxa2xx_pm", "ram", "replay", "s390-skeys",
        "s390-storage_attributes", "s390_css", "slirp", "spapr", "spapr/htab", "spapr_cpu",
        "spapr_drc", "spapr_iommu", "spapr_nvdimm_states", "stellaris_gamepad", "timer",
        "todclock", "tpm-emulator", "tsc2005", "tsc2102", "tsc2301", "vga", "virt_acpi_build",
        "virtio-mem-device-early", "zipit-lcd",
    ]
    /// QEMU 2.5 to 6.2 had these outside, and gave them types later.
    private static let former: Set<String> = [
        "dbdma", "dma", "heathrow_pic", "lasips2", "m48t59", "max111x", "pckbd", "pl022_ssp",
        "ps2kbd", "ps2mouse", "pxa2xx_mmci", "rc4030", "s390-flic", "sd-card", "serial", "sp804",
        "ssd0323_oled", "ssi_sd", "stellaris_adc", "stellaris_gptm", "stellaris_i2c",
        "stellaris_sys", "vmxnet3-msix",
    ]
}
