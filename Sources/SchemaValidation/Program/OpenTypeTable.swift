internal import ASN1
internal import ByteIO

/// The rows of an object set, as an open type needs them: key values lead to a type
/// (X.682 10).
struct OpenTypeTable: Sendable {
    /// What an object gives a field of values.
    enum Cell: Sendable {
        case value(SchemaValue)
        /// Any value of a set: of the type that the set makes.
        case set(TypeUse)
    }

    struct Row: Sendable {
        /// One key for each relation.
        var keys: [Cell]
        /// The same as the element that DER makes of it, where that is the only one in BER but for
        /// lengths: tag and content.
        var exact: [[UInt8]?]
        /// The type of the field, -1 if the object leaves it out.
        var node: Int32
        /// The value of the field, where that is no type.
        var value: Cell?
    }

    /// Where a key is.
    struct Key: Sendable {
        /// The structure that holds it, and the place among its registers.
        var anchor: Int32
        var register: Int32
        /// The components that lead to it, from the anchor on: positions in their structures.
        var path: [Int32]
        /// The component's instruction.
        var node: Int32
        var defaultValue: SchemaValue?
    }

    var rows: [Row] = []
    var isExtensible = false
    var setName = ""
    var keys: [Key] = []
    var place = SourceLocation(file: 0, line: 0, column: 0)
    /// There are rows whose keys could not be told.
    var hasUnknownRows = false

    /// An object's setting of a field, if it is one of values that can be told.
    static func cell(_ setting: ObjectSet.Setting?) -> Cell? {
        switch setting {
        case .value(let value)? where value != .unknown: .value(value)
        case .valueSet(let use)?: .set(use)
        default: nil
        }
    }

    /// How a key of a primitive type without variants looks: class and number, then content.
    static func exact(_ tag: TagKey, _ content: [UInt8]) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: tag.bits >> UInt64(56 - 8 * $0)) } + content
    }
}
