/// Compiles module text to a schema (X.680 to X.683).
///
///     let result = SchemaCompiler().compile([SourceFile(name: "a.asn", bytes: bytes)])
///     for diagnostic in result.diagnostics { print(diagnostic.rendered) }
///     if let schema = result.schema { … }
public struct SchemaCompiler: Sendable {
    /// What came of a compilation.
    public struct Result: Sendable {
        /// The schema, `nil` when there is an error.
        public let schema: Schema?
        /// All findings of all files, in the order of their places.
        public let diagnostics: [Diagnostic]

        /// The findings that are errors.
        public var errors: [Diagnostic] { diagnostics.filter { $0.severity == .error } }
        /// The findings that are warnings.
        public var warnings: [Diagnostic] { diagnostics.filter { $0.severity == .warning } }
    }

    /// Makes departures from the standard that are accepted in practice errors.
    public var isStrict = false
    /// The limits that hostile text meets.
    public var limits = CompilerLimits()

    /// Makes a compiler.
    public init(isStrict: Bool = false, limits: CompilerLimits = CompilerLimits()) {
        self.isStrict = isStrict
        self.limits = limits
    }

    /// Compiles files that belong together: imports are looked for in all of them.
    ///
    /// - Parameter files: the module texts, in any order.
    /// - Returns: the schema and all findings. Nothing is thrown: faults of the text are values.
    public func compile(_ files: [SourceFile]) -> Result {
        let standardFile = SourceFile(name: "(X.681)", text: Self.standardModule)
        let sink = DiagnosticSink(
            files: files + [standardFile], strict: isStrict, limit: limits.diagnostics)
        var tokens: [[Token]] = []
        var modules: [ModuleScope] = []
        var standard: ModuleScope?
        for index in 0...files.count {
            let isStandard = index == files.count
            if isStandard { sink.suppressed += 1 }
            defer { if isStandard { sink.suppressed -= 1 } }
            var lexer = Lexer(file: index, sink: sink, limits: limits)
            let list = lexer.run()
            tokens.append(list)
            let parser = Parser(
                file: index, tokens: list, range: 0..<list.count, sink: sink, limits: limits)
            for module in parser.parseFile() {
                let scope = ModuleScope(module, index: modules.count)
                if index == files.count {
                    for assignment in module.assignments {
                        scope.assignments[assignment.name.text] = assignment
                    }
                    standard = scope
                } else {
                    modules.append(scope)
                }
            }
        }
        let resolver = Resolver(
            modules: modules, standard: standard, tokens: tokens, sink: sink, limits: limits)
        resolver.enterNames()
        resolver.resolveAssignments()
        resolver.checkImports()
        resolver.checkTags()
        resolver.checkFiniteness()
        resolver.warnUnusedImports()
        let schema = sink.errorCount == 0 ? resolver.schema() : nil
        resolver.work = []
        return Result(schema: sink.errorCount == 0 ? schema : nil, diagnostics: sink.finish())
    }

    /// The classes that are there without being defined (X.681 annexes A and B).
    private static let standardModule = """
        Information-Object-Classes DEFINITIONS ::= BEGIN
        TYPE-IDENTIFIER ::= CLASS { &id OBJECT IDENTIFIER UNIQUE, &Type }
          WITH SYNTAX { &Type IDENTIFIED BY &id }
        ABSTRACT-SYNTAX ::= CLASS { &id OBJECT IDENTIFIER, &Type, &property BIT STRING
          { handles-invalid-encodings(0) } DEFAULT {} }
          WITH SYNTAX { &Type IDENTIFIED BY &id [HAS PROPERTY &property] }
        END
        """
}
