import Migration

/// `pci config`: a PCI function's configuration space, 256 or 4096 octets (QEMU's `hw/pci/pci.c`,
/// `get_pci_config_device`), least significant octet first.
///
/// The header is the one of the PCI specification, by the header type. Capabilities are walked by
/// their chain; the octets between them stay buffers, since only the device knows them.
extension CustomType {
    static let pciConfiguration = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        try decoder.pciConfiguration(named: name, decoder.remaining)
    }

    /// `pci irq state`: four be32.
    static let pciInterruptState = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        try decoder.scalars(.uint32, named: name, count: 4)
    }
}

extension DeviceDecoder {
    static let pciHeaderSize = 64

    /// Reads a configuration space of `size` octets.
    mutating func pciConfiguration(named name: Int32, _ size: Int) throws(Misfit) {
        guard size == 256 || size == 4096, size <= remaining else {
            throw misfit("a configuration space of \(size) octets")
        }
        let start = position
        let end = start + size
        let space = begin(.structure, named: name)
        try numbers(.uint16le, "vendor_id", "device_id", "command", "status")
        try numbers(.uint8, "revision_id", "prog_if", "sub_class", "base_class")
        try numbers(.uint8, "cache_line_size", "latency_timer")
        let type = try number(.uint8, "header_type") & 0x7f
        try number(.uint8, "bist")
        switch type {
        case 0: try pciDeviceHeader()
        case 1: try pciBridgeHeader()
        default: try buffer("header", start + DeviceDecoder.pciHeaderSize - position)
        }
        for capability in PCICapability.chain(octets[start..<start + 256]) {
            try gap(to: start + capability.offset, from: start)
            try self.capability(capability, size: min(capability.end, 256) - capability.offset)
        }
        try gap(to: start + 256, from: start)
        if size > 256 { try extendedCapabilities(start: start, end: end) }
        self.end(space)
    }

    private mutating func pciDeviceHeader() throws(Misfit) {
        try scalars(.uint32le, "bar", count: 6)
        try number(.uint32le, "cardbus_cis")
        try numbers(.uint16le, "subsystem_vendor_id", "subsystem_id")
        try number(.uint32le, "rom_address")
        try number(.uint8, "capabilities_pointer")
        try buffer("reserved", 7)
        try numbers(.uint8, "interrupt_line", "interrupt_pin", "min_grant", "max_latency")
    }

    private mutating func pciBridgeHeader() throws(Misfit) {
        try scalars(.uint32le, "bar", count: 2)
        try numbers(.uint8, "primary_bus", "secondary_bus", "subordinate_bus", "secondary_latency")
        try numbers(.uint8, "io_base", "io_limit")
        try numbers(
            .uint16le, "secondary_status", "memory_base", "memory_limit", "prefetchable_base",
            "prefetchable_limit")
        try numbers(.uint32le, "prefetchable_base_upper", "prefetchable_limit_upper")
        try numbers(.uint16le, "io_base_upper", "io_limit_upper")
        try number(.uint8, "capabilities_pointer")
        try buffer("reserved", 3)
        try number(.uint32le, "rom_address")
        try numbers(.uint8, "interrupt_line", "interrupt_pin")
        try number(.uint16le, "bridge_control")
    }

    /// Octets that only the device knows, up to the absolute position `place`.
    private mutating func gap(to place: Int, from start: Int) throws(Misfit) {
        guard place > position else { return }
        try buffer("device_" + String(position - start, radix: 16), place - position)
    }

    private mutating func capability(_ capability: PCICapability, size: Int) throws(Misfit) {
        let place = String(capability.offset, radix: 16)
        let container = try begin(.structure, capability.name + "_" + place)
        let end = position + size
        try numbers(.uint8, "id", "next")
        switch capability.kind {
        case .powerManagement: try numbers(.uint16le, "capabilities", "control")
        case .msi:
            let control = try number(.uint16le, "control")
            try number(.uint32le, "address")
            if control & 0x80 != 0 { try number(.uint32le, "address_upper") }
            try number(.uint16le, "data")
            if control & 0x100 != 0 {
                try number(.uint16le, "reserved")
                try numbers(.uint32le, "mask", "pending")
            }
        case .msix:
            try number(.uint16le, "control")
            try numbers(.uint32le, "table", "pending")
        case .express:
            try number(.uint16le, "flags")
            try number(.uint32le, "device_capabilities")
            try numbers(.uint16le, "device_control", "device_status")
        case .vendor: try number(.uint8, "length")
        case .other: break
        }
        if position < end { try buffer("contents", end - position) }
        self.end(container)
    }

    /// Express capabilities from 0x100 on: a chain of le32, with the next one's offset in the upper
    /// twelve bits.
    private mutating func extendedCapabilities(start: Int, end: Int) throws(Misfit) {
        var offsets: [Int] = []
        var next = 0x100
        while next >= 0x100, next <= 4092, offsets.count < 64, next > offsets.last ?? 0 {
            let head = DeviceState.Kind.uint32le.bits(octets[start + next..<start + next + 4])
            if head == 0 || head == 0xffff_ffff { break }
            offsets.append(next)
            next = Int(head >> 20) & 0xffc
        }
        for (index, offset) in offsets.enumerated() {
            try gap(to: start + offset, from: start)
            let stop = start + (index + 1 < offsets.count ? offsets[index + 1] : 4096)
            let container = try begin(.structure, "extended_" + String(offset, radix: 16))
            try number(.uint32le, "header")
            // What follows the last registers is as long as the device wants; zeros end it here.
            var used = stop
            while used > position, octets[used - 1] == 0 { used -= 1 }
            used = min(position + (used - position + 3) / 4 * 4, stop)
            if used > position { try buffer("contents", used - position) }
            self.end(container)
        }
        try gap(to: end, from: start)
    }
}
