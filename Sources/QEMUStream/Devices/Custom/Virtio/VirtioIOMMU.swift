import Migration

/// The IOMMU's part (QEMU's `hw/virtio/virtio-iommu.c`, `vmstate_virtio_iommu_device`).
enum VirtioIOMMU {
    static let ways = [way(hasBypass: true), way(hasBypass: false)]

    /// - Parameter hasBypass: whether domains can be bypassed: from QEMU 7.0 on, version 2.
    private static func way(hasBypass: Bool) -> VirtioDeviceWay {
        VirtioDeviceWay { (decoder, _) throws(DeviceDecoder.Misfit) in
            let part = try decoder.begin(.structure, "device")
            try decoder.tree("domains") { (decoder) throws(DeviceDecoder.Misfit) in
                try decoder.number(.uint64, named: -1)
            } value: { (decoder) throws(DeviceDecoder.Misfit) in
                let domain = decoder.begin(.structure)
                try decoder.number(.uint32, "id")
                try decoder.tree("mappings") { (decoder) throws(DeviceDecoder.Misfit) in
                    let interval = decoder.begin(.structure)
                    try decoder.numbers(.uint64, "low", "high")
                    decoder.end(interval)
                } value: { (decoder) throws(DeviceDecoder.Misfit) in
                    let mapping = decoder.begin(.structure)
                    try decoder.number(.uint64, "phys_addr")
                    try decoder.number(.uint32, "flags")
                    decoder.end(mapping)
                }
                try decoder.list(named: try decoder.interned("endpoint_list")) {
                    (decoder) throws(DeviceDecoder.Misfit) in
                    try decoder.number(.uint32, "id")
                }
                if hasBypass { try decoder.number(.bool, "bypass") }
                decoder.end(domain)
            }
            if hasBypass { try decoder.number(.uint8, "config.bypass") }
            decoder.end(part)
        }
    }
}

extension DeviceDecoder {
    /// Reads a GTree: be32 count; 01, key and value for each entry; 00.
    mutating func tree(
        _ name: String, key: (inout DeviceDecoder) throws(Misfit) -> Void,
        value: (inout DeviceDecoder) throws(Misfit) -> Void
    ) throws(Misfit) {
        let tree = try begin(.tree, name)
        let entries = try take(4, end: limit).reduce(0) { $0 << 8 | Int($1) }
        guard entries <= remaining else { throw misfit("\(entries) entries") }
        for _ in 0..<entries {
            try expect(1, end: limit)
            try key(&self)
            try value(&self)
        }
        try expect(0, end: limit)
        end(tree)
    }
}
