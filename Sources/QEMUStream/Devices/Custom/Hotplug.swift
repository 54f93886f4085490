import Migration

/// `shpc`: the standard hot-plug controller's registers (QEMU's `hw/pci/shpc.c`), least significant
/// octet first: 36 octets, then four for each slot.
extension CustomType {
    static let hotplugController = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        guard decoder.remaining >= 36, decoder.remaining % 4 == 0 else {
            throw decoder.misfit("registers of \(decoder.remaining) octets")
        }
        let container = decoder.begin(.structure, named: name)
        try decoder.numbers(.uint32le, "base_offset", "slots_33", "slots_66")
        try decoder.numbers(.uint8, "slot_count", "first_device")
        try decoder.number(.uint16le, "physical_slot")
        try decoder.number(.uint16le, "bus_config")
        try decoder.numbers(.uint8, "msi_control", "interface")
        try decoder.numbers(.uint8, "command", "command_target")
        try decoder.number(.uint16le, "command_status")
        try decoder.numbers(.uint32le, "interrupt_locator", "error_locator", "error_control")
        try decoder.scalars(.uint32le, "slots", count: decoder.remaining / 4)
        decoder.end(container)
    }
}
