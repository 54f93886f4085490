/// One container that a stream was found in. The property names are keys of `info --json`.
public struct ContainerLayer: Codable, Hashable, Sendable {
    public struct Detail: Codable, Hashable, Sendable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A snapshot that the container offers.
    public struct Snapshot: Codable, Hashable, Sendable {
        public var id: String
        public var name: String
        /// As in `2026-11-22T20:38:00Z`.
        public var date: String
        /// How long the guest had run, in nanoseconds.
        public var vmClock: UInt64
        /// In octets; 0: the snapshot is one of the disk alone.
        public var vmStateSize: UInt64
        /// Of the virtual disk, in octets.
        public var diskSize: UInt64
        /// Whether its stream is the one that is read.
        public var isChosen: Bool
    }

    /// As in `gzip`, `libvirt save image`.
    public var kind: String
    public var details: [Detail]
    public var snapshots: [Snapshot]?

    public init(_ kind: String, _ details: [Detail] = [], snapshots: [Snapshot]? = nil) {
        self.kind = kind
        self.details = details
        self.snapshots = snapshots
    }
}
