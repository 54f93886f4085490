internal import Migration

/// What QEMU's loader says (`migration/savevm.c`, `vmstate.c`, `ram.c`, `system/physmem.c`), so that
/// a finding can be told from a log. The words are those of 7.2 to 11.1; where versions differ, those
/// that they share.
enum LoaderMessage {
    static func machineType(_ received: String, local: String) -> String {
        "Machine type received is '\(received)' and local is '\(local)'"
    }

    static let configurationMissing = "Configuration section missing"

    static func pageBits(_ received: UInt64, local: UInt64) -> String {
        "Received TARGET_PAGE_BITS is \(received) but local is \(local)"
    }

    static func capability(_ name: String, received: Bool) -> String {
        "Capability \(name) is \(received ? "off" : "on"), but received capability is "
            + (received ? "on" : "off")
    }

    static func sectionType(_ octet: UInt8) -> String { "Unknown savevm section type \(octet)" }

    static func unknownBlock(_ name: String) -> String {
        "Unknown ramblock \"\(name)\", cannot accept migration"
    }

    static func blockLength(_ name: String, _ received: UInt64, local: UInt64) -> String {
        "Size mismatch: \(name): 0x\(hex(received)) != 0x\(hex(local)): Invalid argument"
    }

    static func fillValue(_ value: UInt8) -> String { "Found a zero page with value \(value)" }

    static func recordFlags(_ flags: UInt64) -> String {
        "Unknown combination of migration flags: 0x\(hex(flags))"
    }

    static func unknownSection(_ name: String, instance: UInt32) -> String {
        "Unknown savevm section or instance '\(name)' \(instance). Make sure that your current VM "
            + "setup matches your saved VM setup, including any hotplugged devices"
    }

    static func newerSection(_ version: UInt32, _ name: String, local: Int64) -> String {
        "savevm: unsupported version \(version) for '\(name)' v\(local)"
    }

    static func newer(_ description: String, _ version: Int64, local: Int64) -> String {
        "\(description): incoming version_id \(version) is too new for local version_id \(local)"
    }

    static func older(_ description: String, _ version: Int64, minimum: Int64) -> String {
        // Two blanks in QEMU's own.
        "\(description): incoming version_id \(version) is too old for local minimum version_id  "
            + "\(minimum)"
    }

    static func subsection(_ name: String, in description: String) -> String {
        "VM subsection '\(name)' in '\(description)' does not exist"
    }

    /// What every version says when a device's state can't be loaded.
    static func loading(_ section: SectionHeader) -> String {
        "error while loading state for instance 0x\(hex(UInt64(section.instanceID))) of device "
            + "'\(section.name)'"
    }

    /// What it says when it has read less of a section than there is, or more.
    static func footer(_ section: SectionHeader) -> String {
        "Missing section footer for \(section.name)"
    }

    private static func hex(_ value: UInt64) -> String { String(value, radix: 16) }
}
