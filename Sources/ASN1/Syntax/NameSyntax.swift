/// A name where it stands.
struct NameSyntax {
    let text: String
    let location: SourceLocation
}

/// A use of a reference, with its module and actual parameters where the text has them
/// (X.680 14, X.683 9).
final class ReferenceSyntax {
    let module: NameSyntax?
    let name: NameSyntax
    let arguments: [ArgumentSyntax]?

    init(module: NameSyntax?, name: NameSyntax, arguments: [ArgumentSyntax]?) {
        self.module = module
        self.name = name
        self.arguments = arguments
    }

    var location: SourceLocation { (module ?? name).location }
}

/// An actual parameter (X.683 9.5). What one in braces is depends on the dummy it replaces.
enum ArgumentSyntax {
    case type(TypeSyntax)
    case value(ValueSyntax)
    case braced(TokenRange, SourceLocation)

    var location: SourceLocation {
        switch self {
        case .type(let type): type.location
        case .value(let value): value.location
        case .braced(_, let location): location
        }
    }
}
