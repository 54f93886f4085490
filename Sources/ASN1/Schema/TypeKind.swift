/// What a type is, apart from its tags and constraints.
public enum TypeKind: Sendable, Hashable {
    /// A type without parts that the schema has to know.
    public enum Simple: String, Sendable, Hashable, CaseIterable {
        case boolean = "BOOLEAN"
        case null = "NULL"
        case real = "REAL"
        case octetString = "OCTET STRING"
        case objectIdentifier = "OBJECT IDENTIFIER"
        case relativeOID = "RELATIVE-OID"
        case objectIdentifierIRI = "OID-IRI"
        case relativeOIDIRI = "RELATIVE-OID-IRI"
        case external = "EXTERNAL"
        case embeddedPDV = "EMBEDDED PDV"
        case unrestrictedCharacterString = "CHARACTER STRING"
        case time = "TIME"
        case date = "DATE"
        case timeOfDay = "TIME-OF-DAY"
        case dateTime = "DATE-TIME"
        case duration = "DURATION"
        case utf8String = "UTF8String"
        case numericString = "NumericString"
        case printableString = "PrintableString"
        case teletexString = "TeletexString"
        case videotexString = "VideotexString"
        case ia5String = "IA5String"
        case graphicString = "GraphicString"
        case visibleString = "VisibleString"
        case generalString = "GeneralString"
        case universalString = "UniversalString"
        case bmpString = "BMPString"
        case utcTime = "UTCTime"
        case generalizedTime = "GeneralizedTime"
        case objectDescriptor = "ObjectDescriptor"
    }

    case simple(Simple)
    case integer(named: [NamedNumber])
    case bitString(named: [NamedNumber])
    case enumerated(Enumeration)
    case sequence(Structure)
    case set(Structure)
    case choice(Structure)
    case sequenceOf(TypeUse)
    case setOf(TypeUse)
    case instanceOf(classIndex: String)
    /// Any value: 1988's ANY, or a field whose type the object decides.
    case openType(OpenType)
    /// A type that could not be made out; the diagnostics tell why. In a schema without errors
    /// it stands only for a dummy of a parameterized type and for a macro's type.
    case unknown
}

/// A named number or named bit (X.680 19 and 22).
public struct NamedNumber: Sendable, Hashable {
    public let name: String
    public let value: BigInteger
}

/// ENUMERATED with its values assigned (X.680 20).
public struct Enumeration: Sendable, Hashable {
    public struct Item: Sendable, Hashable {
        public let name: String
        public let value: BigInteger
        /// True behind the extension marker.
        public let isAddition: Bool
    }
    public let items: [Item]
    public let isExtensible: Bool
}

/// A reference to an entry of the type table, with the place of use.
public struct TypeUse: Sendable, Hashable {
    /// The index in `Schema.types`.
    public let type: Int
    /// Where the text uses it.
    public let location: SourceLocation
}

/// The components of SEQUENCE and SET, or the alternatives of CHOICE, with COMPONENTS OF
/// replaced and automatic tags given.
public struct Structure: Sendable, Hashable {
    public struct Component: Sendable, Hashable {
        /// Whether a value needs it.
        public enum Presence: Sendable, Hashable {
            case required
            case optional
            case defaultValue(SchemaValue)
        }
        /// The identifier; empty for an unnamed component of 1988.
        public let name: String
        public let use: TypeUse
        public let presence: Presence
        /// True for an extension addition.
        public let isAddition: Bool
        /// The version brackets it stands in, numbered from 0.
        public let group: Int?
        /// Where the component begins in the text.
        public let location: SourceLocation
    }
    /// The components in textual order: first root, additions, second root.
    public let components: [Component]
    public let isExtensible: Bool
    /// How many components stand before the extension insertion point.
    public let insertionIndex: Int
}

/// What is known about an open type.
public struct OpenType: Sendable, Hashable {
    /// The class whose field it is, with its module, or `nil` for ANY.
    public let className: String?
    /// The field without `&`.
    public let fieldName: String?
    /// The component that an ANY DEFINED BY names.
    public let definedBy: String?
}
