import BER
import ByteIO
import Migration

/// The layouts that the annotation `berth:fields` has, read.
struct FieldLayouts {
    struct Node {
        var kind: DeviceState.Kind
        var elementKind: DeviceState.Kind
        var name: String
        var children: [Node]
    }

    private(set) var nodes: [Node] = []

    init(_ octets: [UInt8], _ path: String) throws(MigrationError) {
        var input = ElementReader(ByteSource(octets: octets))
        input.path = [path, Annotation.fields.name]
        var left = FieldLayout.runLimit
        while let element = try input.next() {
            try FieldLayouts.append(element, to: &nodes, &left, &input)
        }
    }

    /// Adds a layout, or a run of such.
    /// - Parameter left: layouts that runs may still stand for.
    private static func append(
        _ element: BERElement, to nodes: inout [Node], _ left: inout Int,
        _ input: inout ElementReader
    ) throws(MigrationError) {
        guard element.tag == .context(FieldLayout.run), element.isConstructed else {
            return nodes.append(try node(element, &left, &input))
        }
        let number = try input.next(.integer, constructed: false, "count")
        let count = try input.unsigned(number, "count")
        guard count <= UInt64(left) else {
            throw MigrationError(
                .limit, at: number.offset, path: input.pathText,
                expected: "runs of at most \(FieldLayout.runLimit) layouts", found: "\(count) more")
        }
        left -= Int(count)
        let one = try node(try input.next("layout"), &left, &input)
        nodes.append(contentsOf: repeatElement(one, count: Int(count)))
        try input.end()
    }

    private static func node(
        _ element: BERElement, _ left: inout Int, _ input: inout ElementReader
    ) throws(MigrationError) -> Node {
        guard element.tag.class == .context, let kind = FieldLayout.kind(element.tag.number) else {
            throw input.unexpected(element, "a field's layout")
        }
        var node = Node(kind: kind, elementKind: .blob, name: "", children: [])
        guard element.isConstructed else {
            guard !kind.isContainer, kind != .scalars else {
                throw input.unexpected(element, "a layout with what it holds")
            }
            node.name = String(decoding: try input.octets(element, limit: 1020), as: UTF8.self)
            return node
        }
        node.name = try input.text("name", range: 0...1020)
        if kind == .scalars {
            let number = try input.next(.integer, constructed: false, "kind")
            guard let elementKind = FieldLayout.kind(try input.unsigned(number, "kind")),
                elementKind.width != nil
            else { throw input.unexpected(number, "a scalar's kind") }
            node.elementKind = elementKind
            try input.end()
            return node
        }
        guard kind.isContainer else { throw input.unexpected(element, "a layout") }
        while let child = try input.next() {
            try append(child, to: &node.children, &left, &input)
        }
        return node
    }
}

/// Reads `VMState` of version 3, with the layouts of an annotation or without.
struct VMStateDecoder {
    private(set) var state = DeviceState()
    private var names: [String: Int32] = [:]

    mutating func finish() -> DeviceState {
        state.finish()
        return state
    }

    /// Reads entries up to the end of the element that is open.
    /// - Parameters:
    ///   - layouts: one for each entry; `nil` if the file has no annotation.
    ///   - isElement: whether they are an array's elements, which have no names.
    mutating func entries(
        _ layouts: [FieldLayouts.Node]?, isElement: Bool = false, _ input: inout ElementReader
    ) throws(MigrationError) {
        var next = 0
        while let entry = try input.next() {
            if entry.tag == SchemaTag.subSecList, entry.isConstructed {
                try subsections(layouts.map { Array($0[min(next, $0.count)...]) }, &input)
                next = layouts?.count ?? next
                continue
            }
            var layout: FieldLayouts.Node?
            if let layouts {
                guard next < layouts.count, layouts[next].kind != .subsection else {
                    throw input.unexpected(entry, "no more values than \(Annotation.fields.name)")
                }
                layout = layouts[next]
            }
            try value(entry, layout, place: isElement ? nil : next, &input)
            next += 1
        }
        guard layouts == nil || next == layouts?.count else {
            throw MigrationError(
                .corrupt, at: input.reader.position, path: input.pathText,
                expected: "as many values as \(Annotation.fields.name) has", found: "fewer")
        }
    }

    private mutating func subsections(
        _ layouts: [FieldLayouts.Node]?, _ input: inout ElementReader
    ) throws(MigrationError) {
        var next = 0
        while let element = try input.next() {
            guard element.tag == SchemaTag.subSection, element.isConstructed else {
                throw input.unexpected(element, "a SubSection")
            }
            let name = try input.text("name")
            let version = try input.unsigned32("versionid")
            let contents = try input.next(.sequence, constructed: true, "contents")
            var inner: [FieldLayouts.Node]?
            if let layouts {
                guard next < layouts.count, layouts[next].kind == .subsection else {
                    throw input.unexpected(contents, "a subsection that the annotation has")
                }
                inner = layouts[next].children
            }
            let container = state.beginContainer(
                .subsection, name: state.intern(name, &names), version: version)
            try entries(inner, &input)
            try input.end()
            state.endContainer(container)
            next += 1
        }
        guard layouts == nil || next == layouts?.count else {
            throw MigrationError(
                .corrupt, at: input.reader.position, path: input.pathText,
                expected: "as many subsections as \(Annotation.fields.name) has", found: "fewer")
        }
    }

    private mutating func value(
        _ entry: BERElement, _ layout: FieldLayouts.Node?, place: Int?,
        _ input: inout ElementReader
    ) throws(MigrationError) {
        // Without an annotation a value has just its place for a name.
        let text = layout?.name ?? place.map { "[\($0)]" } ?? ""
        let name = text.isEmpty ? -1 : state.intern(text, &names)
        switch entry.tag {
        case .boolean where layout?.kind ?? .bool == .bool:
            state.add(.bool, name: name, bits: try input.boolean(entry, "bool") ? 1 : 0)
        case .integer:
            let kind = layout?.kind ?? .number
            guard kind.width != nil || kind == .number, kind != .bool else {
                throw input.unexpected(entry, "a value of kind \(kind)")
            }
            state.add(kind, name: name, bits: try integer(entry, kind, &input))
        case .octetString
        where [.blob, .buffer, .text].contains(layout?.kind ?? .blob):
            state.add(layout?.kind ?? .blob, name: name, octets: try input.octets(entry))
        case .sequence where entry.isConstructed:
            try array(layout, name: name, &input)
        default: throw input.unexpected(entry, "a value that the annotation has")
        }
    }

    private func integer(
        _ entry: BERElement, _ kind: DeviceState.Kind, _ input: inout ElementReader
    ) throws(MigrationError) -> UInt64 {
        let width = kind.width ?? 8
        if kind == .number {
            guard let length = entry.length, length <= 8 else {
                return try input.unsigned(entry, "int")
            }
            return UInt64(bitPattern: try input.signed(entry, "int"))
        }
        if kind.isSigned {
            let number = try input.signed(entry, "int")
            let magnitude = UInt64(bitPattern: number < 0 ? ~number : number)
            if magnitude >> UInt64(8 * width - 1) == 0 { return UInt64(bitPattern: number) }
        } else {
            let number = try input.unsigned(entry, "int")
            if width == 8 || number >> UInt64(8 * width) == 0 { return number }
        }
        throw MigrationError(
            .corrupt, at: entry.contentOffset, path: input.pathText,
            expected: "a value of \(width) octets, as the annotation says", found: "a larger one")
    }

    private mutating func array(
        _ layout: FieldLayouts.Node?, name: Int32, _ input: inout ElementReader
    ) throws(MigrationError) {
        guard let layout else {
            let container = state.beginContainer(.array, name: name)
            try entries(nil, isElement: true, &input)
            return state.endContainer(container)
        }
        switch layout.kind {
        case .absent:
            try input.end()
            state.add(.absent, name: name, bits: 0)
        case .scalars:
            let kind = layout.elementKind
            var octets: [UInt8] = []
            while let element = try input.next() {
                let isRight = element.tag == (kind == .bool ? .boolean : .integer)
                guard isRight, !element.isConstructed else {
                    throw input.unexpected(element, "an array's element of kind \(kind)")
                }
                let bits =
                    kind == .bool
                    ? try input.boolean(element, "bool") ? 1 : 0
                    : try integer(element, kind, &input)
                kind.append(bits, to: &octets)
            }
            state.add(.scalars, of: kind, name: name, octets: octets)
        case .structure, .array, .list, .tree:
            let container = state.beginContainer(layout.kind, name: name)
            try entries(layout.children, &input)
            state.endContainer(container)
        default:
            throw MigrationError(
                .corrupt, at: input.reader.position, path: input.pathText,
                expected: "a value of kind \(layout.kind)", found: "a SEQUENCE")
        }
    }
}
