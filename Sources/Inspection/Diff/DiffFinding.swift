/// A difference between two streams' state.
public struct DiffFinding: Hashable, Sendable {
    public enum Change: String, Hashable, Sendable, Codable {
        /// Another value.
        case changed
        /// In the second input alone.
        case added
        /// In the first input alone.
        case removed
        /// Of another kind or width; the values are told too.
        case type
        /// A section's or a subsection's version id.
        case version
        /// A section that stands elsewhere among those that both inputs have.
        case moved
    }

    /// One side of it.
    public struct Side: Hashable, Sendable {
        /// As `berth show` names it.
        public var type: String
        /// As people read it.
        public var text: String
        /// As JSON.
        public var json: String
    }

    public var path: DevicePath
    public var change: Change
    public var before: Side?
    public var after: Side?
    /// How many elements or octets differ, where they are told together.
    public var count: Int?
}
