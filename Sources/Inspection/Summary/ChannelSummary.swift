/// What a channel beside the main one holds, in numbers. The property names are the keys of `--json`.
public struct ChannelSummary: Codable, Hashable, Sendable {
    /// Messages of one name on a return path.
    public struct Message: Codable, Hashable, Sendable {
        /// QEMU's.
        public var name: String
        public var count: Int
    }

    /// A bitmap of received pages on a return path.
    public struct Bitmap: Codable, Hashable, Sendable {
        public var block: String
        /// In octets.
        public var size: UInt64
        /// Pages received: the bits that are set.
        public var pages: UInt64
        /// Whether all of it came.
        public var isWhole: Bool
    }

    /// A descriptor of a CPR state.
    public struct Descriptor: Codable, Hashable, Sendable {
        public var name: String
        public var id: Int32
        /// The descriptor's number, where the octets have it.
        public var number: Int32?
    }

    /// `multifd`, `preempt`, `return-path`, `continued` or `cpr-state`.
    public var kind: String
    /// Octets from the start of the input to the channel.
    public var offset: UInt64
    /// The channel's number among multifd channels.
    public var id: Int?
    /// Of the multifd protocol, or of the CPR file.
    public var version: UInt32?
    /// The VM's, if it has one.
    public var uuid: String?
    /// Packets of RAM.
    public var packets: Int?
    /// Packets that mark a synchronization with the main channel.
    public var syncs: Int?
    /// Packets by their method of compression, if they have data.
    public var compression: [String: Int]?
    /// Octets of pages, compressed or not.
    public var payload: UInt64?
    /// Packets of device state.
    public var devicePackets: Int?
    /// Octets of device state.
    public var deviceState: UInt64?
    public var pages: StreamSummary.Pages?
    public var messages: [Message]?
    /// Octets that the destination asked for.
    public var requested: UInt64?
    public var bitmaps: [Bitmap]?
    public var descriptors: [Descriptor]?
    /// Whether an end-of-section record ends a preempt channel.
    public var hasEndMark: Bool?
    /// Octets at the end that are nothing whole.
    public var cut: UInt64 = 0

    public init(kind: String, offset: UInt64) {
        self.kind = kind
        self.offset = offset
    }
}
