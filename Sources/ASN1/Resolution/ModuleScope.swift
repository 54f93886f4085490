/// A module with its names.
final class ModuleScope {
    struct Import {
        let symbol: NameSyntax
        let source: ImportSyntax
    }
    let syntax: ModuleSyntax
    let index: Int
    var assignments: [String: AssignmentSyntax] = [:]
    var imports: [String: Import] = [:]
    var usedImports: Set<String> = []
    /// The scope of text outside parameterized definitions.
    lazy var scope = Scope(id: index, module: self, bindings: [:], depth: 0)

    init(_ syntax: ModuleSyntax, index: Int) {
        self.syntax = syntax
        self.index = index
    }

    var name: String { syntax.name.text }
}

/// Where a name is looked up: the dummies of the instance, then the module.
final class Scope {
    struct Binding {
        let parameter: ParameterSyntax
        /// The actual parameter, `nil` when the template itself is checked.
        let argument: ArgumentSyntax?
        /// Where the actual parameter stands.
        let argumentScope: Scope
    }
    let id: Int
    unowned let module: ModuleScope
    let bindings: [String: Binding]
    let depth: Int

    init(id: Int, module: ModuleScope, bindings: [String: Binding], depth: Int) {
        self.id = id
        self.module = module
        self.bindings = bindings
        self.depth = depth
    }
}
