/// How RAM and state went over: the passes over RAM, what was sent again, and what was sent when the
/// guest stood still. The property names are the keys of `--json`.
public struct TransferSummary: Codable, Hashable, Sendable {
    /// One pass over the blocks. No stream marks where a pass begins: a new one does where a page
    /// stands before the one before it.
    public struct Pass: Codable, Hashable, Sendable {
        public var zero: UInt64 = 0
        /// Pages with content: full, XBZRLE, compressed.
        public var data: UInt64 = 0
        /// Octets of its records.
        public var octets: UInt64 = 0
    }

    /// What went when the guest stood still: from the first END section on, or, in post-copy, the
    /// package that starts the guest at the other side.
    public struct Downtime: Codable, Hashable, Sendable {
        /// All of it in the binary stream; the sum of the three.
        public var octets: UInt64 = 0
        /// The last pages, and what ends other iterators.
        public var iterators: UInt64 = 0
        public var devices: UInt64 = 0
        /// The vmdesc, the end mark, commands.
        public var other: UInt64 = 0
        /// Pages, of whatever kind.
        public var pages: UInt64 = 0
    }

    /// Pages that were sent at least once.
    public var distinctPages: UInt64 = 0
    /// Records of pages that had been sent before: they were dirty again.
    public var resentPages: UInt64 = 0
    /// Octets of those records.
    public var resentOctets: UInt64 = 0
    /// Pages of the blocks that no record is of.
    public var missingPages: UInt64?
    /// The first passes.
    public var passes: [Pass] = []
    /// How many passes there were.
    public var passCount = 0
    public var downtime = Downtime()
    /// Octets of the binary stream, by what they are.
    public var sizes: [String: UInt64] = [:]
}

/// Something that few streams have.
public struct UnusualFact: Codable, Hashable, Sendable {
    /// A name for programs.
    public var code: String
    public var message: String
}
