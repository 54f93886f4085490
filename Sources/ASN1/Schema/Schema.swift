/// What module texts define, checked and flat: the types as a table, references as indexes.
public struct Schema: Sendable {
    /// A name that a module gives to an entry of the type table.
    public struct Name: Sendable, Hashable {
        public let module: String
        public let name: String
        public let type: Int
        public let location: SourceLocation
    }
    public struct Module: Sendable, Hashable {
        public let name: String
        public let identifier: [BigInteger]?
        public let location: SourceLocation
    }
    /// A value assignment.
    public struct NamedValue: Sendable, Hashable {
        public let module: String
        public let name: String
        public let type: Int
        public let value: SchemaValue
        public let location: SourceLocation
    }

    /// The files' names; `SourceLocation.file` is an index here.
    public let files: [String]
    public let modules: [Module]
    public let types: [TypeDefinition]
    /// The type assignments without parameters, in the order of the text.
    public let names: [Name]
    public let values: [NamedValue]
    public let objectSets: [ObjectSet]

    /// The type of a name; the first module that has it when no module is given.
    public func type(named name: String, in module: String? = nil) -> Int? {
        names.first { $0.name == name && (module == nil || $0.module == module) }?.type
    }
}

/// An entry of the type table.
public struct TypeDefinition: Sendable {
    public let kind: TypeKind
    /// The tags on the wire, outermost first. Empty for an untagged CHOICE or open type, whose
    /// tags are those of the alternative or of the value.
    public let tags: [Tag]
    /// The constraints, those of the referenced types first. All hold at once.
    public let constraints: [Constraint]
    /// The integers that the constraints leave, when the type is INTEGER.
    public let valueRange: IntegerRanges?
    /// The sizes that the constraints leave, when there is a SIZE constraint in force.
    public let size: IntegerRanges?
    /// The characters that the constraints and the type itself leave, when there are bounds.
    public let permittedAlphabet: IntegerRanges?
    /// True when the last constraint is extensible: other values are legal.
    public let isExtensible: Bool
    /// The assigned name, when an assignment defines this entry.
    public let name: String?
    /// The module whose text defines it.
    public let module: String
    /// The entry that this one refers to or derives from by a tag or constraint.
    public let base: Int?
    /// Where the type is spelled.
    public let location: SourceLocation
}
