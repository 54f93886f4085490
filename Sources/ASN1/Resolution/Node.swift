/// A type while it is being resolved.
final class Node {
    enum Form {
        /// Not yet reached.
        case pending
        /// Another node, with this node's tag and constraints added.
        case alias(Int)
        /// An alternative of a choice.
        case selection(NameSyntax, Int)
        case core(NodeCore)
        case failed
    }

    struct AddedTag {
        let tag: Tag
        /// What the tag says itself, or what its module says.
        let mode: TagSyntax.Mode
        /// True when the text says IMPLICIT at this very tag.
        let isSpelledImplicit: Bool
        let location: SourceLocation
    }

    let id: Int
    let location: SourceLocation
    let scope: Scope
    var form = Form.pending
    var tag: AddedTag?
    var constraints: [ConstraintSyntax] = []
    /// Constraints that were there as a set in braces, or at an argument, with their scope.
    var constraintScopes: [Scope] = []
    /// The field that the type is, for table constraints.
    var field: (ClassInfo, String)?
    var name: String?
    var compiled: [Constraint] = []
    var isCompiled = false
    var isCompiling = false

    init(id: Int, location: SourceLocation, scope: Scope) {
        self.id = id
        self.location = location
        self.scope = scope
    }
}

/// The kinds of node that are not references.
enum NodeCore {
    case simple(TypeKind.Simple)
    case integer([NamedNumberSyntax])
    case bitString([NamedNumberSyntax])
    case enumerated([EnumerationItemSyntax])
    case structure(StructureNode)
    case sequenceOf(TypeUse)
    case setOf(TypeUse)
    case instanceOf(ClassInfo)
    case openType(OpenType)
    case unknown
}

/// SEQUENCE, SET or CHOICE while it is being resolved.
final class StructureNode {
    enum Flavour { case sequence, set, choice }
    enum Item {
        case component(ComponentSyntax, Int)
        case componentsOf(Int, SourceLocation)
        case marker(SourceLocation)
        case group(Int, SourceLocation, [Item])
    }
    struct Component {
        let syntax: ComponentSyntax
        /// The scope that the default value is read in.
        let scope: Scope
        /// The type as it stands in the text.
        let rawType: Int
        /// The type with its automatic tag, where there is one.
        var type: Int
        let isAddition: Bool
        let group: Int?
    }
    let flavour: Flavour
    let items: [Item]
    let scope: Scope
    let location: SourceLocation
    /// Automatic tags are asked for: the module says so and no component has a tag of its own.
    let isAutomatic: Bool
    let isExtensibilityImplied: Bool
    var components: [Component]?
    var isExtensible = false
    var insertionIndex = 0
    var isExpanding = false

    init(
        flavour: Flavour, items: [Item], scope: Scope, location: SourceLocation, isAutomatic: Bool,
        isExtensibilityImplied: Bool
    ) {
        self.flavour = flavour
        self.items = items
        self.scope = scope
        self.location = location
        self.isAutomatic = isAutomatic
        self.isExtensibilityImplied = isExtensibilityImplied
    }
}
