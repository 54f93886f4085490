internal import ASN1

/// Sets that constraints leave, where they can be told exactly; `nil` where they can't.
enum SetAlgebra {
    /// Inclusions followed one after another.
    static let depthLimit = 32

    static func integers(
        _ expression: ConstraintExpression, _ schema: Schema, _ depth: Int
    ) -> IntegerRanges? {
        switch expression {
        case .everything: return .all
        case .integerRange(let lower, let upper): return IntegerRanges(lower: lower, upper: upper)
        case .value(.integer(let number)): return IntegerRanges(lower: number, upper: number)
        case .union(let parts):
            var result = IntegerRanges.none
            for part in parts {
                guard let ranges = integers(part, schema, depth) else { return nil }
                result = result.union(ranges)
            }
            return result
        case .intersection(let parts):
            var result = IntegerRanges.all
            for part in parts {
                guard let ranges = integers(part, schema, depth) else { return nil }
                result = result.intersection(ranges)
            }
            return result
        case .difference(let a, let b):
            guard let first = integers(a, schema, depth), let second = integers(b, schema, depth)
            else { return nil }
            return first.subtracting(second)
        case .complement(let a): return integers(a, schema, depth)?.complement
        case .included(let use):
            guard depth < depthLimit else { return nil }
            var result = IntegerRanges.all
            for constraint in schema.types[use.type].constraints where !constraint.isExtensible {
                guard let ranges = integers(constraint.expression, schema, depth + 1) else {
                    return nil
                }
                result = result.intersection(ranges)
            }
            return result
        default: return nil
        }
    }

    /// The sizes of an expression that speaks of nothing but sizes.
    static func sizes(_ expression: ConstraintExpression) -> IntegerRanges? {
        let everything = IntegerRanges(lower: .zero, upper: nil)
        switch expression {
        case .size(let sizes, let isExtensible): return isExtensible ? everything : sizes
        case .union(let parts):
            var result = IntegerRanges.none
            for part in parts {
                guard let ranges = sizes(part) else { return nil }
                result = result.union(ranges)
            }
            return result
        case .intersection(let parts):
            var result = everything
            for part in parts {
                guard let ranges = sizes(part) else { return nil }
                result = result.intersection(ranges)
            }
            return result
        case .difference(let a, let b):
            guard let first = sizes(a), let second = sizes(b) else { return nil }
            return first.subtracting(second)
        case .complement(let a): return sizes(a).map { everything.subtracting($0) }
        default: return nil
        }
    }

    /// Whether a value is in a set, where only single values need be looked at.
    static func holds(
        _ expression: ConstraintExpression, _ schema: Schema, _ depth: Int,
        _ isValue: (SchemaValue) -> Bool
    ) -> Bool {
        switch expression {
        case .value(let value): isValue(value)
        case .integerRange(let lower?, let upper?) where lower == upper: isValue(.integer(lower))
        case .union(let parts): parts.contains { holds($0, schema, depth, isValue) }
        case .intersection(let parts): parts.allSatisfy { holds($0, schema, depth, isValue) }
        case .difference(let a, let b):
            holds(a, schema, depth, isValue) && !holds(b, schema, depth, isValue)
        case .complement(let a): !holds(a, schema, depth, isValue)
        case .included(let use):
            depth >= depthLimit
                || schema.types[use.type].constraints.allSatisfy {
                    $0.isExtensible || holds($0.expression, schema, depth + 1, isValue)
                }
        default: true
        }
    }

    /// A number within 64 bits, and which bound it was beyond.
    static func clamp(_ value: BigInteger) -> (Int64, Int) {
        if let number = value.asInt { return (Int64(number), 0) }
        return value.isNegative ? (.min, -1) : (.max, 1)
    }

    static func size(_ value: BigInteger?) -> UInt64? {
        value.map { $0.isNegative ? 0 : UInt64(clamping: $0.asInt ?? Int.max) }
    }

    /// The rules that an object identifier names (X.690 clause 12); `nil` if none of these.
    static func rules(_ value: SchemaValue?) -> ValueRules? {
        guard case .objectIdentifier(let arcs)? = value else { return nil }
        switch arcs.map({ $0.asInt ?? -1 }) {
        case [2, 1, 1]: return .ber
        case [2, 1, 2, 0]: return .cer
        case [2, 1, 2, 1]: return .der
        default: return nil
        }
    }
}
