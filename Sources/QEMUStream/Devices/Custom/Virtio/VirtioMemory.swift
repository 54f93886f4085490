import Migration

/// The memory device's part (QEMU's `hw/virtio/virtio-mem.c`, `vmstate_virtio_mem_device`). Since
/// 8.0 most of it goes ahead, in `virtio-mem-device-early`.
enum VirtioMemory {
    static let ways = [false, true].map { isWhole in
        VirtioDeviceWay { (decoder, _) throws(DeviceDecoder.Misfit) in
            let part = try decoder.begin(.structure, "device")
            var blocks: UInt64 = 0
            if isWhole {
                let checks = try decoder.begin(.structure, "sanity_checks")
                try decoder.number(.uint64, "addr")
                let region = try decoder.number(.uint64, "region_size")
                let block = try decoder.number(.uint64, "block_size")
                guard block > 0, block & (block - 1) == 0, region >= block, region % block == 0
                else { throw decoder.misfit("a region of whole blocks") }
                blocks = region / block
                try decoder.number(.uint32, "node")
                decoder.end(checks)
            }
            try decoder.number(.uint64, "usable_region_size")
            if isWhole { try decoder.number(.uint64, "size") }
            try decoder.number(.uint64, "requested_size")
            if isWhole {
                guard blocks <= UInt64(8 * decoder.remaining) else {
                    throw decoder.misfit("a bitmap of \(blocks) bits")
                }
                try decoder.scalars(.uint64, "bitmap", count: (Int(blocks) + 63) / 64)
            }
            decoder.end(part)
        }
    }
}
