extension Resolver {
    /// Enters the names of all modules and checks imports and exports (X.680 13).
    func enterNames() {
        for module in modules {
            for assignment in module.syntax.assignments {
                let name = assignment.name.text
                if let first = module.assignments[name] {
                    sink.error(
                        .duplicateAssignment, assignment.name.location,
                        "\"\(name)\" is defined twice",
                        hint: "first in line \(first.name.location.line)")
                    continue
                }
                module.assignments[name] = assignment
                var dummies: Set<String> = []
                for parameter in assignment.parameters
                where !dummies.insert(parameter.name.text).inserted {
                    sink.error(
                        .duplicateParameter, parameter.name.location,
                        "\"\(parameter.name.text)\" is a dummy twice")
                }
            }
            for entry in module.syntax.imports {
                for symbol in entry.symbols {
                    if let own = module.assignments[symbol.text] {
                        // Published modules do it; the definition at hand is meant.
                        sink.warning(
                            .importConflict, symbol.location,
                            "\"\(symbol.text)\" is imported and defined here, too",
                            hint: "defined in line \(own.name.location.line)")
                    }
                    if let first = module.imports[symbol.text] {
                        if first.source.module.text != entry.module.text {
                            sink.warning(
                                .importConflict, symbol.location,
                                "\"\(symbol.text)\" is imported from two modules")
                        } else {
                            sink.warning(
                                .duplicateImport, symbol.location,
                                "\"\(symbol.text)\" is imported twice")
                        }
                        continue
                    }
                    module.imports[symbol.text] = ModuleScope.Import(symbol: symbol, source: entry)
                }
            }
        }
        checkDuplicateModules()
    }

    private func checkDuplicateModules() {
        for (_, group) in modulesByName where group.count > 1 {
            for (index, module) in group.enumerated().dropFirst() {
                let arcs =
                    module.syntax.identifier.isEmpty
                    ? nil : moduleArcs(module.syntax.identifier, module)
                let same = group.prefix(index).first { other in
                    let others =
                        other.syntax.identifier.isEmpty
                        ? nil : moduleArcs(other.syntax.identifier, other)
                    return arcs == nil || others == nil || arcs == others
                }
                if same != nil {
                    sink.error(
                        .duplicateModule, module.syntax.name.location,
                        "there are two modules \(module.name)")
                } else {
                    sink.warning(
                        .duplicateModuleName, module.syntax.name.location,
                        "there are two modules \(module.name) with different object identifiers")
                }
            }
        }
    }

    func checkImports() {
        for module in modules {
            for entry in module.syntax.imports {
                guard let source = sourceModule(entry, from: module) else {
                    // Nothing is lost by a module that nothing is used from.
                    let message = "the module \(entry.module.text) is not there"
                    if entry.symbols.contains(where: { module.usedImports.contains($0.text) }) {
                        sink.error(
                            .undefinedModule, entry.module.location, message,
                            hint: moduleHint(entry.module.text))
                    } else {
                        sink.warning(
                            .undefinedModule, entry.module.location, message,
                            hint: moduleHint(entry.module.text))
                    }
                    continue
                }
                for symbol in entry.symbols { checkSymbol(symbol, source, module) }
            }
            for name in module.syntax.exports ?? []
            where module.assignments[name.text] == nil && module.imports[name.text] == nil {
                // X.680 13.12 a. Words that are there for all, and macros, are exported in vain.
                let isBuiltIn =
                    Self.macroNames.contains(name.text) || ReservedWords.all.contains(name.text)
                    || standard?.assignments[name.text] != nil
                let message = "\"\(name.text)\" is exported but not defined"
                if isBuiltIn {
                    sink.warning(.undefinedExport, name.location, message)
                } else {
                    sink.error(
                        .undefinedExport, name.location, message,
                        hint: nameHint(name.text, module, nil))
                }
            }
        }
    }

    private func checkSymbol(_ symbol: NameSyntax, _ source: ModuleScope, _ module: ModuleScope) {
        if symbol.text.utf8.allSatisfy({ !(0x61...0x7A).contains($0) }),
            definition(of: symbol.text, in: source) == nil,
            Self.macroNames.contains(symbol.text)
        {
            return
        }
        if source === module {
            sink.error(
                .undefinedImport, symbol.location, "a module can't import from itself")
            return
        }
        guard definition(of: symbol.text, in: source) != nil else {
            let message = "the module \(source.name) does not define \"\(symbol.text)\""
            let hint = nameHint(symbol.text, source, nil)
            if module.usedImports.contains(symbol.text) {
                sink.error(.undefinedImport, symbol.location, message, hint: hint)
            } else {
                sink.warning(.undefinedImport, symbol.location, message, hint: hint)
            }
            return
        }
        guard let exports = source.syntax.exports,
            !exports.contains(where: { $0.text == symbol.text })
        else { return }
        let message = "the module \(source.name) does not export \"\(symbol.text)\""
        // Published specifications import what another one forgot to export; from a module that
        // says it exports nothing, nobody does.
        if exports.isEmpty {
            sink.error(.notExported, symbol.location, message)
        } else {
            sink.warning(.notExported, symbol.location, message)
        }
    }

    /// Macros that compilers of their time knew by themselves.
    private static let macroNames: Set<String> = [
        "OPERATION", "ERROR", "OBJECT-TYPE", "BIND", "UNBIND", "MACRO", "TRAP-TYPE",
        "MODULE-IDENTITY", "NOTIFICATION-TYPE", "OBJECT-IDENTITY", "TEXTUAL-CONVENTION",
        "MODULE-COMPLIANCE", "OBJECT-GROUP", "NOTIFICATION-GROUP", "AGENT-CAPABILITIES",
    ]

    func warnUnusedImports() {
        for module in modules {
            for (name, entry) in module.imports where !module.usedImports.contains(name) {
                if module.syntax.exports?.contains(where: { $0.text == name }) == true { continue }
                if modules.contains(where: { other in
                    other !== module && other.imports[name]?.source.module.text == module.name
                }) {
                    continue
                }
                sink.warning(
                    .unusedImport, entry.symbol.location, "\"\(name)\" is imported but not used")
            }
        }
    }
}
