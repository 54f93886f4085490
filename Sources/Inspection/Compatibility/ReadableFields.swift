/// The fields that a loader still reads, in their order. Those of a structure that was entered come
/// before what follows it.
struct ReadableFields {
    private var fields: ArraySlice<ExpectedBody.Field>

    init(_ fields: [ExpectedBody.Field]) { self.fields = fields[...] }

    var first: ExpectedBody.Field? { fields.first }
    var rest: ArraySlice<ExpectedBody.Field> { fields }

    mutating func advance() { fields = fields.dropFirst() }

    /// Puts a structure's fields in its place.
    mutating func enter(_ inner: ExpectedBody) {
        let read = inner.fields.filter { $0.isOptional || $0.version <= inner.version }
        fields = (read + fields.dropFirst())[...]
    }

    /// How many fields stand before the first that passes a test, and whether all of those may be left
    /// out; `nil` if none passes.
    func distance(
        to test: (ExpectedBody.Field) -> Bool
    ) -> (count: Int, isFree: Bool)? {
        guard let index = fields.firstIndex(where: test) else { return nil }
        let before = fields[..<index]
        return (before.count, before.allSatisfy { $0.isOptional })
    }

    /// Passes over so many fields, and gives them.
    mutating func pass(_ count: Int) -> ArraySlice<ExpectedBody.Field> {
        defer { fields = fields.dropFirst(count) }
        return fields.prefix(count)
    }

    /// What is left behind plain fields that have so many octets together.
    /// - Parameter name: the field that the sender has behind these octets. Where the loader has it, too,
    ///   all before it are meant: one of them may be an array, whose length a dump doesn't always tell.
    func filling(_ octets: UInt64, before name: String?) -> ReadableFields? {
        if let end = fields.firstIndex(where: { $0.name == name }), end > fields.startIndex,
            Self.canFill(fields[..<end], octets)
        {
            var after = self
            after.fields = fields[end...]
            return after
        }
        var left = octets
        var after = self
        while left > 0, let next = after.first {
            guard next.body.isEmpty, next.total > 0, next.total <= left else { return nil }
            left -= next.total
            after.advance()
        }
        return left == 0 ? after : nil
    }

    private static func canFill(
        _ fields: ArraySlice<ExpectedBody.Field>, _ octets: UInt64
    ) -> Bool {
        guard fields.allSatisfy({ $0.body.isEmpty && $0.size > 0 }) else { return false }
        var least: UInt64 = 0
        for field in fields {
            let (sum, overflow) = least.addingReportingOverflow(field.total)
            guard !overflow, sum <= octets else { return false }
            least = sum
        }
        let open = fields.filter { $0.count == nil }
        guard open.count == 1, let array = open.first else { return least == octets }
        return (octets - least) % array.size == 0
    }
}
