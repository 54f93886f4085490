/// What a connection beside the main channel is for (QEMU's `migration/channel.c`).
public enum ChannelKind: String, Hashable, Sendable, CaseIterable {
    /// Pages and device state, in packets.
    case multifd
    /// Pages that the destination asked for, out of turn (`postcopy-preempt`).
    case preempt
    /// What the destination tells the source.
    case returnPath = "return-path"
    /// The main channel after post-copy's recovery: it has no header.
    case continued
    /// File descriptors that go ahead of the main channel (CPR).
    case cprState = "cpr-state"
}

/// A channel, with what its first octets say.
public enum Channel: Hashable, Sendable {
    case multifd(MultifdInit)
    case preempt
    case returnPath
    case continued
    /// - Parameter version: of the CPR file.
    case cprState(version: UInt32)

    public var kind: ChannelKind {
        switch self {
        case .multifd: .multifd
        case .preempt: .preempt
        case .returnPath: .returnPath
        case .continued: .continued
        case .cprState: .cprState
        }
    }
}

/// The 64 octets that open a multifd channel (`MultiFDInit_t` in QEMU's `migration/multifd.c`).
public struct MultifdInit: Hashable, Sendable {
    /// The magic number that a channel and each of its packets begin with.
    public static let magic: UInt32 = 0x1122_3344
    /// Octets on the wire.
    public static let size = 64
    /// Octets behind the id, all zero so far.
    public static let reservedSize = 39

    public var version: UInt32
    /// The VM's UUID, 16 octets; zeros if it has none.
    public var uuid: [UInt8]
    /// The channel's number, from 0.
    public var id: UInt8
    /// The reserved octets; empty if they are all zero.
    public var reserved: [UInt8]

    public init(version: UInt32 = 1, uuid: [UInt8], id: UInt8, reserved: [UInt8] = []) {
        self.version = version
        self.uuid = uuid
        self.id = id
        self.reserved = reserved
    }
}

/// A descriptor in the CPR state (`CprFd` in QEMU's `migration/cpr.c`).
public struct CPRDescriptor: Hashable, Sendable {
    public var name: String
    public var id: Int32
    /// The descriptor's number, with `cpr-exec`. With `cpr-transfer` it goes beside the octets
    /// (SCM_RIGHTS).
    public var number: Int32?

    public init(name: String, id: Int32, number: Int32?) {
        self.name = name
        self.id = id
        self.number = number
    }
}
