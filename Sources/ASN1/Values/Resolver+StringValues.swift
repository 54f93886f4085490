/// What the characters of a string value have to be.
extension Resolver {
    /// Checks that the characters belong to the type (X.680 41 and 42), that a time is one
    /// (38, 46, 47), that an IRI has its slashes (34, 35). Published texts have such values, and no
    /// tool minds: warnings.
    func checkString(_ text: String, _ simple: TypeKind.Simple, _ location: SourceLocation) {
        if let known = simple.alphabet {
            for scalar in text.unicodeScalars where !known.contains(BigInteger(Int(scalar.value))) {
                sink.warning(
                    .valueType, location,
                    "the character \"\(scalar)\" is none of the type \(simple.rawValue)")
                break
            }
        }
        switch simple {
        case .utcTime, .generalizedTime, .date, .timeOfDay, .dateTime, .duration, .time:
            if let problem = TimeRules.check(notation: Array(text.utf8), simple) {
                sink.warning(
                    .valueType, location,
                    "\"\(text)\" is no value of \(simple.rawValue): \(problem.message)")
            }
        case .objectIdentifierIRI, .relativeOIDIRI:
            var labels = text.split(separator: "/", omittingEmptySubsequences: false)
            if simple == .objectIdentifierIRI {
                guard labels.first == "" else {
                    sink.warning(.valueType, location, "an OID-IRI begins with \"/\"")
                    return
                }
                labels.removeFirst()
            }
            guard !labels.isEmpty, labels.allSatisfy({ !$0.isEmpty }) else {
                sink.warning(.valueType, location, "a label of the \(simple.rawValue) is empty")
                return
            }
        default: break
        }
    }
}
