import Migration

/// What the common part tells that a device's part depends on.
struct VirtioDevice {
    /// The lower half of the features that the guest has taken.
    var features: UInt64
    var queues: Int

    /// VIRTIO_F_RING_PACKED.
    static let packedRing: UInt64 = 1 << 34
}

/// A way in which a device's part can be laid out.
struct VirtioDeviceWay: Sendable {
    typealias Read =
        @Sendable (inout DeviceDecoder, VirtioDevice) throws(DeviceDecoder.Misfit) -> Void

    var read: Read
    /// Whether the device's rings are packed, where that matters.
    var isPacked: Bool?

    init(isPacked: Bool? = nil, _ read: @escaping Read) {
        self.read = read
        self.isPacked = isPacked
    }
}

/// The parts of devices between the queues and the subsections, by the name of the device's
/// description. A new one is a file of its own, and a line here.
enum VirtioDevices {
    /// - Returns: the ways that a device's part can be laid out; `nil` if it is not known.
    static func ways(_ device: String) -> [VirtioDeviceWay]? {
        if let ways = devices[device] { return ways }
        return withoutPart.contains(device) ? [VirtioDeviceWay { _, _ in }] : nil
    }

    private static let devices: [String: [VirtioDeviceWay]] = [
        "virtio-net": VirtioNet.ways,
        "virtio-blk": VirtioBlock.ways,
        "virtio-console": VirtioSerial.ways,
        "virtio-balloon": VirtioBalloon.ways,
        "virtio-mem": VirtioMemory.ways,
        "virtio-iommu": VirtioIOMMU.ways,
    ]

    /// Devices that save nothing of their own there.
    private static let withoutPart: Set<String> = [
        "virtio-scsi", "virtio-rng", "virtio-9p", "virtio-input", "virtio-crypto", "virtio-gpu",
        "virtio-vhost_vsock", "virtio-pmem", "virtio-rtc",
    ]
}
