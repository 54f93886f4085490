internal import QEMUStream

/// What a loader reads of one description, as far as a dump or a stream of its own tells.
struct ExpectedBody: Hashable, Sendable {
    struct Field: Hashable, Sendable {
        var name: String
        /// The name without the number that several of one name have.
        var plainName: String
        /// The type as in the vmdesc; a dump has none.
        var type: String?
        /// Octets of one element in C, or on the wire if the type is known; 0 where nothing tells.
        var size: UInt64
        /// Elements of an array of fixed length.
        var count: UInt64?
        /// The first version that has it.
        var version: Int64 = 0
        /// Whether a predicate decides if it is read.
        var isOptional = false
        var body: [ExpectedBody] = []

        var total: UInt64 { size.multipliedReportingOverflow(by: count ?? 1).partialValue }
    }

    var name: String
    var version: Int64
    /// The oldest version that it takes; 0 where nothing tells.
    var minimumVersion: Int64 = 0
    var fields: [Field] = []
    var subsections: [ExpectedBody] = []
    /// Whether this is all that it can read: a dump tells that, a stream only what was sent once.
    var isComplete: Bool
}

extension ExpectedBody {
    init(_ body: DumpDescription.Body) {
        name = body.name
        version = body.version
        minimumVersion = body.minimumVersion
        isComplete = true
        fields = body.fields.map { field in
            Field(
                name: field.name, plainName: field.declaredName, size: field.size,
                count: field.count, version: field.version,
                isOptional: field.isOptional
                    || DumpFields.isVariableArray(field.plainName, of: body.name),
                body: field.body.map { ExpectedBody($0) })
        }
        subsections = body.subsections.map { ExpectedBody($0) }
    }

    init(_ body: SentBody) {
        name = body.name ?? ""
        version = body.version
        isComplete = false
        fields = body.fields.map { field in
            Field(
                name: field.name, plainName: field.name, type: field.type, size: field.size,
                count: field.count, isOptional: true,
                body: field.bodies.prefix(1).map { ExpectedBody($0) })
        }
        subsections = body.subsections.map { ExpectedBody($0) }
    }
}
