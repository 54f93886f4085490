internal import ASN1
internal import ByteIO

/// The rows of an object set, as an open type needs them: key values lead to a type
/// (X.682 10).
struct OpenTypeTable: Sendable {
    struct Row: Sendable {
        /// One key for each relation: tag and content octets.
        var keys: [[UInt8]]
        /// The type of the field, -1 if the object leaves it out.
        var node: Int32
    }

    var rows: [Row] = []
    var isExtensible = false
    var setName = ""
    /// Where the keys are: the structure that holds them, and the place among its registers.
    var anchors: [Int32] = []
    var registers: [Int32] = []
    var place = SourceLocation(file: 0, line: 0, column: 0)
    /// Keys for which there is a row, where no value could be told for another row.
    var hasUnknownRows = false

    /// The rows with these keys.
    func row(_ matches: (Int, [UInt8]) -> Bool) -> Row? {
        rows.first { row in
            for (index, key) in row.keys.enumerated() where !matches(index, key) { return false }
            return true
        }
    }
}
