public import ASN1

/// A schema's type, compiled to tables that an interpreter runs through.
///
///     nodes ──first,count──► components ──node──► nodes
///       └────table──► dispatch (tag → component)
///
/// Immutable; many readers can share it.
public struct ValidationProgram: Sendable {
    let schema: Schema
    /// The types that the standard defines by module text: EXTERNAL and its like.
    let standard: Schema
    /// The name of the outermost type.
    public let typeName: String
    let root: Int32
    /// The node that takes any element.
    let anyNode: Int32
    let nodes: [Node]
    let components: [Component]
    let dispatch: [Dispatch]
    let captures: [Capture]
    let details: [NodeDetail]
    /// Names of components as the text has them, and as UTF-8 in one piece.
    let names: [String]
    let nameOctets: [UInt8]
    let nameStarts: [Int32]
    let uses: [Place]
    /// Where WITH COMPONENTS speaks of presence.
    let presenceRules: [SourceLocation]
    /// Values that components have where they are left out.
    let defaults: [SchemaValue]
    /// Some constraint needs the whole value of a CHOICE.
    let hasHeldChoices: Bool
    public let rules: ValueRules

    /// A value to be kept as a key.
    struct Capture: BitwiseCopyable, Sendable {
        var anchor: Int32
        var register: Int32
    }

    func detail(_ node: Int32) -> NodeDetail {
        let index = Int(nodes[Int(node)].detail)
        return details.indices.contains(index) ? details[index] : NodeDetail()
    }

    /// Compiles a type of a schema.
    /// - Parameters:
    ///   - type: an index in `Schema.types`, `nil` for any BER at all.
    ///   - name: what paths begin with.
    public init(
        _ schema: Schema, type: Int, name: String, rules: ValueRules = .ber,
        limits: ProgramLimits = ProgramLimits()
    ) {
        let standard = StandardTypes.compile() ?? schema
        let builder = ProgramBuilder(schema, standard: standard, rules: rules, limits: limits)
        self = builder.build(type, name: name)
    }

    /// A program that takes any BER, and looks at the content of universal types only.
    public static func anything(rules: ValueRules = .ber) -> ValidationProgram? {
        guard let schema = StandardTypes.compile(), let type = schema.type(named: "Any") else {
            return nil
        }
        return ValidationProgram(schema, type: type, name: "value", rules: rules)
    }

    init(
        schema: Schema, standard: Schema, typeName: String, root: Int32, anyNode: Int32,
        nodes: [Node], components: [Component], dispatch: [Dispatch], captures: [Capture],
        details: [NodeDetail], names: [String], nameOctets: [UInt8], nameStarts: [Int32],
        uses: [Place], presenceRules: [SourceLocation], defaults: [SchemaValue],
        hasHeldChoices: Bool, rules: ValueRules
    ) {
        self.schema = schema
        self.standard = standard
        self.typeName = typeName
        self.root = root
        self.anyNode = anyNode
        self.nodes = nodes
        self.components = components
        self.dispatch = dispatch
        self.captures = captures
        self.details = details
        self.names = names
        self.nameOctets = nameOctets
        self.nameStarts = nameStarts
        self.uses = uses
        self.presenceRules = presenceRules
        self.defaults = defaults
        self.hasHeldChoices = hasHeldChoices
        self.rules = rules
    }
}

/// Which set of rules a file has to keep.
public enum ValueRules: String, Sendable, Hashable, CaseIterable {
    case ber, cer, der

    /// CER and DER: one encoding a value (X.690 clauses 9 to 11).
    var isCanonical: Bool { self != .ber }
}
