/// Compiles module text to a schema (X.680 to X.683).
///
///     let result = SchemaCompiler().compile([SourceFile(name: "a.asn", bytes: bytes)])
///     for diagnostic in result.diagnostics { print(diagnostic.rendered) }
///     if let schema = result.schema { … }
public struct SchemaCompiler: Sendable {
    /// What came of a compilation.
    public struct Result: Sendable {
        /// The schema, `nil` when there is an error (but see ``keepsFaultySchemas``).
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
    /// Gives a schema though there are errors, if they are none of syntax: for readers of data that
    /// need a part of it only. What is at fault in it is of unknown type.
    public var keepsFaultySchemas = false
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
        let standardFile = SourceFile(
            name: "(X.681)", text: Self.standardModule + "\n" + Self.associatedModule)
        let sink = DiagnosticSink(
            files: files + [standardFile], strict: isStrict, limit: limits.diagnostics,
            hintLimit: limits.hints)
        var tokens: [[Token]] = []
        var modules: [ModuleScope] = []
        var standard: ModuleScope?
        var associated: ModuleScope?
        for index in 0...files.count {
            let isStandard = index == files.count
            if isStandard { sink.suppressed += 1 }
            defer { if isStandard { sink.suppressed -= 1 } }
            let (list, parsed) = parse(index, sink)
            tokens.append(list)
            for module in parsed {
                let scope = ModuleScope(
                    module, index: modules.count + (standard == nil ? 0 : 1))
                if index == files.count {
                    for assignment in module.assignments {
                        scope.assignments[assignment.name.text] = assignment
                    }
                    if standard == nil { standard = scope } else { associated = scope }
                } else {
                    modules.append(scope)
                }
            }
        }
        let resolver = Resolver(
            modules: modules, standard: standard, associatedTypes: associated, tokens: tokens,
            sink: sink, limits: limits)
        resolver.enterNames()
        resolver.resolveAssignments()
        resolver.checkImports()
        resolver.checkTags()
        resolver.checkRelations()
        resolver.checkFiniteness()
        resolver.warnUnusedImports()
        let isReadable = keepsFaultySchemas && !sink.hasSyntaxErrors
        let schema = sink.errorCount == 0 || isReadable ? resolver.schema() : nil
        resolver.work = []
        let isUsable = sink.errorCount == 0 || isReadable && !sink.hasSyntaxErrors
        return Result(schema: isUsable ? schema : nil, diagnostics: sink.finish())
    }

    /// Reads one file. A text that only makes sense when the hyphens around its comments all belong
    /// to them (`--- so ---`) is read that way, with a warning.
    private func parse(_ file: Int, _ sink: DiagnosticSink) -> ([Token], [ModuleSyntax]) {
        func read(_ sink: DiagnosticSink, _ joinsHyphens: Bool) -> ([Token], [ModuleSyntax]) {
            var lexer = Lexer(file: file, sink: sink, limits: limits, joinsHyphens: joinsHyphens)
            let list = lexer.run()
            let parser = Parser(
                file: file, tokens: list, range: 0..<list.count, sink: sink, limits: limits)
            return (list, parser.parseFile())
        }
        let trial = DiagnosticSink(files: sink.files, strict: isStrict, limit: 1)
        let first = read(trial, false)
        if trial.errorCount > 0, !isStrict, hasThreeHyphens(sink.files[file].bytes) {
            let other = DiagnosticSink(files: sink.files, strict: isStrict, limit: 1)
            _ = read(other, true)
            if other.errorCount == 0 {
                sink.warning(
                    .commentHyphens, SourceLocation(file: file, line: 1, column: 1),
                    "a comment begins or ends with more than two hyphens",
                    hint: "by X.680 12.6.3 a comment ends with the next two")
                return read(sink, true)
            }
        }
        return trial.isEmpty ? first : read(sink, false)
    }

    private func hasThreeHyphens(_ bytes: [UInt8]) -> Bool {
        var run = 0
        for byte in bytes {
            run = byte == 0x2D ? run + 1 : 0
            if run == 3 { return true }
        }
        return false
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
