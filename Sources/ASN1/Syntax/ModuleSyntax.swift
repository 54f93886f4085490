/// A module as it is spelled (X.680 13).
final class ModuleSyntax {
    enum Tagging { case explicit, implicit, automatic }

    let name: NameSyntax
    let identifier: [ArcSyntax]
    let tagging: Tagging
    /// Whether the header says it, or any type has a context-specific tag.
    let mentionsTags: Bool
    let isExtensibilityImplied: Bool
    /// `nil` when everything is exported.
    let exports: [NameSyntax]?
    let imports: [ImportSyntax]
    let assignments: [AssignmentSyntax]
    let file: Int

    init(
        name: NameSyntax, identifier: [ArcSyntax], tagging: Tagging, mentionsTags: Bool,
        isExtensibilityImplied: Bool,
        exports: [NameSyntax]?, imports: [ImportSyntax], assignments: [AssignmentSyntax], file: Int
    ) {
        self.name = name
        self.identifier = identifier
        self.tagging = tagging
        self.mentionsTags = mentionsTags
        self.isExtensibilityImplied = isExtensibilityImplied
        self.exports = exports
        self.imports = imports
        self.assignments = assignments
        self.file = file
    }
}

/// Symbols from one module.
struct ImportSyntax {
    let symbols: [NameSyntax]
    let module: NameSyntax
    let identifier: [ArcSyntax]
}

/// An assignment of any kind (X.680 16, X.681 9, 11, 12, X.683 8).
final class AssignmentSyntax {
    enum Kind {
        case type(TypeSyntax)
        case objectClass(ClassSyntax)
        case value(TypeSyntax, ValueSyntax)
        case set(TypeSyntax, TokenRange)
        case macro
        /// A value in XML notation or in a macro's: it exists, no more is known.
        case skippedValue
    }
    let name: NameSyntax
    let parameters: [ParameterSyntax]
    let kind: Kind

    init(name: NameSyntax, parameters: [ParameterSyntax], kind: Kind) {
        self.name = name
        self.parameters = parameters
        self.kind = kind
    }
}

/// A dummy parameter (X.683 8.3).
struct ParameterSyntax {
    let governor: TypeSyntax?
    let name: NameSyntax
}
