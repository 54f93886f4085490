extension Resolver {
    enum Lookup {
        case assignment(AssignmentSyntax, ModuleScope)
        case dummy(Scope.Binding)
        case missing
    }

    /// Finds what a reference means (X.680 14). What is missing is reported with `code`, unless
    /// an import that failed has been reported already.
    func lookup(_ reference: ReferenceSyntax, _ scope: Scope, _ code: DiagnosticCode?) -> Lookup {
        let name = reference.name.text
        if let module = reference.module {
            guard let target = externalModule(module.text, from: scope.module) else {
                if code != nil {
                    sink.error(
                        .undefinedModule, module.location, "the module \(module.text) is not there",
                        hint: moduleHint(module.text))
                }
                return .missing
            }
            if let found = definition(of: name, in: target) { return .assignment(found.0, found.1) }
            if let code {
                sink.error(
                    code, reference.name.location,
                    "\"\(name)\" is not defined in the module \(target.name)",
                    hint: nameHint(name, target, nil))
            }
            return .missing
        }
        if let binding = scope.bindings[name] { return .dummy(binding) }
        let module = scope.module
        if let assignment = module.assignments[name] { return .assignment(assignment, module) }
        if module.imports[name] != nil {
            module.usedImports.insert(name)
            if let found = definition(of: name, in: module) { return .assignment(found.0, found.1) }
            return .missing
        }
        if let standard, let assignment = standard.assignments[name] {
            return .assignment(assignment, standard)
        }
        if let code {
            sink.error(
                code, reference.location, "\"\(name)\" is not defined",
                hint: nameHint(name, module, scope))
        }
        return .missing
    }

    func nameHint(_ name: String, _ module: ModuleScope, _ scope: Scope?) -> String? {
        let isUpper = name.first?.isUppercase == true
        var candidates = module.assignments.keys.filter {
            ($0.first?.isUppercase == true) == isUpper
        }
        candidates += module.imports.keys.filter { ($0.first?.isUppercase == true) == isUpper }
        if let scope { candidates += scope.bindings.keys }
        if let near = NearestName.find(name, among: candidates) {
            return "did you mean \"\(near)\"?"
        }
        if let other = modules.first(where: { $0 !== module && $0.assignments[name] != nil }) {
            return "the module \(other.name) defines it: import it from there"
        }
        return nil
    }

    func moduleHint(_ name: String) -> String? {
        if let near = NearestName.find(name, among: modules.map(\.name)) {
            return "did you mean \(near)?"
        }
        return "give the file that holds it, too"
    }

    private func externalModule(_ name: String, from module: ModuleScope) -> ModuleScope? {
        if name == module.name { return module }
        for (symbol, entry) in module.imports where entry.source.module.text == name {
            module.usedImports.insert(symbol)
        }
        for entry in module.syntax.imports where entry.module.text == name {
            return sourceModule(entry, from: module)
        }
        return modulesByName[name]?.first
    }

    /// The module that an import means: by name, and by object identifier where the name does not
    /// decide it (13.16).
    func sourceModule(_ entry: ImportSyntax, from module: ModuleScope) -> ModuleScope? {
        let named = modulesByName[entry.module.text] ?? []
        if named.count == 1 { return named[0] }
        let wanted = entry.identifier.isEmpty ? nil : moduleArcs(entry.identifier, module)
        if let wanted {
            let pool = named.isEmpty ? modules : named
            if let match = pool.first(where: {
                !$0.syntax.identifier.isEmpty && moduleArcs($0.syntax.identifier, $0) == wanted
            }) {
                return match
            }
        }
        return named.first(where: { $0 !== module }) ?? named.first
    }

    /// The arcs of a module identifier, `nil` when one can't be told.
    func moduleArcs(_ arcs: [ArcSyntax], _ module: ModuleScope) -> [BigInteger]? {
        sink.suppressed += 1
        defer { sink.suppressed -= 1 }
        return objectIdentifier(arcs, module.scope, isRelative: false)
    }

    /// Follows imports to the assignment.
    func definition(of name: String, in start: ModuleScope) -> (AssignmentSyntax, ModuleScope)? {
        var module = start
        var seen: Set<ObjectIdentifier> = []
        while seen.insert(ObjectIdentifier(module)).inserted {
            if let assignment = module.assignments[name] { return (assignment, module) }
            guard let entry = module.imports[name] else {
                if let standard, let assignment = standard.assignments[name] {
                    return (assignment, standard)
                }
                return nil
            }
            guard let next = sourceModule(entry.source, from: module) else { return nil }
            module = next
        }
        return nil
    }

    // MARK: Instances

    /// The scope of a definition's text: the module's, or an instance's with its dummies bound.
    func instanceScope(
        _ assignment: AssignmentSyntax, _ module: ModuleScope, _ reference: ReferenceSyntax,
        _ scope: Scope
    ) -> (scope: Scope, key: String)? {
        let arguments = reference.arguments ?? []
        if assignment.parameters.isEmpty {
            if !arguments.isEmpty {
                sink.error(
                    .notParameterized, reference.location,
                    "\"\(reference.name.text)\" has no parameters")
            }
            return (module.scope, "")
        }
        if arguments.isEmpty {
            sink.error(
                .missingParameters, reference.location,
                "\"\(reference.name.text)\" needs \(assignment.parameters.count) parameters")
            return nil
        }
        if arguments.count != assignment.parameters.count {
            sink.error(
                .parameterCount, reference.location,
                "\"\(reference.name.text)\" needs \(assignment.parameters.count) parameters, not \(arguments.count)"
            )
            return nil
        }
        var key = "\(module.index).\(assignment.name.text){"
        for argument in arguments {
            key += canonical(argument, scope, 0)
            key += ","
        }
        if let known = scopes[key] { return (known, key) }
        if scope.depth >= limits.instanceDepth || scopes.count >= limits.instances {
            if !instanceLimitReported {
                instanceLimitReported = true
                sink.error(
                    .expansionLimit, reference.location,
                    "parameterized definitions expand without end, or past the limit of \(limits.instances)"
                )
            }
            return nil
        }
        var bindings: [String: Scope.Binding] = [:]
        for (parameter, argument) in zip(assignment.parameters, arguments) {
            bindings[parameter.name.text] = Scope.Binding(
                parameter: parameter, argument: argument, argumentScope: scope)
        }
        let made = newScope(module, bindings, scope.depth + 1)
        scopes[key] = made
        return (made, key)
    }

    func newScope(_ module: ModuleScope, _ bindings: [String: Scope.Binding], _ depth: Int) -> Scope
    {
        scopeCount += 1
        return Scope(id: scopeCount, module: module, bindings: bindings, depth: depth)
    }

    /// A text that is equal for equal actual parameters, so that recursion meets itself again.
    private func canonical(_ argument: ArgumentSyntax, _ scope: Scope, _ depth: Int) -> String {
        switch argument {
        case .type(let type):
            if let reference = type.plainReference { return canonical(reference, scope, depth) }
            retained.append(type)
            return "t\(UInt(bitPattern: ObjectIdentifier(type).hashValue)).\(scope.id)"
        case .value(let value):
            switch value.kind {
            case .integer(let number): return number.description
            case .boolean(let flag): return flag ? "T" : "F"
            case .reference(let reference): return canonical(reference, scope, depth)
            default:
                retained.append(value)
                return "v\(UInt(bitPattern: ObjectIdentifier(value).hashValue)).\(scope.id)"
            }
        case .braced(let range, _):
            let list = tokens[range.file]
            if range.end == range.start + 1, list[range.start].kind == .upper {
                let token = list[range.start]
                let place = SourceLocation(file: range.file, line: token.line, column: token.column)
                let reference = ReferenceSyntax(
                    module: nil, name: NameSyntax(text: token.text, location: place), arguments: nil
                )
                return "{" + canonical(reference, scope, depth) + "}"
            }
            return "b\(range.file).\(range.start).\(scope.id)"
        }
    }

    private func canonical(_ reference: ReferenceSyntax, _ scope: Scope, _ depth: Int) -> String {
        guard depth < limits.referenceDepth else { return "deep\(depth)" }
        switch lookup(reference, scope, nil) {
        case .assignment(let assignment, let module):
            var text = "\(module.index).\(assignment.name.text)"
            if let arguments = reference.arguments {
                text += "{"
                for argument in arguments { text += canonical(argument, scope, depth + 1) + "," }
                text += "}"
            }
            return text
        case .dummy(let binding):
            guard let argument = binding.argument else {
                return "dummy.\(binding.parameter.name.text)"
            }
            return canonical(argument, binding.argumentScope, depth + 1)
        case .missing: return "?\(reference.name.text)"
        }
    }
}
