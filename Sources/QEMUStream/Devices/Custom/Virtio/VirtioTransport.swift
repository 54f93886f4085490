import Migration

/// What a virtio device hangs on, which saves a part of its own before the device's.
enum VirtioTransport: Sendable, CaseIterable {
    /// Configuration spaces of 256 and of 4096 octets.
    case pci, pciExpress
    case mmio
    /// The channel subsystem.
    case ccw

    static let all = Array(allCases)

    /// Whether queues have an alignment (QEMU's `has_variable_vring_alignment`).
    var hasAlignment: Bool { self == .mmio }
}

extension DeviceDecoder {
    /// - Returns: whether each queue has a vector.
    mutating func virtioTransport(_ transport: VirtioTransport) throws(Misfit) -> Bool {
        switch transport {
        case .pci: return try virtioPCI(configurationSize: 256)
        case .pciExpress: return try virtioPCI(configurationSize: 4096)
        case .mmio:
            let mmio = try begin(.structure, "mmio")
            try numbers(.uint32, "host_features_sel", "guest_features_sel", "guest_page_shift")
            end(mmio)
            return false
        case .ccw:
            try virtioCCW()
            return true
        }
    }

    /// `pci_device_save`, `msix_save` and the vector for configuration changes.
    private mutating func virtioPCI(configurationSize: Int) throws(Misfit) -> Bool {
        let pci = try begin(.structure, "pci")
        guard try number(.uint32, "version") == 2 else { throw misfit("a PCI device's version 2") }
        let start = position
        try pciConfiguration(named: try interned("config"), configurationSize)
        try scalars(.uint32, "irq_state", count: 4)
        let vectors = PCICapability.vectors(octets[start..<start + 256])
        if vectors > 0 {
            try msixState(named: try interned("msix"), vectors: vectors)
            try number(.uint16, "config_vector")
        }
        end(pci)
        return vectors > 0
    }
}
