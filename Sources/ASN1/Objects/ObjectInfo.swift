/// An information object class, resolved.
final class ClassInfo {
    let syntax: ClassSyntax
    let scope: Scope
    let name: String
    let fields: [String: FieldSyntax]

    init(syntax: ClassSyntax, scope: Scope, name: String) {
        self.syntax = syntax
        self.scope = scope
        self.name = name
        var fields: [String: FieldSyntax] = [:]
        for field in syntax.fields where fields[field.name.text] == nil {
            fields[field.name.text] = field
        }
        self.fields = fields
    }
}

/// An information object, resolved.
final class ObjectInfo {
    enum Setting {
        case type(TypeUse)
        case value(ValueSyntax, Scope)
        case set(TokenRange, Scope, SourceLocation)
        case object(ObjectInfo)
        case objectSet(Int)
        case unknown
    }
    let objectClass: ClassInfo
    let location: SourceLocation
    var settings: [String: Setting] = [:]
    var isChecked = false

    init(objectClass: ClassInfo, location: SourceLocation) {
        self.objectClass = objectClass
        self.location = location
    }
}

/// An information object set, resolved when its rows are asked for.
final class ObjectSetInfo {
    let index: Int
    let objectClass: ClassInfo
    let constraint: ConstraintSyntax?
    let scope: Scope
    var name: String?
    var rows: [ObjectInfo]?
    var isExtensible = false
    var isResolving = false

    init(index: Int, objectClass: ClassInfo, constraint: ConstraintSyntax?, scope: Scope) {
        self.index = index
        self.objectClass = objectClass
        self.constraint = constraint
        self.scope = scope
    }
}
