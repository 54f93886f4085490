/// JSON made by hand: a few members in a fixed order.
enum JSONText {
    static func string(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { "\(string($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }
}

extension FindingText {
    /// A JSON string.
    public static func string(_ text: String) -> String { JSONText.string(text) }

    /// A JSON object of members whose values are JSON already.
    public static func object(_ members: [(String, String)]) -> String { JSONText.object(members) }
}
