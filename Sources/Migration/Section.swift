/// A section's type octet (QEMU's `migration/savevm.h`).
public enum SectionKind: UInt8, Hashable, Sendable {
    case start = 1
    case part = 2
    case end = 3
    case full = 4

    /// Whether a header of this kind has the handler's name and numbers on the wire.
    public var isNamed: Bool { self == .start || self == .full }
}

/// The header of a section.
public struct SectionHeader: Hashable, Sendable {
    public var kind: SectionKind
    /// The number that the sender gave to the handler; neither contiguous nor ascending.
    public var sectionID: UInt32
    /// The handler's name and numbers: on the wire in START and FULL alone. For PART and END a
    /// reader repeats those of the START.
    public var name: String
    public var instanceID: UInt32
    public var versionID: UInt32

    public init(
        kind: SectionKind, sectionID: UInt32, name: String, instanceID: UInt32, versionID: UInt32
    ) {
        self.kind = kind
        self.sectionID = sectionID
        self.name = name
        self.instanceID = instanceID
        self.versionID = versionID
    }

    /// Whether the wire has the name, instance id and version id.
    public var isNamed: Bool { kind.isNamed }
}

/// What a section's payload is known to be.
public enum SectionContents: Hashable, Sendable {
    case ram
    /// Records of an iterator other than RAM.
    case iterator(IteratorLayout)
    case device
    /// Not described. The length in octets, where it is known before the payload comes.
    case opaque(length: UInt64?)
}

/// What stands before everything else.
public struct StreamHeader: Hashable, Sendable {
    /// The version behind the magic `QEVM`: 3. It is 0 where there is no main channel, but only
    /// others.
    public var fileVersion: UInt32
    /// Octets of zero before the magic (`file:…,offset=N`).
    public var leadingZeros: UInt64
    /// The channels that follow beside the main one, where their number is known.
    public var channels: UInt32?
    /// The file that the stream came in, where it is kept.
    public var container: Container?

    public init(
        fileVersion: UInt32 = 3, leadingZeros: UInt64 = 0, channels: UInt32? = nil,
        container: Container? = nil
    ) {
        self.fileVersion = fileVersion
        self.leadingZeros = leadingZeros
        self.channels = channels
        self.container = container
    }

    /// The magic number `QEVM`.
    public static let magic: UInt32 = 0x5145_564d
}

/// The configuration section, which follows the header directly.
public struct Configuration: Hashable, Sendable {
    /// The machine type's canonical name, as in `pc-i440fx-7.2`.
    public var machine: String
    /// Its subsections, below the root of a state without fields.
    public var subsections: DeviceState

    public init(machine: String, subsections: DeviceState) {
        self.machine = machine
        self.subsections = subsections
    }
}
