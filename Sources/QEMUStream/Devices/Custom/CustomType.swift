import Migration

/// A field type whose octets a device's own code writes (QEMU's `VMStateInfo` with `put`), so that
/// the vmdesc tells no more than its name and size.
///
/// `parse` reads the octets of one field, from ``DeviceDecoder/position`` up to
/// ``DeviceDecoder/limit``, into values. They are believed only if it ends just there; otherwise
/// the field stays a blob.
struct CustomType: Sendable {
    /// Where a field stands: the type's name alone is no unique key.
    struct Place {
        var type: String
        var field: String
        /// The description that the field belongs to, and the device's own.
        var owner: String
        var device: String
        /// The section's handler, without the path of its bus.
        var handler: String

        /// Whether QEMU itself moves the field's octets as a whole.
        var isBuffer: Bool {
            type == "unused_buffer" || type == "buffer" && !isOldStyle
        }

        /// Whether the field is the payload of a section without a description.
        var isOldStyle: Bool { device.isEmpty && type == "buffer" }
    }

    typealias Parse =
        @Sendable (inout DeviceDecoder, _ name: Int32, Place) throws(DeviceDecoder.Misfit) -> Void

    var parse: Parse

    init(_ parse: @escaping Parse) { self.parse = parse }
}

/// All custom types that are known. A new one is a file of its own, and a line here.
enum CustomTypes {
    /// The type of a field, if it is one of those.
    static func find(_ place: CustomType.Place) -> CustomType? {
        place.isOldStyle ? handlers[place.handler] : types[place.type]
    }

    /// By the type's name in the vmdesc.
    private static let types: [String: CustomType] = [
        "bitmap": .bitmap,
        "pci config": .pciConfiguration,
        "pci irq state": .pciInterruptState,
        "msix state": .msixState,
        "virtio": .virtio,
        "virtio-gpu": .virtioGPU,
        "blob": .virtioGPUBlobs,
        "scsi-requests": .scsiRequests,
        "fpr": .registerPair, "slbe": .registerPair, "avr": .registerPair,
        "tlb_entry": .mipsTLBEntry,
        "tlb entry": .hppaTLBEntry,
        "octeon_llm_tree": .octeonTree,
        "usb-redir-parser": .countedBuffer, "GByteArray": .countedBuffer,
        "usb-redir-bufpq": .redirectedPackets,
        "usb-redir-packet-id-q": .redirectedPacketIDs,
        "irqs": .floatingInterrupts,
        "virtio-fs back-end state": .backEndState,
        "virtio-net vhost-user backend state": .backEndState,
        "shpc": .hotplugController,
        "fpreg": .x87Register,
        "txq_descr": .vmxnet3SendQueue, "rxq_descr": .vmxnet3ReceiveQueue,
        "int_state": .vmxnet3Interrupt,
    ]

    /// Sections without a description, by their handler's name.
    private static let handlers: [String: CustomType] = [
        "slirp": .slirp,
        "s390-skeys": .storageKeys,
        "todclock": .todClock,
        "vmxnet3-msix": .msixState,
        "virtio-net": .virtio, "virtio-blk": .virtio, "virtio-console": .virtio,
        "virtio-scsi": .virtio, "virtio-balloon": .virtio, "virtio-rng": .virtio,
        "virtio-9p": .virtio,
    ]
}
