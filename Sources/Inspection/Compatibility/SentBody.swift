internal import Migration
internal import QEMUStream

/// What a stream has of one description: the fields and subsections that were sent, and where.
struct SentBody: Sendable {
    struct Field: Sendable {
        var name: String
        /// The type as in the vmdesc; `nil` if it is not known.
        var type: String?
        /// Octets of one element.
        var size: UInt64
        /// Elements; 1 for what is no array.
        var count: UInt64 = 1
        /// Octets from the payload's start.
        var offset: UInt64
        /// What each element holds.
        var bodies: [SentBody] = []

        var total: UInt64 { size.multipliedReportingOverflow(by: count).partialValue }
    }

    /// The description's name; `nil` if it is not known.
    var name: String?
    var version: Int64
    var fields: [Field] = []
    var subsections: [SentBody] = []
    /// Octets from the payload's start: of a subsection, to its mark.
    var offset: UInt64
}

extension SentBody {
    /// Octets before a subsection's fields, without its name: mark, length, version.
    private static let subsectionHead: UInt64 = 6

    /// What a vmdesc tells. All of it adds up to less than 2^63 octets (``VMDescription/Body/total``).
    init(_ body: VMDescription.Body, at offset: UInt64) {
        var end = offset
        self.init(body, at: offset, end: &end)
    }

    private init(_ body: VMDescription.Body, at offset: UInt64, end: inout UInt64) {
        name = body.name.isEmpty ? nil : body.name
        version = body.version
        self.offset = offset
        end = offset
        for field in body.fields {
            var sent = Field(
                name: field.name, type: field.type, size: field.size,
                count: field.arrayLength ?? 1, offset: end)
            var inner = end
            for body in field.bodies where body.isDescribed {
                // List elements have a mark each; what they hold is close enough to it.
                if field.bodies.count > 1 { inner &+= 1 }
                sent.bodies.append(SentBody(body, at: inner, end: &inner))
            }
            fields.append(sent)
            end &+= sent.total
        }
        for subsection in body.subsections {
            var inner = end &+ Self.subsectionHead &+ UInt64(subsection.name.utf8.count)
            var sent = SentBody(subsection, at: inner, end: &inner)
            sent.offset = end
            subsections.append(sent)
            end = inner
        }
    }

    /// What a device's values tell, where there is no vmdesc: names and lengths, few types.
    init(_ state: borrowing DeviceState) {
        var end: UInt64 = 0
        self.init(state, 0, end: &end)
    }

    private init(_ state: borrowing DeviceState, _ index: Int, end: inout UInt64) {
        let node = state.nodes[index]
        name = node.kind == .subsection ? state.name(of: node) : nil
        version = node.kind == .subsection ? Int64(clamping: node.value) : 0
        offset = end
        if node.kind == .subsection {
            end &+= Self.subsectionHead &+ UInt64(state.name(of: node).utf8.count)
        }
        for child in state.children(of: index) {
            if state.nodes[child].kind == .subsection {
                subsections.append(SentBody(state, child, end: &end))
            } else {
                fields.append(Self.field(state, child, end: &end))
            }
        }
    }

    private static func field(
        _ state: borrowing DeviceState, _ index: Int, end: inout UInt64
    ) -> Field {
        let node = state.nodes[index]
        var field = Field(name: state.name(of: node), size: 0, offset: end)
        switch node.kind {
        case .scalars:
            let width = UInt64(node.elementKind.width ?? 1)
            field.type = "\(node.elementKind)"
            field.size = width
            field.count = UInt64(node.length) / max(width, 1)
            end &+= UInt64(node.length)
        case .blob, .buffer:
            field.type = node.kind == .buffer ? "buffer" : nil
            field.size = UInt64(node.length)
            end &+= field.size
        case .text:
            field.size = 1 &+ UInt64(node.length)
            end &+= field.size
        case .absent:
            field.type = "nullptr"
            field.size = 1
            end &+= 1
        case .structure, .array, .list, .tree, .subsection:
            container(state, index, &field, end: &end)
        default:
            field.type = "\(node.kind)"
            field.size = UInt64(node.kind.width ?? 0)
            end &+= field.size
        }
        return field
    }

    private static func container(
        _ state: borrowing DeviceState, _ index: Int, _ field: inout Field, end: inout UInt64
    ) {
        let kind = state.nodes[index].kind
        let start = end
        if kind == .structure {
            field.bodies = [SentBody(state, index, end: &end)]
        } else {
            var count: UInt64 = 0
            // A tree begins with its count of entries.
            if kind == .tree { end &+= 4 }
            for child in state.children(of: index) {
                // Lists have a mark before each element, trees before each key.
                if kind == .list || kind == .tree && count % 2 == 0 { end &+= 1 }
                if state.nodes[child].kind == .structure {
                    field.bodies.append(SentBody(state, child, end: &end))
                } else {
                    _ = Self.field(state, child, end: &end)
                }
                count &+= 1
            }
            if kind == .list || kind == .tree { end &+= 1 }
            if kind == .array, count > 0, (end &- start) % count == 0 { field.count = count }
        }
        field.size = (end &- start) / max(field.count, 1)
    }

    /// Takes over the subsections' versions, which the wire has: a vmdesc may be out of date.
    mutating func takeVersions(of other: SentBody) {
        for index in subsections.indices where index < other.subsections.count {
            guard subsections[index].name == other.subsections[index].name else { return }
            subsections[index].version = other.subsections[index].version
            subsections[index].takeVersions(of: other.subsections[index])
        }
        guard fields.count == other.fields.count else { return }
        for index in fields.indices {
            let inner = other.fields[index].bodies
            guard fields[index].bodies.count == inner.count else { continue }
            for place in inner.indices {
                fields[index].bodies[place].takeVersions(of: inner[place])
            }
        }
    }
}
