/// What WITH COMPONENTS says about a component's presence (X.680 51.8.10).
public enum PresenceConstraint: Sendable, Hashable {
    case present, absent, optional
}

/// One constraint of a type. All constraints of a type hold at once.
public struct Constraint: Sendable, Hashable {
    /// What the value has to satisfy: the root (X.680 50.1).
    public let expression: ConstraintExpression
    /// What stands behind the extension marker, `nil` when nothing does. A value of it, but not of
    /// the root, is one of this version; one of neither is of a later version.
    public let additions: ConstraintExpression?
    /// True when values outside are allowed to later versions.
    public let isExtensible: Bool
    /// Where the constraint stands.
    public let location: SourceLocation
}

/// A constraint as a tree of sets (X.680 50 and 51).
public indirect enum ConstraintExpression: Sendable, Hashable {
    /// Every value: user-defined constraints, and what can't be evaluated.
    case everything
    case union([ConstraintExpression])
    case intersection([ConstraintExpression])
    case difference(ConstraintExpression, ConstraintExpression)
    case complement(ConstraintExpression)
    case value(SchemaValue)
    /// Integers from lower to upper, both included; `nil` is without bound.
    case integerRange(lower: BigInteger?, upper: BigInteger?)
    case realRange(lower: Double?, lowerIsOpen: Bool, upper: Double?, upperIsOpen: Bool)
    /// The number of octets, bits, characters or elements.
    case size(IntegerRanges, isExtensible: Bool)
    /// Characters allowed, as code points.
    case permittedAlphabet(IntegerRanges, isExtensible: Bool)
    case pattern(String)
    case settings(String)
    /// The contents of a bit or octet string are a value of a type; or only its encoding is told.
    case containing(TypeUse?, encodedBy: SchemaValue?)
    /// WITH COMPONENT.
    case element(Constraint)
    /// WITH COMPONENTS.
    case components(isPartial: Bool, [ComponentConstraint])
    /// The values of another type.
    case included(TypeUse)
    case table(TableConstraint)
}

extension ConstraintExpression {
    /// Whether it is a component relation constraint: what it allows goes by other components.
    public var isRelated: Bool {
        if case .table(let table) = self { !table.relations.isEmpty } else { false }
    }
}

/// What WITH COMPONENTS says about one component.
public struct ComponentConstraint: Sendable, Hashable {
    public let name: String
    public let constraint: Constraint?
    public let presence: PresenceConstraint?
    public let location: SourceLocation
}

/// A table or component relation constraint (X.682 10).
public struct TableConstraint: Sendable, Hashable {
    /// `@a.b`, `@.b`
    public struct Relation: Sendable, Hashable {
        /// How many structures up the path begins, 0 for the one that holds the component;
        /// `nil` for the outermost.
        public let level: Int?
        public let path: [String]
    }
    /// The index in `Schema.objectSets`.
    public let objectSet: Int
    /// The field without `&` that the constrained component is.
    public let field: String
    public let relations: [Relation]
}

/// The rows of an object set.
public struct ObjectSet: Sendable, Hashable {
    /// What an object gives a field.
    public enum Setting: Sendable, Hashable {
        case type(TypeUse)
        case value(SchemaValue)
        /// A value set, as the type that it is.
        case valueSet(TypeUse)
        case object(Row)
        case objectSet(Int)
    }
    public struct Row: Sendable, Hashable {
        public let settings: [String: Setting]
        public let location: SourceLocation
    }
    /// The class, with its module.
    public let className: String
    /// The name and module of the set, when it has one.
    public let name: String?
    public let rows: [Row]
    public let isExtensible: Bool
}
