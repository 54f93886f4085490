extension ElementSyntax {
    /// The word for the constraint, when the type can't have it (X.680 table 9).
    func misplaced(on core: NodeCore) -> String? {
        switch kind {
        case .value, .userDefined, .type: return nil
        case .range:
            switch core {
            case .integer, .simple(.real): return nil
            case .simple(let simple): return simple.isTime ? nil : "a value range"
            default: return "a value range"
            }
        case .size: return core.hasSize ? nil : "SIZE"
        case .permittedAlphabet:
            if case .simple(let simple) = core, simple.isCharacterString { return nil }
            return "FROM"
        case .pattern:
            if case .simple(let simple) = core, simple.isCharacterString { return nil }
            return "PATTERN"
        case .settings:
            if case .simple(let simple) = core, simple.isTime { return nil }
            return "SETTINGS"
        case .component: return core.element == nil ? "WITH COMPONENT" : nil
        case .components:
            switch core {
            case .structure, .instanceOf: return nil
            case .simple(.real), .simple(.external), .simple(.embeddedPDV),
                .simple(.unrestrictedCharacterString):
                return nil
            // A duration has the components of its associated type (X.680 38.4.4).
            case .simple(let simple) where simple.isTime: return nil
            default: return "WITH COMPONENTS"
            }
        case .containing:
            switch core {
            case .bitString, .simple(.octetString): return nil
            default: return "CONTAINING"
            }
        case .table: return nil
        }
    }
}

extension NodeCore {
    var hasSize: Bool {
        switch self {
        case .bitString, .sequenceOf, .setOf: true
        case .simple(let simple):
            simple == .octetString || simple == .unrestrictedCharacterString
                || simple.isCharacterString
        default: false
        }
    }

    var element: TypeUse? {
        switch self {
        case .sequenceOf(let use), .setOf(let use): use
        default: nil
        }
    }

    /// The characters of the type, where the standard bounds them by code point (41.2 to 41.7).
    var alphabet: IntegerRanges? {
        guard case .simple(let simple) = self else { return nil }
        return simple.alphabet
    }
}

extension TypeKind.Simple {
    /// The characters of the type as code points; `nil` for types whose characters are chosen by
    /// escape sequences.
    public var alphabet: IntegerRanges? {
        func ranges(_ pairs: [(Int, Int)]) -> IntegerRanges {
            IntegerRanges(
                pairs.map { IntegerRanges.Range(lower: BigInteger($0.0), upper: BigInteger($0.1)) })
        }
        switch self {
        case .numericString: return ranges([(0x20, 0x20), (0x30, 0x39)])
        case .printableString:
            return ranges([
                (0x20, 0x20), (0x27, 0x29), (0x2B, 0x2F), (0x30, 0x39), (0x3A, 0x3A), (0x3D, 0x3D),
                (0x3F, 0x3F), (0x41, 0x5A), (0x61, 0x7A),
            ])
        case .ia5String: return ranges([(0, 0x7F)])
        case .visibleString, .utcTime, .generalizedTime: return ranges([(0x20, 0x7E)])
        case .bmpString: return ranges([(0, 0xFFFF)])
        case .utf8String, .universalString: return ranges([(0, 0x10FFFF)])
        default: return nil
        }
    }
}

extension ConstraintExpression {
    /// The integers that the expression leaves; parts that speak of something else leave all.
    var integers: IntegerRanges {
        switch self {
        case .union(let parts): IntegerRanges(parts.flatMap { $0.integers.ranges })
        case .intersection(let parts): parts.reduce(.all) { $0.intersection($1.integers) }
        case .difference(let a, let b):
            b.isIntegerSet ? a.integers.subtracting(b.integers) : a.integers
        case .complement(let a): a.isIntegerSet ? a.integers.complement : .all
        case .integerRange(let lower, let upper): IntegerRanges(lower: lower, upper: upper)
        default: .all
        }
    }

    private var isIntegerSet: Bool {
        switch self {
        case .union(let parts), .intersection(let parts): parts.allSatisfy(\.isIntegerSet)
        case .difference(let a, let b): a.isIntegerSet && b.isIntegerSet
        case .complement(let a): a.isIntegerSet
        case .integerRange: true
        default: false
        }
    }

    /// Whether a value is one of those the expression lists; `nil` when it says something else.
    func contains(_ value: SchemaValue) -> Bool? {
        switch self {
        case .value(let own): return own == value
        case .union(let parts):
            let answers = parts.map { $0.contains(value) }
            if answers.contains(true) { return true }
            return answers.contains(nil) ? nil : false
        case .intersection(let parts):
            let answers = parts.map { $0.contains(value) }
            if answers.contains(false) { return false }
            return answers.contains(nil) ? nil : true
        case .difference(let a, let b):
            guard let first = a.contains(value), let second = b.contains(value) else { return nil }
            return first && !second
        case .complement(let a): return a.contains(value).map { !$0 }
        default: return nil
        }
    }

    /// The sizes that the expression leaves.
    var sizes: IntegerRanges {
        switch self {
        case .union(let parts): IntegerRanges(parts.flatMap { $0.sizes.ranges })
        case .intersection(let parts): parts.reduce(.all) { $0.intersection($1.sizes) }
        case .difference(let a, _): a.sizes
        case .size(let sizes, let isExtensible): isExtensible ? .all : sizes
        default: .all
        }
    }

    /// The characters that the expression leaves.
    var alphabet: IntegerRanges {
        switch self {
        case .union(let parts): IntegerRanges(parts.flatMap { $0.alphabet.ranges })
        case .intersection(let parts): parts.reduce(.all) { $0.intersection($1.alphabet) }
        case .difference(let a, _): a.alphabet
        case .permittedAlphabet(let ranges, let isExtensible): isExtensible ? .all : ranges
        default: .all
        }
    }
}
