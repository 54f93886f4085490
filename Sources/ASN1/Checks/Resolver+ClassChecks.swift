/// What X.681 asks of the definition of a class, and of the objects in a set.
extension Resolver {
    func checkClass(_ syntax: ClassSyntax, _ assignment: AssignmentSyntax, _ scope: Scope) {
        var names: Set<String> = []
        let info = ClassInfo(syntax: syntax, scope: scope, name: assignment.name.text)
        for field in syntax.fields {
            if !names.insert(field.name.text).inserted {
                sink.error(
                    .duplicateField, field.name.location, "&\(field.name.text) is defined twice")
            }
            checkUnique(field, scope)
            switch field.governor {
            case .none:
                if case .type(let type) = field.defaultSetting { _ = self.type(type, scope) }
            case .field(let path): _ = self.field(path, in: info)
            case .type(let governor):
                if governingClass(governor, scope) != nil { continue }
                let node = type(governor, scope)
                drain()
                if case .value(let value) = field.defaultSetting, !field.isUpper {
                    if let found = self.value(value, node, scope) {
                        checkFits(found, node, value.location)
                    }
                }
            }
        }
        if let items = syntax.syntax { checkWithSyntax(items, info) }
    }

    /// 9.6 and 9.8: UNIQUE is for values of a fixed type, without DEFAULT.
    private func checkUnique(_ field: FieldSyntax, _ scope: Scope) {
        guard field.isUnique else { return }
        var message: String?
        if field.isUpper {
            message = "only a field of values can be UNIQUE"
        } else if field.defaultSetting != nil {
            message = "a UNIQUE field has no DEFAULT"
        } else if case .field = field.governor {
            message = "a UNIQUE field has a fixed type"
        } else if case .type(let governor) = field.governor, governingClass(governor, scope) != nil
        {
            message = "a field of objects is not UNIQUE"
        }
        if let message { sink.error(.fieldSpecification, field.name.location, message) }
    }

    /// 10.11 and 10.12: each field comes once at most; one that every object has to give stands
    /// outside all optional groups.
    private func checkWithSyntax(_ items: [ObjectSyntaxItem], _ info: ClassInfo) {
        var used: Set<String> = []
        var outside: Set<String> = []
        func check(_ items: [ObjectSyntaxItem], isOptional: Bool) {
            for item in items {
                switch item {
                case .literal: break
                case .field(let name, _):
                    guard field([name], in: info) != nil else { continue }
                    if !used.insert(name.text).inserted {
                        sink.error(
                            .classSyntax, name.location,
                            "&\(name.text) stands twice in the WITH SYNTAX clause")
                    }
                    if !isOptional { outside.insert(name.text) }
                case .optional(let group): check(group, isOptional: true)
                }
            }
        }
        check(items, isOptional: false)
        for field in info.syntax.fields
        where !field.isOptional && field.defaultSetting == nil && !outside.contains(field.name.text)
        {
            sink.error(
                .classSyntax, field.name.location,
                used.contains(field.name.text)
                    ? "&\(field.name.text) is mandatory but stands in an optional group"
                    : "&\(field.name.text) is mandatory but not in the WITH SYNTAX clause")
        }
    }

    /// Two objects of a set never have one value in a UNIQUE field (X.681 9.9).
    func checkUniqueValues(_ set: ObjectSetInfo, _ place: SourceLocation) {
        let all = rows(set)
        guard all.count > 1 else { return }
        for field in set.objectClass.syntax.fields where field.isUnique {
            var owners: [SchemaValue: ObjectInfo] = [:]
            for object in all {
                guard case .value(let syntax, let scope)? = object.settings[field.name.text],
                    let node = governor(of: field, object)
                else { continue }
                drain()
                sink.suppressed += 1
                let found = value(syntax, node, scope)
                sink.suppressed -= 1
                guard let found else { continue }
                if case .unknown = found { continue }
                guard let owner = owners[found] else {
                    owners[found] = object
                    continue
                }
                if owner.location == object.location { continue }
                sink.warning(
                    .duplicateUnique, syntax.location,
                    "another object of the set has the same value in &\(field.name.text)",
                    hint: "the object of line \(owner.location.line)")
            }
        }
    }
}
