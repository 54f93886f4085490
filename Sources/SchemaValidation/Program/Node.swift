internal import ASN1

/// What the interpreter does with an element of a type: one instruction of the program.
struct Node: BitwiseCopyable, Sendable {
    enum Shape: UInt8, BitwiseCopyable, Sendable {
        // Without a tag of its own: chooses among others, or takes all.
        case choice, any
        // Constructed.
        case wrapper, sequence, set, sequenceOf, setOf
        // Primitive alone.
        case boolean, integer, enumerated, null, objectIdentifier, relativeOID, real
        // Primitive, or in segments.
        case octetString, bitString, characterString
    }

    /// How the characters of a string lie in its octets, and what they must be.
    enum Characters: UInt8, BitwiseCopyable, Sendable {
        case none
        /// One octet a character, of those that the alphabet has.
        case single
        /// Escape sequences choose the repertoire: octets are counted.
        case escaped
        case utf8, two, four
        case utcTime, generalizedTime
        case date, timeOfDay, dateTime, duration, time
        case iri, relativeIRI

        /// DATE, TIME-OF-DAY, DATE-TIME and DURATION: encoded without hyphens, colons, T and P.
        var isTimeWithoutMarks: Bool { self >= .date && self <= .duration }

        var timeType: TypeKind.Simple? {
            switch self {
            case .utcTime: .utcTime
            case .generalizedTime: .generalizedTime
            case .date: .date
            case .timeOfDay: .timeOfDay
            case .dateTime: .dateTime
            case .duration: .duration
            case .time: .time
            default: nil
            }
        }

        /// Never in segments (X.690 8.21, 8.22 and 8.26).
        var isPrimitive: Bool { self >= .date && self <= .relativeIRI }

        static func >= (a: Characters, b: Characters) -> Bool { a.rawValue >= b.rawValue }
        static func <= (a: Characters, b: Characters) -> Bool { a.rawValue <= b.rawValue }
    }

    struct Flags: OptionSet, BitwiseCopyable, Sendable {
        let rawValue: UInt16
        /// Unknown components or alternatives are to be passed over.
        static let isExtensible = Flags(rawValue: 1)
        /// Sizes are checked.
        static let hasSize = Flags(rawValue: 2)
        /// The sizes allowed are one range.
        static let hasOneSize = Flags(rawValue: 4)
        /// Integers are checked.
        static let hasRange = Flags(rawValue: 8)
        /// The integers allowed are one range within 64 bits.
        static let hasOneRange = Flags(rawValue: 16)
        /// Characters are checked.
        static let hasAlphabet = Flags(rawValue: 32)
        /// Some constraint needs the whole value at hand.
        static let isHeld = Flags(rawValue: 64)
        /// The bits have names, so that zero bits at the end don't count.
        static let hasNamedBits = Flags(rawValue: 128)
        /// The contents are a value of a type.
        static let contains = Flags(rawValue: 256)
        /// An open type whose type an object set decides.
        static let hasTable = Flags(rawValue: 512)
        /// Holds registers for key values.
        static let isAnchor = Flags(rawValue: 1024)
        /// An open type: `any` with a table, or with a single type inside.
        static let isResolved = Flags(rawValue: 2048)
        /// Its value is a key that an open type looks for.
        static let isKey = Flags(rawValue: 4096)
        /// The contents of an element are only looked at as BER.
        static let isUnknown = Flags(rawValue: 8192)
        /// The contents are encoded by other rules than the string.
        static let hasOtherRules = Flags(rawValue: 32768)
        /// EXTERNAL: constraints speak of other components than the encoding has.
        static let isExternal = Flags(rawValue: 16384)
    }

    var shape: Shape
    var characters = Characters.none
    var flags: Flags = []
    /// The tag of the element; `none` for a choice or an open type.
    var tag = TagKey.none
    /// The first of the components, or the element's, wrapped or contained node.
    var first: Int32 = 0
    /// The number of components.
    var count: Int32 = 0
    /// Where in the dispatch table the entries begin.
    var table: Int32 = 0
    var tableCount: Int32 = 0
    /// How many components stand before the extension insertion point.
    var insertion: Int32 = 0
    /// What the components with bits 0 to 63 must be there, for SET.
    var required: UInt64 = 0
    var sizeLower: UInt64 = 0
    var sizeUpper: UInt64 = .max
    var rangeLower: Int64 = .min
    var rangeUpper: Int64 = .max
    /// The facts that are too large or too rare for here.
    var detail: Int32 = -1
    /// The component that takes any tag, from the first, or -1.
    var anyComponent: Int32 = -1
    /// Registers of an anchor.
    var registers: Int32 = 0

    init(_ shape: Shape) { self.shape = shape }
}

/// A component of SEQUENCE or SET, or an alternative of CHOICE.
struct Component: BitwiseCopyable, Sendable {
    struct Flags: OptionSet, BitwiseCopyable, Sendable {
        let rawValue: UInt8
        static let isRequired = Flags(rawValue: 1)
        /// An extension addition: older senders leave it out.
        static let isAddition = Flags(rawValue: 2)
        static let hasDefault = Flags(rawValue: 4)
        /// WITH COMPONENTS forbids it.
        static let isAbsent = Flags(rawValue: 8)
        /// Has no tag of its own: the node decides.
        static let asksNode = Flags(rawValue: 16)
    }

    var node: Int32
    var tag: TagKey
    var flags: Flags
    /// The version brackets, or -1.
    var group: Int32 = -1
    /// Which name.
    var name: Int32
    /// Which place of use.
    var use: Int32
    /// Which place demands or forbids it, or -1.
    var rule: Int32 = -1
    /// Which default value, or -1.
    var defaultValue: Int32 = -1
    /// The first of the captures of its value as a key, in `Program.captures`, and how many.
    var captures: Int32 = 0
    var captureCount: Int32 = 0
}

/// An entry of a dispatch table: the tag leads to a component.
struct Dispatch: BitwiseCopyable, Sendable {
    var tag: TagKey
    /// The index of the component, from the first of its node.
    var component: Int32
}
