/// A constraint in its parentheses, or a value set or object set in its braces
/// (X.680 49 and 50).
final class ConstraintSyntax {
    /// `nil` when there is only the extension marker.
    let root: ElementSetSyntax?
    let isExtensible: Bool
    let additions: ElementSetSyntax?
    let location: SourceLocation

    init(
        root: ElementSetSyntax?, isExtensible: Bool, additions: ElementSetSyntax?,
        location: SourceLocation
    ) {
        self.root = root
        self.isExtensible = isExtensible
        self.additions = additions
        self.location = location
    }
}

extension ConstraintSyntax {
    /// Whether it is a range of values and nothing else.
    var isBareRange: Bool {
        if case .element(let element)? = root, case .range = element.kind { return true }
        return false
    }
}

/// The set algebra of constraints (X.680 50).
indirect enum ElementSetSyntax {
    case union([ElementSetSyntax])
    case intersection([ElementSetSyntax])
    case except(ElementSetSyntax, ElementSetSyntax)
    case allExcept(ElementSetSyntax)
    case element(ElementSyntax)
}

struct ElementSyntax {
    indirect enum Kind {
        case value(ValueSyntax)
        case range(EndpointSyntax, EndpointSyntax)
        case type(TypeSyntax)
        case size(ConstraintSyntax)
        case permittedAlphabet(ConstraintSyntax)
        case pattern(ValueSyntax)
        case settings(String)
        case component(ConstraintSyntax)
        case components(isPartial: Bool, [ComponentConstraintSyntax])
        case containing(TypeSyntax?, encodedBy: ValueSyntax?)
        case userDefined
        case table(TokenRange, [AtNotationSyntax])
    }
    let kind: Kind
    let location: SourceLocation
}

struct EndpointSyntax {
    /// `nil` for MIN or MAX.
    let value: ValueSyntax?
    /// True when `<` leaves the end itself out.
    let isOpen: Bool
}

struct ComponentConstraintSyntax {
    let name: NameSyntax
    let constraint: ConstraintSyntax?
    let presence: PresenceConstraint?
}

/// `@a.b`, `@.b` (X.682 10.7).
struct AtNotationSyntax {
    /// How many levels up the path begins; `nil` for the outermost type.
    let level: Int?
    let path: [NameSyntax]
}
