import Migration

/// The network card's part (QEMU's `hw/net/virtio-net.c`, `vmstate_virtio_net_device` version 11).
///
/// Whether it can have several pairs of queues decides about three fields, but is not told.
enum VirtioNet {
    static let ways = [false, true].map { hasPairs in
        VirtioDeviceWay { (decoder, device) throws(DeviceDecoder.Misfit) in
            try read(&decoder, device, hasPairs: hasPairs)
        }
    }

    /// VIRTIO_NET_F_CTRL_GUEST_OFFLOADS.
    private static let guestOffloads: UInt64 = 1 << 2

    private static func read(
        _ decoder: inout DeviceDecoder, _ device: VirtioDevice, hasPairs: Bool
    ) throws(DeviceDecoder.Misfit) {
        let part = try decoder.begin(.structure, "device")
        try decoder.scalars(.uint8, "mac", count: 6)
        try decoder.numbers(.uint32, "tx_waiting", "mergeable_rx_bufs")
        try decoder.number(.uint16, "status")
        try decoder.numbers(.uint8, "promisc", "allmulti")
        let addresses = try decoder.count(.uint32, "mac_table.in_use", least: 6)
        guard addresses <= 64 else { throw decoder.misfit("\(addresses) addresses") }
        let macs = try decoder.begin(.array, "mac_table.macs")
        for _ in 0..<addresses { try decoder.scalars(.uint8, named: -1, count: 6) }
        decoder.end(macs)
        try decoder.scalars(.uint8, "vlans", count: 512)
        try decoder.number(.uint32, "has_vnet_hdr")
        try decoder.numbers(
            .uint8, "mac_table.multi_overflow", "mac_table.uni_overflow", "alluni", "nomulti",
            "nouni", "nobcast", "has_ufo")
        if hasPairs {
            guard try decoder.number(.uint16, "max_queue_pairs") > 1 else {
                throw decoder.misfit("several pairs of queues")
            }
            let pairs = Int(try decoder.number(.uint16, "curr_queue_pairs"))
            try decoder.scalars(.uint32, "vqs_1.tx_waiting", count: max(pairs, 1) - 1)
        }
        if device.features & guestOffloads != 0 {
            try decoder.number(.uint64, "curr_guest_offloads")
        }
        try subsections(&decoder)
        decoder.end(part)
    }

    private static func subsections(
        _ decoder: inout DeviceDecoder
    ) throws(DeviceDecoder.Misfit) {
        while let name = decoder.subsectionName(prefix: "virtio-net-device/") {
            try decoder.subsection(name) { (decoder, version) throws(DeviceDecoder.Misfit) in
                switch name {
                case "virtio-net-device/rss" where version <= 2:
                    try decoder.numbers(.bool, "enabled", "redirect", "populate_hash")
                    try decoder.number(.uint32, "hash_types")
                    if version == 2 { try decoder.number(.uint32, "supported_hash_types") }
                    let length = try decoder.number(.uint16, "indirections_len")
                    try decoder.number(.uint16, "default_queue")
                    try decoder.scalars(.uint8, "key", count: 40)
                    try decoder.scalars(.uint16, "indirections_table", count: Int(length))
                case "virtio-net-device/backend":
                    try decoder.backEndState(named: try decoder.interned("backend"))
                default: throw decoder.misfit("a subsection \(name)")
                }
            }
        }
    }
}
