/// An information object class as it is spelled (X.681 9 and 10).
final class ClassSyntax {
    let fields: [FieldSyntax]
    let syntax: [ObjectSyntaxItem]?
    let location: SourceLocation

    init(fields: [FieldSyntax], syntax: [ObjectSyntaxItem]?, location: SourceLocation) {
        self.fields = fields
        self.syntax = syntax
        self.location = location
    }
}

struct FieldSyntax {
    enum Governor {
        /// A type field has none.
        case none
        case type(TypeSyntax)
        /// Another field of the class: `&Type`.
        case field([NameSyntax])
    }
    enum Default {
        case type(TypeSyntax)
        case value(ValueSyntax)
    }
    /// The name without the `&`.
    let name: NameSyntax
    let isUpper: Bool
    let governor: Governor
    let isUnique: Bool
    let isOptional: Bool
    let defaultSetting: Default?
}

/// A token of a WITH SYNTAX clause.
indirect enum ObjectSyntaxItem {
    case literal(String)
    case field(NameSyntax, isUpper: Bool)
    case optional([ObjectSyntaxItem])
}
