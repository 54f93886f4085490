internal import Migration

/// What QEMU's loader says (`migration/savevm.c`, `vmstate.c`, `ram.c`, `system/physmem.c`), so that
/// a finding can be told from a log. Where versions from 7.2 to 11.1 put it otherwise, all are
/// there, the oldest first.
enum LoaderMessage {
    static func machineType(_ received: String, local: String) -> [String] {
        ["Machine type received is '\(received)' and local is '\(local)'"]
    }

    static let configurationMissing = ["Configuration section missing"]

    static func pageBits(_ received: UInt64, local: UInt64) -> [String] {
        ["Received TARGET_PAGE_BITS is \(received) but local is \(local)"]
    }

    static func sectionType(_ octet: UInt8) -> [String] {
        ["Unknown savevm section type \(octet)", "Unknown section type \(octet)"]
    }

    static func command(_ code: UInt16) -> [String] {
        ["MIG_CMD 0x\(hex(UInt64(code))) unknown (len 0x0)"]
    }

    static func unknownBlock(_ name: String) -> [String] {
        ["Unknown ramblock \"\(name)\", cannot accept migration"]
    }

    static func blockLength(_ name: String, _ received: UInt64, local: UInt64) -> [String] {
        ["Size mismatch: \(name): 0x\(hex(received)) != 0x\(hex(local)): Invalid argument"]
    }

    static func pageOutside(_ name: String) -> [String] {
        ["page outside of ramblock \(name) range"]
    }

    static func blockPageSize(_ name: String, _ received: UInt64, local: UInt64) -> [String] {
        ["Mismatched RAM page size \(name) (local) \(local) != \(received)"]
    }

    static func fillValue(_ value: UInt8) -> [String] {
        ["Found a zero page with value \(value)"]
    }

    static func recordFlags(_ flags: UInt64) -> [String] {
        ["Unknown combination of migration flags: 0x\(hex(flags))"]
    }

    static func unknownSection(_ name: String, instance: UInt32) -> [String] {
        let rest =
            "section or instance '\(name)' \(instance). Make sure that your current VM setup "
            + "matches your saved VM setup, including any hotplugged devices"
        return ["Unknown savevm " + rest, "Unknown " + rest]
    }

    static func newerSection(_ version: UInt32, _ name: String, local: Int64) -> [String] {
        let rest = "unsupported version \(version) for '\(name)' v\(local)"
        return ["savevm: " + rest]
    }

    static func newer(_ description: String, _ version: Int64, local: Int64) -> [String] {
        [
            "\(description): incoming version_id \(version) is too new for local version_id "
                + "\(local)"
        ]
    }

    static func older(_ description: String, _ version: Int64, minimum: Int64) -> [String] {
        // Two blanks in QEMU's own.
        [
            "\(description): incoming version_id \(version) is too old for local minimum "
                + "version_id  \(minimum)"
        ]
    }

    static func subsection(
        _ name: String, in description: String, of section: SectionHeader? = nil
    ) -> [String] {
        (section.map { loading($0) } ?? [])
            + ["VM subsection '\(name)' in '\(description)' does not exist"]
    }

    /// What every version says when a device's state can't be loaded.
    static func loading(_ section: SectionHeader) -> [String] {
        [
            "error while loading state for instance 0x\(hex(UInt64(section.instanceID))) of "
                + "device '\(section.name)'"
        ]
    }

    /// What it says when it has read less of a section than there is, or more.
    static func footer(_ section: SectionHeader) -> [String] {
        ["Missing section footer for \(section.name)"]
    }

    private static func hex(_ value: UInt64) -> String { String(value, radix: 16) }
}
