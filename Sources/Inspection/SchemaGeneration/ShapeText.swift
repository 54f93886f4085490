internal import Migration

/// ASN.1 types for shapes. They describe the octets that `Value`, `Field` and `SubSecList` of the
/// generic schema do, with the names, sizes and alternatives of one place.
struct ShapeText {
    /// Assignments that were made on the way: the object sets of subsections.
    private(set) var assignments = ""
    /// Whether some structure's fields are objects.
    private(set) var usesFields = false
    /// The types of structures that have a name in the dump, so that each is written once.
    private var structures: [StructureShape: String] = [:]
    /// Those of values that have a name.
    private var types: [Shape: String] = [:]
    private var usedReferences: Set<String>

    init(usedReferences: Set<String>) { self.usedReferences = usedReferences }

    mutating func reference(_ name: String) -> String {
        IdentifierRules.unique(IdentifierRules.reference(name), &usedReferences)
    }

    mutating func assign(_ text: String) { assignments += text + "\n" }

    // MARK: Structures

    /// The components `fields` and `subsections`, without braces.
    mutating func parts(_ shape: StructureShape, of owner: String, _ depth: Int) -> String {
        let indent = Self.indent(depth)
        var text = "\(indent)fields  " + fields(shape, of: owner, depth)
        if !shape.subsections.isEmpty {
            let list = subsections(shape.subsections, of: owner)
            text += ",\n\(indent)subsections  \(list) OPTIONAL"
        }
        return text
    }

    private mutating func fields(
        _ shape: StructureShape, of owner: String, _ depth: Int
    ) -> String {
        if shape.fields.isEmpty { return "SEQUENCE {}" }
        if shape.fields.contains(where: \.isOptional) {
            return keyedFields(StructureShape.byName(shape.fields), of: owner)
        }
        let indent = Self.indent(depth + 1)
        var used: Set<String> = []
        var lines: [String] = []
        for field in shape.fields {
            let identifier = IdentifierRules.unique(
                IdentifierRules.identifier(field.name), &used)
            let name =
                IdentifierRules.stringValue(field.name).map { "UTF8String (\($0))" } ?? "Name"
            let value = value(field.shape, of: Self.owner(owner, field.name), depth + 1)
            lines.append("\(indent)\(identifier)  SEQUENCE { name \(name), value \(value) }")
        }
        return "SEQUENCE {\n" + lines.joined(separator: ",\n") + "\n\(Self.indent(depth))}"
    }

    /// Fields of which some may be missing: each is tied to its type by its name.
    private mutating func keyedFields(
        _ fields: [StructureShape.Field], of owner: String
    ) -> String {
        var objects: [String] = []
        for field in fields {
            // A name that no ASN.1 text can hold can have no object.
            guard let name = IdentifierRules.stringValue(field.name) else {
                return "SEQUENCE OF Field"
            }
            let value = element(field.shape, of: Self.owner(owner, field.name), 0).type
            objects.append("    { NAME \(name) VALUE \(value) }")
        }
        usesFields = true
        let least = fields.count { !$0.isOptional }
        let setName = reference("\(owner)-Field-Set")
        let fieldName = reference("\(owner)-Field")
        assign("\(setName) FIELD ::= {\n" + objects.joined(separator: " |\n") + "\n}\n")
        assign(
            """
            \(fieldName) ::= SEQUENCE {
                name   FIELD.&name ({\(setName)}),
                value  FIELD.&Value ({\(setName)}{@name})
            }

            """)
        return "SEQUENCE (SIZE (\(least)..\(fields.count))) OF \(fieldName)"
    }

    /// A list of subsections, each tied to its type by an information object set.
    private mutating func subsections(
        _ list: [StructureShape.Subsection], of owner: String
    ) -> String {
        let listName = reference("\(owner)-Subsections")
        let entryName = reference("\(owner)-Subsection")
        let setName = reference("\(owner)-Subsection-Set")
        let hasNested = list.contains { !$0.body.subsections.isEmpty }
        var objects: [String] = []
        for subsection in list {
            guard let name = IdentifierRules.stringValue(subsection.name) else { continue }
            let fieldsName = reference("\(subsection.name)-Fields")
            let body = fields(subsection.body, of: subsection.name, 0)
            assign("\(fieldsName) ::= \(body)\n")
            var object =
                "    { NAME \(name) VERSION \(subsection.version ?? 0) FIELDS \(fieldsName)"
            if !subsection.body.subsections.isEmpty {
                let nested = subsections(subsection.body.subsections, of: subsection.name)
                object += " SUBSECTIONS \(nested)"
            }
            objects.append(object + " }")
        }
        assign("\(setName) SUBSECTION ::= {\n" + objects.joined(separator: " |\n") + "\n}\n")
        let key = "({\(setName)}{@name})"
        let version =
            list.contains { $0.version == nil } ? "UInt32" : "SUBSECTION.&version \(key)"
        var entry = """
            \(entryName) ::= [APPLICATION 10707] SEQUENCE {
                name         SUBSECTION.&name ({\(setName)}),
                versionid    \(version),
                fields       SUBSECTION.&Fields \(key)
            """
        if hasNested {
            entry += ",\n    subsections  SUBSECTION.&Subsections \(key) OPTIONAL"
        }
        assign(entry + "\n}\n")
        assign("\(listName) ::= [APPLICATION 10700] SEQUENCE OF \(entryName)\n")
        return listName
    }

    // MARK: Values

    /// A type for values of this shape.
    private mutating func value(_ shape: Shape, of owner: String, _ depth: Int) -> String {
        if shape.name != nil { return named(shape) }
        let alternatives = alternatives(shape, of: owner, depth)
        guard let first = alternatives.first else { return "Value" }
        if alternatives.count == 1 { return first.type }
        return "CHOICE { "
            + alternatives.map { "\($0.name) \($0.type)" }.joined(separator: ", ") + " }"
    }

    /// A type that is written once.
    private mutating func named(_ shape: Shape) -> String {
        if let known = types[shape] { return known }
        let reference = reference(shape.name ?? "Place")
        types[shape] = reference
        var inner = shape
        inner.name = nil
        let type = value(inner, of: reference, 0)
        assign("\(reference) ::= \(type)\n")
        return reference
    }

    /// The type of what was seen, or of any value if nothing was.
    private mutating func one(_ shapes: [Shape], of owner: String, _ depth: Int) -> String {
        guard let shape = shapes.first else { return "Value" }
        return value(shape, of: owner, depth)
    }

    private struct Alternative {
        var name: String
        var type: String
    }

    private mutating func alternatives(
        _ shape: Shape, of owner: String, _ depth: Int
    ) -> [Alternative] {
        var list: [Alternative] = []
        for kind in shape.plain.sorted(by: { $0.rawValue < $1.rawValue }) {
            if let plain = Self.plain(kind) { list.append(plain) }
        }
        if let structure = shape.structure {
            list.append(
                Alternative(name: "struct", type: "[8] " + type(structure, of: owner, depth)))
        }
        if let array = shape.array { list += arrays(array, of: owner, depth) }
        if let elements = shape.list {
            let element = one(elements.element, of: owner, depth)
            list.append(Alternative(name: "list", type: "[10] SEQUENCE OF \(element)"))
        }
        if let entries = shape.tree {
            let key = one(entries.key, of: owner, depth)
            let entry = one(entries.value, of: owner, depth)
            list.append(
                Alternative(
                    name: "tree",
                    type: "[11] SEQUENCE OF SEQUENCE { key \(key), value \(entry) }"))
        }
        if !shape.bufferSizes.isEmpty {
            list.append(
                Alternative(
                    name: "buffer", type: "[14] OCTET STRING " + Self.size(shape.bufferSizes)))
        }
        if shape.isOpen { list += Self.open(shape) }
        if !shape.blobSizes.isEmpty {
            list.append(
                Alternative(name: "blob", type: "OCTET STRING " + Self.size(shape.blobSizes)))
        }
        return list
    }

    /// The type of a structure; one that has a name is written once.
    private mutating func type(
        _ structure: StructureShape, of owner: String, _ depth: Int
    ) -> String {
        guard let name = structure.name, !structure.fields.isEmpty else {
            return "SEQUENCE {\n" + parts(structure, of: owner, depth + 1)
                + "\n\(Self.indent(depth))}"
        }
        if let known = structures[structure] { return known }
        let reference = reference("\(name)-Struct")
        let parts = parts(structure, of: name, 1)
        assign("\(reference) ::= SEQUENCE {\n\(parts)\n}\n")
        structures[structure] = reference
        return reference
    }

    /// What else may stand in a place of which only the name is known.
    private static func open(_ shape: Shape) -> [Alternative] {
        var list: [Alternative] = []
        if shape.structure == nil {
            list.append(Alternative(name: "struct", type: "[8] DeviceStruct"))
        }
        if shape.array == nil {
            list.append(Alternative(name: "array", type: "[9] SEQUENCE OF Value"))
            list.append(Alternative(name: "uint8s", type: "[13] OCTET STRING"))
        }
        if shape.bufferSizes.isEmpty {
            list.append(Alternative(name: "buffer", type: "[14] OCTET STRING"))
        }
        if shape.blobSizes.isEmpty {
            list.append(Alternative(name: "blob", type: "OCTET STRING"))
        }
        return list
    }

    /// The fewest equal neighbours that a writer lets stand as one `repeat`.
    private static let shortestRun = 4

    /// An array's alternatives: a run of equal elements may stand as one `repeat`, and octets as one
    /// octet string.
    private mutating func arrays(
        _ array: Shape.Elements, of owner: String, _ depth: Int
    ) -> [Alternative] {
        guard let element = array.element.first else {
            return [Alternative(name: "array", type: "[9] SEQUENCE (SIZE (0)) OF Value")]
        }
        let most = array.counts.map { $0.max() ?? 0 }
        let least = array.counts?.min() ?? 0
        var list: [Alternative] = []
        // Octets may stand as one octet string however few they are.
        if element.plain.contains(.uint8) {
            list.append(
                Alternative(name: "uint8s", type: "[13] OCTET STRING " + Self.size(array.counts)))
        }
        guard most ?? Int.max >= Self.shortestRun else {
            let size = Self.size(array.counts)
            let type = value(element, of: owner, depth)
            list.insert(
                Alternative(name: "array", type: "[9] SEQUENCE \(size) OF \(type)"), at: 0)
            return list
        }
        let single = self.element(element, of: owner, depth)
        let bound = most.map { "\($0)" } ?? "MAX"
        let size = most == nil ? "" : "(SIZE (\(min(least, 1))..\(bound))) "
        let type =
            "[9] SEQUENCE \(size)OF CHOICE { \(single.name) "
            + "\(single.type), repeat [12] SEQUENCE { count INTEGER (1..\(bound)), "
            + "value \(single.type) } }"
        list.insert(Alternative(name: "array", type: type), at: 0)
        return list
    }

    /// The type of an array's elements, short enough to be written twice: one that isn't gets a
    /// name.
    private mutating func element(
        _ shape: Shape, of owner: String, _ depth: Int
    ) -> Alternative {
        if shape.name != nil { return Alternative(name: "element", type: named(shape)) }
        let all = alternatives(shape, of: owner, 0)
        guard let first = all.first else { return Alternative(name: "element", type: "Value") }
        let name = all.count == 1 ? first.name : "element"
        let type =
            all.count == 1
            ? first.type
            : "CHOICE { " + all.map { "\($0.name) \($0.type)" }.joined(separator: ", ") + " }"
        if type.utf8.count <= 60 { return Alternative(name: name, type: type) }
        let reference = reference("\(owner)-Element")
        assign("\(reference) ::= \(type)\n")
        return Alternative(name: name, type: reference)
    }

    private static func plain(_ kind: DeviceState.Kind) -> Alternative? {
        switch kind {
        case .bool: Alternative(name: "bool", type: "BOOLEAN")
        case .uint8: Alternative(name: "uint8", type: "[0] UInt8")
        case .uint16: Alternative(name: "uint16", type: "[1] UInt16")
        case .uint32: Alternative(name: "uint32", type: "[2] UInt32")
        case .uint64: Alternative(name: "uint64", type: "[3] UInt64")
        case .int8: Alternative(name: "int8", type: "[4] INTEGER (-128..127)")
        case .int16: Alternative(name: "int16", type: "[5] INTEGER (-32768..32767)")
        case .int32: Alternative(name: "int32", type: "[6] INTEGER (-2147483648..2147483647)")
        case .int64, .number:
            Alternative(
                name: "int64",
                type: "[7] INTEGER (-9223372036854775808..9223372036854775807)")
        case .uint16le: Alternative(name: "uint16le", type: "[15] UInt16")
        case .uint32le: Alternative(name: "uint32le", type: "[16] UInt32")
        case .uint64le: Alternative(name: "uint64le", type: "[17] UInt64")
        case .text: Alternative(name: "text", type: "UTF8String (SIZE (0..255))")
        case .absent: Alternative(name: "absent", type: "NULL")
        default: nil
        }
    }

    /// A name for what a field's type needs beside it.
    private static func owner(_ owner: String, _ field: String) -> String { "\(owner)-\(field)" }

    private static func size(_ sizes: Set<Int>?) -> String {
        guard let sizes else { return "" }
        return "(SIZE (" + sizes.sorted().map { "\($0)" }.joined(separator: " | ") + "))"
    }

    private static func indent(_ depth: Int) -> String {
        String(repeating: "    ", count: min(depth, 12))
    }
}
