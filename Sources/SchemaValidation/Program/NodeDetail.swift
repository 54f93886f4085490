internal import ASN1

/// A place in the schema's text.
struct Place: Sendable, Hashable {
    var location: SourceLocation
    /// Text for people: the assignment's or the component's notation.
    var isStandard = false
}

/// What is known about a type beside the instruction: looked at when something is wrong, or rare.
struct NodeDetail: Sendable {
    /// A size, range or alphabet constraint with its place.
    struct Rule: Sendable {
        var ranges: IntegerRanges
        var place: SourceLocation
    }
    /// A constraint that needs the whole value.
    struct Held: Sendable {
        var expression: ConstraintExpression
        var place: SourceLocation
    }

    /// A component whose value leads to an object set's row, in the order of the registers.
    struct HeldKey: Sendable {
        var name: String
        var node: Int32
    }

    /// The type as people know it: a reference or a built-in type's name.
    var typeName = ""
    /// The entry of the type table, where the node stands for one of the user's schema.
    var type = -1
    var isStandard = false
    var place = SourceLocation(file: 0, line: 0, column: 0)
    var sizes: [Rule] = []
    var ranges: [Rule] = []
    var alphabets: [Rule] = []
    var held: [Held] = []
    /// Sizes allowed, where they are several ranges.
    var sizeRanges: [ClosedRange<UInt64>] = []
    /// Integers allowed.
    var integerRanges: [OctetRange] = []
    /// Characters allowed below 256, a bit each.
    var lowCharacters = CharacterBitmap()
    /// Characters allowed, all of them.
    var characterRanges: [ClosedRange<UInt32>] = []
    /// Values of ENUMERATED that are allowed, and their names.
    var enumeration: [OctetInteger] = []
    var enumerationNames: [String] = []
    /// Named numbers and bits.
    var names: [(name: String, value: Int64)] = []
    /// The rows of an open type's table.
    var table: OpenTypeTable?
    /// The keys that are held while the structure is open.
    var heldKeys: [HeldKey] = []
    /// Rules that forbid or demand values of BOOLEAN: bit 0 FALSE, bit 1 TRUE.
    var booleans: UInt8 = 3
    var booleanPlace: SourceLocation?
    var enumerationPlace: SourceLocation?
    /// By which rules the contents are encoded, if not by those of the string around them.
    var contentRules: ValueRules?
    /// The field of a class that the value is.
    var keyField: String?
    /// The key's own table: the value must be in a row.
    var keyTable: OpenTypeTable?
}

/// 256 characters, a bit each.
struct CharacterBitmap: Sendable, BitwiseCopyable {
    var a: UInt64 = 0
    var b: UInt64 = 0
    var c: UInt64 = 0
    var d: UInt64 = 0

    @inline(__always)
    func contains(_ octet: UInt8) -> Bool {
        let bit: UInt64 = 1 << UInt64(octet & 63)
        switch octet >> 6 {
        case 0: return a & bit != 0
        case 1: return b & bit != 0
        case 2: return c & bit != 0
        default: return d & bit != 0
        }
    }

    mutating func insert(_ octet: UInt8) {
        let bit: UInt64 = 1 << UInt64(octet & 63)
        switch octet >> 6 {
        case 0: a |= bit
        case 1: b |= bit
        case 2: c |= bit
        default: d |= bit
        }
    }
}
