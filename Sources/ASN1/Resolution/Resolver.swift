/// Resolves the modules of one compilation to nodes, then to a schema.
///
/// References lead to nodes that a work list fills in later, so that the stack grows with what is
/// nested in the text, never with how long a chain of references is.
final class Resolver {
    struct Key: Hashable {
        let syntax: ObjectIdentifier
        let scope: Int
    }
    struct RangeKey: Hashable {
        let range: TokenRange
        let scope: Int
    }

    let sink: DiagnosticSink
    let limits: CompilerLimits
    let tokens: [[Token]]
    let modules: [ModuleScope]
    let standard: ModuleScope?
    let associatedTypes: ModuleScope?
    var modulesByName: [String: [ModuleScope]] = [:]

    var nodes: [Node] = []
    var work: [() -> Void] = []
    var scopeCount: Int
    var typeNodes: [Key: Int] = [:]
    /// Syntax read from braces on demand: its identity is a key, so it has to stay alive.
    var retained: [AnyObject] = []
    var assignmentNodes: [ObjectIdentifier: Int] = [:]
    var instances: [String: Int] = [:]
    var scopes: [String: Scope] = [:]
    var classes: [Key: ClassInfo] = [:]
    var objects: [RangeKey: ObjectInfo] = [:]
    var objectSets: [ObjectSetInfo] = []
    var objectSetsByKey: [Key: Int] = [:]
    var setSyntaxes: [TokenRange: ConstraintSyntax] = [:]
    var enumerations: [Int: Enumeration] = [:]
    var namedNumbers: [Int: [NamedNumber]] = [:]
    var values: [ObjectIdentifier: SchemaValue] = [:]
    var valuesInProgress: Set<ObjectIdentifier> = []
    var valueDepth = 0
    var expansionDepth = 0
    /// Nodes whose component relations have been checked.
    var walked: Set<Int> = []
    /// Selection types that are being worked out: meeting one again is a circle.
    var selectionsInProgress: Set<Int> = []
    var plainInteger: Int?
    var published: [Int: Structure] = [:]
    var leading: [Int: LeadingTags] = [:]
    var leadingInProgress: Set<Int> = []
    var plainNodes: [String: Int] = [:]
    var expressions: [Key: Constraint] = [:]
    var rangeTerms = 0
    var instanceLimitReported = false

    init(
        modules: [ModuleScope], standard: ModuleScope?, associatedTypes: ModuleScope?,
        tokens: [[Token]], sink: DiagnosticSink, limits: CompilerLimits
    ) {
        self.modules = modules
        self.standard = standard
        self.associatedTypes = associatedTypes
        self.tokens = tokens
        self.sink = sink
        self.limits = limits
        self.scopeCount = modules.count + 2
        for module in modules { modulesByName[module.name, default: []].append(module) }
    }

    /// Fills in everything that waits.
    func drain() {
        while let task = work.popLast() { task() }
    }

    func newNode(_ location: SourceLocation, _ scope: Scope) -> Node {
        let node = Node(id: nodes.count, location: location, scope: scope)
        if nodes.count >= limits.types {
            sink.error(.schemaLimit, location, "the schema has more than \(limits.types) types")
        }
        nodes.append(node)
        return node
    }

    func parser(_ range: TokenRange) -> Parser {
        Parser(
            file: range.file, tokens: tokens[range.file], range: range.start..<range.end,
            sink: sink, limits: limits)
    }

    /// The inside of braces as a set.
    func setSyntax(_ range: TokenRange, _ location: SourceLocation) -> ConstraintSyntax? {
        if let known = setSyntaxes[range] { return known }
        let parser = parser(range)
        do {
            let syntax = try parser.parseElementSetSpecs(location)
            if !parser.atEnd { throw parser.failure("expected \"|\", \",\" or \"}\"") }
            setSyntaxes[range] = syntax
            return syntax
        } catch {
            return nil
        }
    }
}
