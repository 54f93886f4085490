public import ByteIO

/// What a relay is to do.
public struct RelayOptions: Sendable {
    /// Where the source connects to.
    public var listen: SocketAddress
    /// Where the destination listens.
    public var connect: SocketAddress
    /// The BER file that the migration is recorded in.
    public var record: String?
    /// Whether octets go on only when what they hold has been looked at, and what is malformed ends
    /// the migration.
    public var verifies = false
    /// Whether the migration may wait for the recording as long as that takes.
    public var waits = false
    /// Octets that may wait for the recording, for the main channel.
    public var buffer = 64 << 20
    /// Who encodes, in the recording.
    public var producer = "berth"

    public init(listen: SocketAddress, connect: SocketAddress) {
        self.listen = listen
        self.connect = connect
    }

    /// Octets of any other channel that may wait.
    var channelBuffer: Int { min(buffer, 16 << 20) }
}

/// What has become of a relayed migration.
public struct RelayReport: Hashable, Sendable, Encodable {
    public struct Connection: Hashable, Sendable, Encodable {
        /// What the first octets told, as `main`, `multifd`, `preempt`; `unknown` if nothing did.
        public var kind: String
        /// Octets towards the destination.
        public var sent: UInt64
        /// Octets back.
        public var received: UInt64
    }

    public var connections: [Connection] = []
    public var seconds = 0.0
    /// Octets of RAM.
    public var total: UInt64 = 0
    public var pages: UInt64 = 0
    public var zeroPages: UInt64 = 0
    public var rounds = 0
    public var postcopy = false
    /// Whether all was looked at; if not, the numbers of pages and rounds are as far as that went.
    public var watched = true
    /// Whether the main channel came to its end mark; `nil` if it was not looked at to the end.
    public var complete: Bool?
    /// Octets of the recording, if it is whole.
    public var recorded: UInt64?
    /// Why there is no recording, though one was wanted.
    public var recordingFailure: String?
    /// Why the migration was cut off.
    public var refusal: String?

    public init() {}
}
