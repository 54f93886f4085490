public import ByteIO

/// Hears what a pass finds: values with their names. Validation alone needs none.
///
///     begin(structure) ─ begin(simple) ─ content* ─ end ─ … ─ end(structure)
///
/// Content of strings may come in pieces. Nothing is allocated for an event.
public protocol ValueListener: ~Copyable {
    /// False spares the pass all that is done for events alone.
    static var wantsEvents: Bool { get }
    /// A value begins.
    mutating func begin(_ event: ValueEvent) throws(ByteIOError)
    /// Content octets of a simple value, in one or several pieces.
    mutating func content(
        _ event: ValueEvent, _ octets: RawSpan, isFirst: Bool, isLast: Bool
    ) throws(ByteIOError)
    /// A simple value that is at hand whole: all three of the above in one.
    mutating func simple(_ event: ValueEvent, _ octets: RawSpan) throws(ByteIOError)
    /// A value ends, the one that began last of those that haven't.
    mutating func end(_ event: ValueEvent) throws(ByteIOError)
    /// The pass is over. After a fault that ended it, values are open still.
    mutating func finish() throws(ByteIOError)
}

extension ValueListener where Self: ~Copyable {
    public mutating func finish() throws(ByteIOError) {}

    @inlinable
    public mutating func simple(_ event: ValueEvent, _ octets: RawSpan) throws(ByteIOError) {
        try begin(event)
        try content(event, octets, isFirst: true, isLast: true)
        try end(event)
    }
}

/// What an event is about; all of it are indexes and numbers.
public struct ValueEvent: BitwiseCopyable, Sendable {
    public enum Kind: UInt8, BitwiseCopyable, Sendable {
        /// A value of SEQUENCE or SET.
        case structure
        /// A value of SEQUENCE OF or SET OF.
        case list
        /// A value of CHOICE: its alternative's value stands inside.
        case choice
        /// A simple value.
        case simple
        /// An element that no type is known of: constructed, primitive.
        case unknownConstructed, unknownPrimitive
    }

    public var kind: Kind
    /// The instruction, which leads to type and constraints.
    public var node: Int32
    /// The name it has where it stands: an index of the program's names, or -1.
    public var name: Int32
    /// Offset of the first identifier octet.
    public var offset: UInt64
    /// The tag.
    var tag: TagKey
    /// Octets of content; `UInt64.max` if not known when it begins.
    public var length: UInt64
    /// Whether a list holds it.
    public var isElement: Bool
    /// Its place in that list, from 0.
    public var index: UInt64 = 0
    /// It stands in an open type, or in a string that contains it.
    public var isOpen = false
    /// Elements around it.
    public var depth: UInt32
    /// Unused bits at the end of a BIT STRING: known when it ends.
    public var unusedBits: UInt8 = 0
}

/// Hears nothing.
public struct NoListener: ValueListener {
    public static var wantsEvents: Bool { false }
    public init() {}
    public mutating func begin(_ event: ValueEvent) throws(ByteIOError) {}
    public mutating func content(
        _ event: ValueEvent, _ octets: RawSpan, isFirst: Bool, isLast: Bool
    ) throws(ByteIOError) {}
    public mutating func end(_ event: ValueEvent) throws(ByteIOError) {}
}
