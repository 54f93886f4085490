/// A packet of RAM on a multifd channel (`MultiFDPacket_t` in QEMU's `migration/multifd.h`).
///
/// Its pages, and those of zeros, come as one group of pages. A page whose content is in the
/// packet's compressed data is an entry of kind ``RAMPageEntry/Kind/packed``.
public struct MultifdPacket: Hashable, Sendable {
    /// Octets of a header before its page offsets.
    public static let fixedSize = 320
    /// Page offsets that a header may have room for. QEMU's has room for 512 KiB of pages.
    public static let roomLimit = 1 << 16
    /// Octets of pages in a packet.
    public static let pagesSize: UInt64 = 512 << 10

    public var flags: UInt32
    /// Packets are numbered over all channels.
    public var number: UInt64
    /// How many page offsets the header has room for.
    public var room: UInt32
    /// Octets of payload, as the header says. If no page has content there is none, whatever it
    /// says: QEMU up to 8.2 leaves the number of the packet before there.
    public var size: UInt32
    /// What the header says of the room, where that is not `room`: 0 in a mark of synchronization
    /// (9.0 and newer).
    public var allocated: UInt32?
    /// The header as it was sent, up to its last octet that is not zero, where the fields alone
    /// would not give it back.
    public var header: [UInt8]
    /// Whether the payload comes as pieces of octets, for it is compressed.
    public var hasData: Bool

    public init(
        flags: UInt32, number: UInt64, room: UInt32, size: UInt32, allocated: UInt32? = nil,
        header: [UInt8] = [], hasData: Bool = false
    ) {
        self.flags = flags
        self.number = number
        self.room = room
        self.size = size
        self.allocated = allocated
        self.header = header
        self.hasData = hasData
    }

    /// Octets of the header on the wire.
    public var headerSize: Int { MultifdPacket.fixedSize + 8 * Int(room) }
}

/// The flags of a packet (MULTIFD_FLAG_…).
public enum MultifdFlag {
    /// The channel has sent everything up to here: the sender waits for all of them.
    public static let sync: UInt32 = 0x01
    /// The bits that tell the method of compression.
    public static let methods: UInt32 = 0x3e
    /// The packet is one of device state.
    public static let deviceState: UInt32 = 0x40

    /// The method's name in QEMU.
    public static func method(_ flags: UInt32) -> String {
        switch flags & methods {
        case 0x00: "none"
        case 0x02: "zlib"
        case 0x04: "zstd"
        case 0x08: "qpl"
        case 0x10: "uadk"
        case 0x20: "qatzip"
        default: "unknown"
        }
    }
}

/// A packet of device state (`MultiFDPacketDeviceState_t`, QEMU 10.0 and newer). Its payload comes
/// as pieces of octets.
public struct DeviceStatePacket: Hashable, Sendable {
    /// Octets of the header on the wire.
    public static let headerSize = 276

    public var flags: UInt32
    /// The handler's name, as in a section.
    public var name: String
    public var instanceID: UInt32
    /// Octets of payload.
    public var size: UInt32
    /// The header as it was sent, where the fields alone would not give it back.
    public var header: [UInt8]

    public init(
        flags: UInt32, name: String, instanceID: UInt32, size: UInt32, header: [UInt8] = []
    ) {
        self.flags = flags
        self.name = name
        self.instanceID = instanceID
        self.size = size
        self.header = header
    }
}
