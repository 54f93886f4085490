import Migration

/// The console's part (QEMU's `hw/char/virtio-serial-bus.c`, `virtio_serial_save_device`).
enum VirtioSerial {
    static let ways = [false, true].map { isPacked in
        VirtioDeviceWay(isPacked: isPacked) { (decoder, _) throws(DeviceDecoder.Misfit) in
            try read(&decoder, isPacked: isPacked)
        }
    }

    private static func read(
        _ decoder: inout DeviceDecoder, isPacked: Bool
    ) throws(DeviceDecoder.Misfit) {
        let part = try decoder.begin(.structure, "device")
        // As the guest sees its configuration, and then as a big-endian number: a big-endian guest
        // on a little-endian host has them reversed. There are at most 31 ports.
        let isReversed = decoder.look(.uint32, ahead: 4) ?? 0 > 32768
        try decoder.numbers(isReversed ? .uint16le : .uint16, "cols", "rows")
        let most = try decoder.number(isReversed ? .uint32le : .uint32, "max_nr_ports")
        guard most <= 32768 else { throw decoder.misfit("\(most) ports") }
        try decoder.scalars(.uint32, "ports_map", count: (Int(most) + 31) / 32)
        let ports = try decoder.count(.uint32, "nr_active_ports", least: 10)
        try decoder.structures("ports", count: ports) {
            (decoder) throws(DeviceDecoder.Misfit) in
            try decoder.number(.uint32, "id")
            try decoder.numbers(.uint8, "guest_connected", "host_connected")
            let popped = try decoder.number(.uint32, "elem_popped")
            guard popped <= 1 else { throw decoder.misfit("an element or none") }
            guard popped == 1 else { return }
            try decoder.number(.uint32, "iov_idx")
            try decoder.number(.uint64, "iov_offset")
            try decoder.virtqueueElement("element", isPacked: isPacked)
        }
        decoder.end(part)
    }
}
