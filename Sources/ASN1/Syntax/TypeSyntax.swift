/// A type as it is spelled (X.680 17): one prefix, a core, constraints.
final class TypeSyntax {
    let tag: TagSyntax?
    let core: TypeCore
    let constraints: [ConstraintSyntax]
    let location: SourceLocation

    init(tag: TagSyntax?, core: TypeCore, constraints: [ConstraintSyntax], location: SourceLocation)
    {
        self.tag = tag
        self.core = core
        self.constraints = constraints
        self.location = location
    }

    /// The reference, when the type is nothing but one.
    var plainReference: ReferenceSyntax? {
        if tag == nil, constraints.isEmpty, case .reference(let reference) = core {
            return reference
        }
        return nil
    }
}

/// A tag as it is spelled (X.680 31.2).
struct TagSyntax {
    enum Mode { case implicit, explicit }
    let tagClass: Tag.Class
    let number: ValueSyntax
    let mode: Mode?
    let location: SourceLocation
}

/// What a type is apart from tag and constraints.
indirect enum TypeCore {
    case simple(TypeKind.Simple)
    case integer([NamedNumberSyntax])
    case bitString([NamedNumberSyntax])
    case enumerated([EnumerationItemSyntax])
    case sequence([ComponentItemSyntax])
    case set([ComponentItemSyntax])
    case choice([ComponentItemSyntax])
    case sequenceOf(NameSyntax?, TypeSyntax)
    case setOf(NameSyntax?, TypeSyntax)
    /// 1988's ANY, with the component that defines it.
    case any(definedBy: NameSyntax?)
    case reference(ReferenceSyntax)
    /// `CLASS.&field`, `object.&Field`, `Set.&Field` (X.681 14 and 15).
    case field(ReferenceSyntax, [NameSyntax])
    case selection(NameSyntax, TypeSyntax)
    case instanceOf(ReferenceSyntax)
    /// A type after a further tag.
    case wrapped(TypeSyntax)
    /// A type in a macro's notation, skipped.
    case macro(NameSyntax)
}

struct NamedNumberSyntax {
    let name: NameSyntax
    let value: ValueSyntax
}

enum EnumerationItemSyntax {
    case item(NameSyntax, ValueSyntax?)
    case marker(SourceLocation)
}

/// An element of the braces of SEQUENCE, SET or CHOICE.
enum ComponentItemSyntax {
    case component(ComponentSyntax)
    case componentsOf(TypeSyntax, SourceLocation)
    case marker(SourceLocation)
    case group(SourceLocation, version: ValueSyntax?, [ComponentItemSyntax])
}

final class ComponentSyntax {
    let name: NameSyntax?
    let type: TypeSyntax
    let isOptional: Bool
    let defaultValue: ValueSyntax?
    let location: SourceLocation

    init(
        name: NameSyntax?, type: TypeSyntax, isOptional: Bool, defaultValue: ValueSyntax?,
        location: SourceLocation
    ) {
        self.name = name
        self.type = type
        self.isOptional = isOptional
        self.defaultValue = defaultValue
        self.location = location
    }
}
