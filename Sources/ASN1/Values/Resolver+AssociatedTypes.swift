/// The types whose value notation is that of an associated type.
extension Resolver {
    /// The structure that gives a type its value notation and its inner subtyping: of REAL
    /// (X.680 21.5), EMBEDDED PDV (36.5), EXTERNAL (37.5), CHARACTER STRING (44.5), and INSTANCE OF
    /// (X.681 C.7).
    func associated(_ core: NodeCore) -> StructureNode? {
        let name: String
        switch core {
        case .simple(.real): name = "REAL-Associated"
        case .simple(.embeddedPDV): name = "EMBEDDED-PDV-Associated"
        case .simple(.external): name = "EXTERNAL-Associated"
        case .simple(.unrestrictedCharacterString): name = "CHARACTER-STRING-Associated"
        case .instanceOf: name = "INSTANCE-OF-Associated"
        default: return nil
        }
        guard let module = associatedTypes, let assignment = module.assignments[name] else {
            return nil
        }
        let node = assignmentNode(assignment, module)
        drain()
        guard case .core(.structure(let structure))? = root(node)?.form else { return nil }
        return structure
    }

    /// A value in braces of such a type.
    func associatedValue(
        _ range: TokenRange, _ core: NodeCore, _ scope: Scope, _ location: SourceLocation
    ) -> SchemaValue? {
        guard let structure = associated(core) else { return .unknown }
        if case .simple(.external) = core,
            tokens[range.file][range.start..<range.end].contains(where: {
                ["direct-reference", "indirect-reference", "encoding"].contains($0.text)
            })
        {
            // The value notation that X.208 gave EXTERNAL.
            sink.warning(.valueNotation, location, "the value is one of X.208's EXTERNAL")
            return .unknown
        }
        return structureValue(range, structure, scope, location)
    }
}

extension SchemaCompiler {
    /// The associated types, as the standard spells them. INSTANCE OF's value is of any type.
    static let associatedModule = """
        Associated-Types DEFINITIONS AUTOMATIC TAGS ::= BEGIN
        REAL-Associated ::= SEQUENCE { mantissa INTEGER, base INTEGER (2|10), exponent INTEGER }
        Identification ::= CHOICE {
          syntaxes SEQUENCE { abstract OBJECT IDENTIFIER, transfer OBJECT IDENTIFIER },
          syntax OBJECT IDENTIFIER, presentation-context-id INTEGER,
          context-negotiation SEQUENCE {
            presentation-context-id INTEGER, transfer-syntax OBJECT IDENTIFIER },
          transfer-syntax OBJECT IDENTIFIER, fixed NULL }
        EMBEDDED-PDV-Associated ::= SEQUENCE {
          identification Identification, data-value-descriptor ObjectDescriptor OPTIONAL,
          data-value OCTET STRING }
        EXTERNAL-Associated ::= SEQUENCE {
          identification Identification, data-value-descriptor ObjectDescriptor OPTIONAL,
          data-value OCTET STRING }
        CHARACTER-STRING-Associated ::= SEQUENCE {
          identification Identification, data-value-descriptor ObjectDescriptor OPTIONAL,
          string-value OCTET STRING }
        INSTANCE-OF-Associated ::= SEQUENCE {
          type-id OBJECT IDENTIFIER, value [0] ABSTRACT-SYNTAX.&Type }
        END
        """
}
