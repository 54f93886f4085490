/// The reserved words of X.680 12.38 and of X.681 to X.683.
enum ReservedWords {
    static let all: Set<String> = [
        "ABSENT", "ABSTRACT-SYNTAX", "ALL", "APPLICATION", "AUTOMATIC", "BEGIN", "BIT",
        "BMPString", "BOOLEAN", "BY", "CHARACTER", "CHOICE", "CLASS", "COMPONENT", "COMPONENTS",
        "CONSTRAINED", "CONTAINING", "DATE", "DATE-TIME", "DEFAULT", "DEFINITIONS", "DURATION",
        "EMBEDDED", "ENCODED", "ENCODING-CONTROL", "END", "ENUMERATED", "EXCEPT", "EXPLICIT",
        "EXPORTS", "EXTENSIBILITY", "EXTERNAL", "FALSE", "FROM", "GeneralizedTime",
        "GeneralString", "GraphicString", "IA5String", "IDENTIFIER", "IMPLICIT", "IMPLIED",
        "IMPORTS", "INCLUDES", "INSTANCE", "INSTRUCTIONS", "INTEGER", "INTERSECTION",
        "ISO646String", "MAX", "MIN", "MINUS-INFINITY", "NOT-A-NUMBER", "NULL", "NumericString",
        "OBJECT", "ObjectDescriptor", "OCTET", "OF", "OID-IRI", "OPTIONAL", "PATTERN", "PDV",
        "PLUS-INFINITY", "PRESENT", "PrintableString", "PRIVATE", "REAL", "RELATIVE-OID",
        "RELATIVE-OID-IRI", "SEQUENCE", "SET", "SETTINGS", "SIZE", "STRING", "SYNTAX",
        "T61String", "TAGS", "TeletexString", "TIME", "TIME-OF-DAY", "TRUE", "TYPE-IDENTIFIER",
        "UNION", "UNIQUE", "UNIVERSAL", "UniversalString", "UTCTime", "UTF8String",
        "VideotexString", "VisibleString", "WITH",
    ]

    /// Types that modules written for compilers without them define themselves, as X.680 does
    /// (`VisibleString ::= [UNIVERSAL 26] IMPLICIT OCTET STRING`). References mean the built-in type.
    static let stringTypes: Set<String> = [
        "BMPString", "EXTERNAL", "GeneralizedTime", "GeneralString", "GraphicString", "IA5String",
        "NumericString", "ObjectDescriptor", "PrintableString", "T61String", "TeletexString",
        "UniversalString", "UTCTime", "UTF8String", "VideotexString", "VisibleString",
    ]

    /// Words that later editions reserved, or that only a few productions use. Modules of other
    /// times use them as references, and nothing becomes ambiguous when they do.
    static let soft: Set<String> = [
        "ABSTRACT-SYNTAX", "DATE", "DATE-TIME", "DURATION", "INSTRUCTIONS", "SETTINGS", "TIME",
        "TIME-OF-DAY", "TYPE-IDENTIFIER", "NOT-A-NUMBER", "OID-IRI", "RELATIVE-OID-IRI",
        "PATTERN", "CONTAINING", "ENCODED", "UNION", "INTERSECTION", "EXCEPT", "ALL", "CLASS",
        "INSTANCE", "CONSTRAINED", "SYNTAX", "UNIQUE", "AUTOMATIC", "PDV", "EMBEDDED",
        "EXTENSIBILITY", "IMPLIED", "ENCODING-CONTROL", "ISO646String", "RELATIVE-OID",
    ]
}
