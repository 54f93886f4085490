import Migration

/// The subsections of `virtio`, which stand behind the device's part (QEMU's
/// `hw/virtio/virtio.c`, `vmstate_virtio`).
extension DeviceDecoder {
    /// Reads subsections up to the field's end.
    /// - Returns: the guest's features, if these need more than 32 bits.
    mutating func virtioSubsections() throws(Misfit) -> UInt64 {
        var features: UInt64 = 0
        while position < limit {
            guard let name = subsectionName(prefix: "virtio/") else {
                throw misfit("a subsection of virtio")
            }
            try subsection(name) { (decoder, version) throws(Misfit) in
                guard version == 1 else { throw decoder.misfit("version 1 of \(name)") }
                if name == "virtio/64bit_features" { features = decoder.look(.uint64) ?? 0 }
                try decoder.virtioSubsection(name)
            }
        }
        return features
    }

    private mutating func virtioSubsection(_ name: String) throws(Misfit) {
        let queues = DeviceDecoder.virtioQueueLimit
        switch name {
        case "virtio/device_endian": try number(.uint8, "device_endian")
        case "virtio/64bit_features": try number(.uint64, "guest_features")
        case "virtio/128bit_features": try number(.uint64, "guest_features_upper")
        case "virtio/broken": try number(.bool, "broken")
        case "virtio/started": try number(.bool, "started")
        case "virtio/disabled": try number(.bool, "disabled")
        case "virtio/virtqueues":
            try structures("vq", count: queues) { (decoder) throws(Misfit) in
                try decoder.numbers(.uint64, "vring.avail", "vring.used")
            }
        case "virtio/ringsize":
            try structures("vq", count: queues) { (decoder) throws(Misfit) in
                try decoder.number(.uint32, "vring.num_default")
            }
        case "virtio/packed_virtqueues":
            try structures("vq", count: queues) { (decoder) throws(Misfit) in
                try decoder.number(.uint16, "last_avail_idx")
                try decoder.number(.bool, "last_avail_wrap_counter")
                try decoder.number(.uint16, "used_idx")
                try decoder.number(.bool, "used_wrap_counter")
                try decoder.number(.uint32, "inuse")
            }
        case "virtio/extra_state":
            let state = try begin(.structure, "extra_state")
            try virtioExtraState()
            end(state)
        default: throw misfit("a subsection \(name)")
        }
    }

    /// `virtio_pci` and `virtio_mmio`, which have no fields but a subsection.
    private mutating func virtioExtraState() throws(Misfit) {
        switch subsectionName(prefix: "virtio_") {
        case "virtio_pci/modern_state"?:
            try subsection("virtio_pci/modern_state") { (decoder, _) throws(Misfit) in
                try decoder.numbers(.uint32, "dfselect", "gfselect")
                try decoder.scalars(.uint32, "guest_features", count: 2)
                try decoder.modernQueues(hasPadding: true)
                let wide = "virtio_pci/modern_state/features128"
                if decoder.subsectionName(prefix: wide) == wide {
                    try decoder.subsection(wide) { (decoder, _) throws(Misfit) in
                        try decoder.scalars(.uint32, "guest_features", count: 2)
                    }
                }
            }
        case "virtio_mmio/state"?:
            try subsection("virtio_mmio/state") { (decoder, _) throws(Misfit) in
                try decoder.scalars(.uint32, "guest_features", count: 2)
                try decoder.modernQueues(hasPadding: false)
            }
        default: break
        }
    }

    private mutating func modernQueues(hasPadding: Bool) throws(Misfit) {
        try structures("vqs", count: DeviceDecoder.virtioQueueLimit) { (decoder) throws(Misfit) in
            try decoder.number(.uint16, "num")
            if hasPadding { try decoder.buffer("unused", 1) }
            try decoder.number(.bool, "enabled")
            try decoder.scalars(.uint32, "desc", count: 2)
            try decoder.scalars(.uint32, "avail", count: 2)
            try decoder.scalars(.uint32, "used", count: 2)
        }
    }
}
