internal import ASN1

/// The types that X.680 and X.681 define by other types ("associated types"), as module text.
enum StandardTypes {
    static let text = """
        Associated-Types DEFINITIONS ::= BEGIN
        -- X.690 8.18.1
        External ::= [UNIVERSAL 8] IMPLICIT SEQUENCE {
          direct-reference OBJECT IDENTIFIER OPTIONAL,
          indirect-reference INTEGER OPTIONAL,
          data-value-descriptor ObjectDescriptor OPTIONAL,
          encoding CHOICE {
            single-ASN1-type [0] Any,
            octet-aligned [1] IMPLICIT OCTET STRING,
            arbitrary [2] IMPLICIT BIT STRING } }
        -- X.680 36.5, with automatic tags
        Embedded-pdv ::= [UNIVERSAL 11] IMPLICIT SEQUENCE {
          identification [0] Identification,
          data-value [2] IMPLICIT OCTET STRING }
        -- X.680 44.5, with automatic tags
        Character-string ::= [UNIVERSAL 29] IMPLICIT SEQUENCE {
          identification [0] Identification,
          string-value [1] IMPLICIT OCTET STRING }
        Identification ::= CHOICE {
          syntaxes [0] IMPLICIT SEQUENCE {
            abstract [0] IMPLICIT OBJECT IDENTIFIER,
            transfer [1] IMPLICIT OBJECT IDENTIFIER },
          syntax [1] IMPLICIT OBJECT IDENTIFIER,
          presentation-context-id [2] IMPLICIT INTEGER,
          context-negotiation [3] IMPLICIT SEQUENCE {
            presentation-context-id [0] IMPLICIT INTEGER,
            transfer-syntax [1] IMPLICIT OBJECT IDENTIFIER },
          transfer-syntax [4] IMPLICIT OBJECT IDENTIFIER,
          fixed [5] IMPLICIT NULL }
        -- X.681 C.7
        Instance-of ::= [UNIVERSAL 8] IMPLICIT SEQUENCE {
          type-id OBJECT IDENTIFIER,
          value [0] EXPLICIT ANY }
        Any ::= ANY
        END
        """

    static func compile() -> Schema? {
        SchemaCompiler().compile([SourceFile(name: "(X.680)", text: text)]).schema
    }
}
