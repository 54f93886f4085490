/// The arcs of object identifier values (X.680 32, X.660 annex A).
extension Resolver {
    private static let firstArcs: [String: Int] = [
        "itu-t": 0, "ccitt": 0, "itu-r": 0, "iso": 1, "joint-iso-itu-t": 2, "joint-iso-ccitt": 2,
    ]
    private static let secondArcs: [[String: Int]] = [
        [
            "recommendation": 0, "question": 1, "administration": 2, "network-operator": 3,
            "identified-organization": 4,
        ],
        [
            "standard": 0, "registration-authority": 1, "member-body": 2,
            "identified-organization": 3,
        ],
        [
            "presentation": 0, "asn1": 1, "association-control": 2, "reliable-transfer": 3,
            "remote-operations": 4, "ds": 5, "mhs": 6, "mhs-motis": 6, "ccr": 7, "oda": 8,
            "ms": 9, "osi-management": 9, "transaction-processing": 10, "country": 16,
        ],
    ]

    /// The arcs as numbers (32.3); `nil` after an error.
    func objectIdentifier(_ arcs: [ArcSyntax], _ scope: Scope, isRelative: Bool) -> [BigInteger]? {
        var result: [BigInteger] = []
        for (index, arc) in arcs.enumerated() {
            if let number = arc.number {
                if case .integer(let value) = number.kind {
                    if value.isNegative {
                        sink.error(.objectIdentifierValue, arc.location, "an arc is never negative")
                        return nil
                    }
                    result.append(value)
                    continue
                }
                guard let more = arcValue(number, scope) else { return nil }
                result += more
                continue
            }
            guard let name = arc.name else { continue }
            // A reference comes before a name of the standard only where one is defined.
            let reference = ReferenceSyntax(module: nil, name: name, arguments: nil)
            if !isRelative, index == 0, let known = Self.firstArcs[name.text],
                scope.module.assignments[name.text] == nil
            {
                result.append(BigInteger(known))
            } else if !isRelative, index == 1, result.count == 1, let first = result[0].asInt,
                first < 3,
                let known = Self.secondArcs[first][name.text]
            {
                result.append(BigInteger(known))
            } else if !isRelative, index == 2, result.count == 2, result[0].asInt == 0,
                result[1].asInt == 0,
                let letter = name.text.utf8.first, name.text.utf8.count == 1
            {
                // Recommendations are numbered by their letter: a is 1.
                result.append(BigInteger(Int(letter) - 0x60))
            } else if index > 0, case .missing = lookup(reference, scope, nil),
                scope.module.imports[name.text] == nil
            {
                // Names of arcs that the standard doesn't know stand without a number in old texts.
                sink.warning(
                    .objectIdentifierValue, arc.location,
                    "the arc \"\(name.text)\" has no number", hint: "write \(name.text)(n)")
                return nil
            } else {
                guard let more = arcValue(ValueSyntax(.reference(reference), arc.location), scope)
                else { return nil }
                result += more
            }
        }
        // Invented identifiers of examples: warnings.
        if !isRelative, let first = result.first, first > BigInteger(2) {
            sink.warning(
                .objectIdentifierValue, arcs.first?.location ?? scope.module.syntax.name.location,
                "the first arc is 0, 1 or 2, not \(first)")
        }
        if !isRelative, result.count > 1, let first = result.first, first < BigInteger(2),
            result[1] > BigInteger(39)
        {
            sink.warning(
                .objectIdentifierValue, (arcs.count > 1 ? arcs[1] : arcs[0]).location,
                "below the arc \(first) there are 0 to 39 only, not \(result[1])")
        }
        return result
    }

    /// A reference among the arcs: to an integer, an object identifier, a relative one.
    private func arcValue(_ syntax: ValueSyntax, _ scope: Scope) -> [BigInteger]? {
        valueDepth += 1
        defer { valueDepth -= 1 }
        guard valueDepth <= limits.referenceDepth else {
            sink.error(.referenceLimit, syntax.location, "values refer to one another too deeply")
            return nil
        }
        guard case .reference(let reference) = syntax.kind else {
            guard case .integer(let number)? = integerValue(syntax, scope) else { return nil }
            return [number]
        }
        switch lookup(reference, scope, .undefinedValue) {
        case .missing: return nil
        case .dummy(let binding):
            guard case .value(let value)? = binding.argument else { return nil }
            if case .integer(let number) = value.kind { return [number] }
            return arcValue(value, binding.argumentScope)
        case .assignment(let assignment, let module):
            guard case .value(let type, let definition) = assignment.kind else { return nil }
            let governor = self.type(type, module.scope)
            switch assignedValue(assignment, definition, governor, module.scope, syntax.location) {
            case .integer(let number):
                guard !number.isNegative else {
                    sink.error(
                        .objectIdentifierValue, syntax.location, "an arc is never negative")
                    return nil
                }
                return [number]
            case .objectIdentifier(let arcs), .relativeOID(let arcs): return arcs
            case nil: return nil
            default:
                sink.error(
                    .objectIdentifierValue, syntax.location,
                    "\"\(reference.name.text)\" is no arc of an object identifier")
                return nil
            }
        }
    }
}
