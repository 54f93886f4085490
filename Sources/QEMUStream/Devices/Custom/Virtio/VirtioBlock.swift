import Migration

/// The disk's part: the requests under way (QEMU's `hw/block/virtio-blk.c`,
/// `virtio_blk_save_device`). Each begins with 01; 00 ends them. The queue's number stands only if
/// the disk has several queues, a count of descriptors only if they are packed rings.
enum VirtioBlock {
    static let ways = [(false, false), (true, false), (false, true), (true, true)].map { form in
        VirtioDeviceWay(isPacked: form.1) { (decoder, _) throws(DeviceDecoder.Misfit) in
            let (hasQueues, isPacked) = form
            // Without requests both are one.
            if decoder.octet() == 0, hasQueues { throw decoder.misfit("a request") }
            try decoder.list(named: try decoder.interned("requests")) {
                (decoder) throws(DeviceDecoder.Misfit) in
                if hasQueues {
                    let queue = try decoder.number(.uint32, "queue")
                    guard queue < UInt64(DeviceDecoder.virtioQueueLimit) else {
                        throw decoder.misfit("a queue's number")
                    }
                }
                try decoder.virtqueueElement("element", isPacked: isPacked)
            }
        }
    }
}
