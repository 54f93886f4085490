/// An ASN.1 tag: class and number (X.690 8.1.2).
public struct Tag: Hashable, Sendable, BitwiseCopyable {
    public enum Class: UInt8, Hashable, Sendable, BitwiseCopyable {
        case universal = 0
        case application, context, `private`
    }

    public var `class`: Class
    /// The tag number; ``hugeNumber`` for all that don't fit.
    public var number: UInt64

    /// Stands for every number of 2^64 - 1 and above: no schema has such a tag, and none of them
    /// may be taken for a smaller one.
    public static let hugeNumber = UInt64.max

    public init(_ class: Class, _ number: UInt64) {
        self.class = `class`
        self.number = number
    }

    public static func universal(_ number: UInt64) -> Tag { Tag(.universal, number) }
    public static func application(_ number: UInt64) -> Tag { Tag(.application, number) }
    public static func context(_ number: UInt64) -> Tag { Tag(.context, number) }

    public static let endOfContents = universal(0)
    public static let boolean = universal(1)
    public static let integer = universal(2)
    public static let bitString = universal(3)
    public static let octetString = universal(4)
    public static let null = universal(5)
    public static let utf8String = universal(12)
    public static let sequence = universal(16)
    public static let set = universal(17)
}

extension Tag: CustomStringConvertible {
    /// As in ASN.1 text: `[APPLICATION 8914]`, `[3]`, or the universal type's name.
    public var description: String {
        let digits = number == Tag.hugeNumber ? "2^64 or more" : String(number)
        return switch `class` {
        case .universal: Tag.universalName(number) ?? "[UNIVERSAL \(digits)]"
        case .application: "[APPLICATION \(digits)]"
        case .context: "[\(digits)]"
        case .private: "[PRIVATE \(digits)]"
        }
    }

    /// The universal types' names (X.680 8.6, table 1).
    public static func universalName(_ number: UInt64) -> String? {
        universalText(number)?.description
    }

    /// ``universalName(_:)`` without a string being made.
    public static func universalText(_ number: UInt64) -> StaticString? {
        number < UInt64(universalNames.count) ? universalNames[Int(number)] : nil
    }

    private static let universalNames: [StaticString?] = [
        "end-of-contents", "BOOLEAN", "INTEGER", "BIT STRING", "OCTET STRING", "NULL",
        "OBJECT IDENTIFIER", "ObjectDescriptor", "EXTERNAL", "REAL", "ENUMERATED",
        "EMBEDDED PDV", "UTF8String", "RELATIVE-OID", "TIME", nil, "SEQUENCE", "SET",
        "NumericString", "PrintableString", "TeletexString", "VideotexString", "IA5String",
        "UTCTime", "GeneralizedTime", "GraphicString", "VisibleString", "GeneralString",
        "UniversalString", "CHARACTER STRING", "BMPString", "DATE", "TIME-OF-DAY",
        "DATE-TIME", "DURATION", "OID-IRI", "RELATIVE-OID-IRI",
    ]
}
