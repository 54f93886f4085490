import Migration

/// `virtio`: all of a virtio device that is its own (QEMU's `hw/virtio/virtio.c`, `virtio_save`).
///
/// The transport's part, the common part with the queues, the device's part, and the subsections
/// of `virtio`. Nothing tells the transport nor the length of the device's part, but everything must
/// end where the field does, and in one way alone.
extension CustomType {
    static let virtio = CustomType { (decoder, name, place) throws(DeviceDecoder.Misfit) in
        let device = place.isOldStyle ? place.handler : place.device
        try decoder.onlyWay(VirtioTransport.all) {
            (decoder, transport) throws(DeviceDecoder.Misfit) in
            let blob = decoder.begin(.structure, named: name)
            try decoder.virtio(transport, device: device)
            decoder.end(blob)
        }
    }
}

extension DeviceDecoder {
    /// QEMU's `VIRTIO_QUEUE_MAX`.
    static let virtioQueueLimit = 1024

    fileprivate mutating func virtio(
        _ transport: VirtioTransport, device: String
    ) throws(Misfit) {
        let hasVectors = try virtioTransport(transport)
        try numbers(.uint8, "status", "isr")
        try number(.uint16, "queue_sel")
        let features = try number(.uint32, "guest_features")
        let size = try count(.uint32, "config_len")
        guard size <= 4096 else { throw misfit("a configuration of \(size) octets") }
        try buffer("config", size)
        let queues = try count(.uint32, "queue_count", least: 14)
        guard (1...DeviceDecoder.virtioQueueLimit).contains(queues) else {
            throw misfit("\(queues) queues")
        }
        try structures("vq", count: queues) { (decoder) throws(Misfit) in
            let entries = try decoder.number(.uint32, "num")
            // The first queue without entries ends them.
            guard (1...32768).contains(entries) else {
                throw decoder.misfit("a queue of \(entries) entries")
            }
            if transport.hasAlignment { try decoder.number(.uint32, "align") }
            try decoder.number(.uint64, "desc")
            try decoder.number(.uint16, "last_avail_idx")
            if hasVectors { try decoder.number(.uint16, "vector") }
        }
        let part = VirtioDevice(features: features, queues: queues)
        guard let ways = VirtioDevices.ways(device) else { return try virtioUnknown() }
        try onlyWay(ways) { (decoder, way) throws(Misfit) in
            try way.read(&decoder, part)
            let features = try decoder.virtioSubsections()
            if let isPacked = way.isPacked, isPacked != (features & VirtioDevice.packedRing != 0) {
                throw decoder.misfit("rings of the kind that the features tell")
            }
        }
    }

    /// A device whose part is not known: a blob up to the first of the subsections, if these end where
    /// the field does.
    private mutating func virtioUnknown() throws(Misfit) {
        let starts = (position...limit).filter { place in
            guard place < limit else { return place == position }
            return octets[place] == 5
                && (place + 9 <= limit)
                && octets[place + 2..<place + 9].elementsEqual("virtio/".utf8)
        }
        guard starts.count <= 64 else { throw misfit("too many places for subsections") }
        var reason = misfit("subsections of virtio")
        for start in starts {
            do throws(Misfit) {
                return try onlyWay([start]) { (decoder, start) throws(Misfit) in
                    if start > decoder.position {
                        try decoder.blob("device", start - decoder.position)
                    }
                    _ = try decoder.virtioSubsections()
                }
            } catch {
                if error.isFinal { throw error }
                reason = error
            }
        }
        throw reason
    }
}
