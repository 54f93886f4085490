import Migration

/// A request that a virtqueue has handed out (QEMU's `VirtQueueElementOld`, `hw/virtio/virtio.c`):
/// a structure of a 64-bit host as it lay in memory, so in its order of octets. Behind a packed
/// ring's count of descriptors, which is big-endian.
extension DeviceDecoder {
    mutating func virtqueueElement(_ name: String, isPacked: Bool) throws(Misfit) {
        let element = try begin(.structure, name)
        if isPacked {
            guard try number(.uint32, "ndescs") <= 32768 else { throw misfit("a descriptor count") }
        }
        let limit = UInt64(DeviceDecoder.virtioQueueLimit)
        let isLittle: Bool
        if let out = look(.uint32le, ahead: 4), let into = look(.uint32le, ahead: 8),
            out <= limit, into <= limit
        {
            isLittle = true
        } else if let out = look(.uint32, ahead: 4), let into = look(.uint32, ahead: 8),
            out <= limit, into <= limit
        {
            isLittle = false
        } else {
            throw misfit("at most \(limit) pieces of memory")
        }
        let word: DeviceState.Kind = isLittle ? .uint32le : .uint32
        let long: DeviceState.Kind = isLittle ? .uint64le : .uint64
        try numbers(word, "index", "out_num", "in_num")
        try buffer("padding", 4)
        try scalars(long, "in_addr", count: DeviceDecoder.virtioQueueLimit)
        try scalars(long, "out_addr", count: DeviceDecoder.virtioQueueLimit)
        for list in ["in_sg", "out_sg"] {
            try structures(list, count: DeviceDecoder.virtioQueueLimit) {
                (decoder) throws(Misfit) in
                try decoder.numbers(long, "iov_base", "iov_len")
            }
        }
        end(element)
    }
}
