import Migration

/// A capability in a PCI function's configuration space.
struct PCICapability {
    enum Kind: UInt8 {
        case powerManagement = 0x01
        case msi = 0x05
        case vendor = 0x09
        case express = 0x10
        case msix = 0x11
        case other = 0xff
    }

    var id: UInt8
    var kind: Kind
    /// Octets from the start of the space; where it ends.
    var offset: Int
    var end: Int

    var name: String {
        switch kind {
        case .powerManagement: "power_management"
        case .msi: "msi"
        case .vendor: "vendor"
        case .express: "express"
        case .msix: "msix"
        case .other: "capability"
        }
    }

    /// The capabilities of a space, by ascending offset, without those that overlap others.
    ///
    /// - Parameter space: the first 256 octets.
    static func chain(_ space: ArraySlice<UInt8>) -> [PCICapability] {
        let base = space.startIndex
        guard space.count == 256, space[base + 6] & 0x10 != 0 else { return [] }
        var found: [PCICapability] = []
        var seen: Set<Int> = []
        var next = Int(space[base + 0x34]) & 0xfc
        while next >= 0x40, next <= 0xfc, seen.insert(next).inserted {
            let id = space[base + next]
            let length = PCICapability.length(id, space[(base + next)...])
            found.append(
                PCICapability(
                    id: id, kind: Kind(rawValue: id) ?? .other, offset: next, end: next + length))
            next = Int(space[base + next + 1]) & 0xfc
        }
        found.sort { $0.offset < $1.offset }
        var result: [PCICapability] = []
        for capability in found
        where capability.end <= 256 && capability.offset >= result.last?.end ?? 0x40 {
            result.append(capability)
        }
        return result
    }

    /// MSI-X vectors of a space, 0 if it has no such capability.
    static func vectors(_ space: ArraySlice<UInt8>) -> Int {
        for capability in chain(space) where capability.kind == .msix {
            let at = space.startIndex + capability.offset + 2
            return Int(DeviceState.Kind.uint16le.bits(space[at..<at + 2]) & 0x7ff) + 1
        }
        return 0
    }

    /// Octets that a capability has by its specification; its head alone where that is not known.
    private static func length(_ id: UInt8, _ rest: ArraySlice<UInt8>) -> Int {
        switch Kind(rawValue: id) {
        case .powerManagement: return 8
        case .msix: return 12
        case .msi:
            let control = rest.count >= 4 ? rest[rest.startIndex + 2] : 0
            let mask = rest.count >= 4 ? rest[rest.startIndex + 3] & 1 : 0
            return 10 + (control & 0x80 != 0 ? 4 : 0) + (mask != 0 ? 10 : 0)
        case .vendor:
            let length = rest.count >= 3 ? Int(rest[rest.startIndex + 2]) : 0
            return max(length, 3)
        case .express:
            // Version 1 endpoints have 20 octets, all others 60.
            let flags = rest.count >= 3 ? rest[rest.startIndex + 2] : 0
            return flags & 0xf >= 2 ? 60 : 20
        default: return 2
        }
    }
}
