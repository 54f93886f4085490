public import ASN1

/// A schema as it was understood: tags as they are on the wire, constraints as they are in force.
public struct SchemaListing {
    private let schema: Schema

    public init(_ schema: Schema) { self.schema = schema }

    public var text: String {
        var result = ""
        for module in schema.modules {
            result += "\(module.name)\n"
            for name in schema.names where name.module == module.name {
                result += "\n\(name.name) ::= \(type(name.type, isTop: true, indent: 0))\n"
            }
            result += "\n"
        }
        return result
    }

    private func type(_ index: Int, isTop: Bool, indent: Int) -> String {
        let definition = schema.types[index]
        if !isTop, let name = reference(index) {
            return "\(name)\(tags(definition, isReference: true))"
        }
        var text = tags(definition, isReference: false)
        let margin = String(repeating: "  ", count: indent + 1)
        switch definition.kind {
        case .sequence(let structure), .set(let structure), .choice(let structure):
            text += TypeWords.word(definition.kind) + " {\n"
            for (position, component) in structure.components.enumerated() {
                if structure.isExtensible, position == structure.insertionIndex {
                    text += "\(margin)...\n"
                }
                text += margin + component.name + " "
                text += type(component.use.type, isTop: false, indent: indent + 1)
                switch component.presence {
                case .required: break
                case .optional: text += " OPTIONAL"
                case .defaultValue: text += " DEFAULT"
                }
                text += "\n"
            }
            if structure.isExtensible, structure.insertionIndex >= structure.components.count {
                text += "\(margin)...\n"
            }
            text += String(repeating: "  ", count: indent) + "}"
        case .sequenceOf(let use), .setOf(let use):
            text += TypeWords.word(definition.kind) + " "
            text += indent < 32 ? type(use.type, isTop: false, indent: indent) : "…"
        case .enumerated(let enumeration):
            let items = enumeration.items.map { "\($0.name)(\($0.value))" }
            text +=
                "ENUMERATED { " + items.joined(separator: ", ")
                + (enumeration.isExtensible ? ", ..." : "") + " }"
        default: text += TypeWords.word(definition.kind)
        }
        return text + constraints(definition)
    }

    /// The name of a type that only refers to it.
    private func reference(_ index: Int) -> String? {
        if let name = schema.types[index].name { return name }
        guard let base = schema.types[index].base, let name = schema.types[base].name,
            schema.types[index].constraints == schema.types[base].constraints
        else { return nil }
        return name
    }

    private func tags(_ definition: TypeDefinition, isReference: Bool) -> String {
        var parts: [String] = []
        for tag in definition.tags where tag.tagClass != .universal {
            let octets = SchemaListing.identifier(tag)
            parts.append(
                octets.count > 1
                    ? "\(tag) (\(octets.map { Hex.octet($0) }.joined(separator: " ")))"
                    : "\(tag)")
        }
        if parts.isEmpty { return "" }
        let text = parts.joined(separator: " ")
        return isReference ? " -- \(text) --" : text + " "
    }

    /// The identifier octets of a constructed element with a tag (X.690 8.1.2).
    static func identifier(_ tag: Tag) -> [UInt8] {
        let first = tag.tagClass.rawValue << 6 | 0x20
        guard tag.number >= 31 else { return [first | UInt8(truncatingIfNeeded: tag.number)] }
        var digits: [UInt8] = []
        var rest = tag.number
        repeat {
            digits.append(UInt8(truncatingIfNeeded: rest & 0x7f) | (digits.isEmpty ? 0 : 0x80))
            rest >>= 7
        } while rest > 0
        return [first | 0x1f] + digits.reversed()
    }

    private func constraints(_ definition: TypeDefinition) -> String {
        var text = ""
        if let range = definition.valueRange { text += " (\(RangeText.text(range)))" }
        if let size = definition.size { text += " (SIZE (\(RangeText.text(size))))" }
        if let alphabet = definition.permittedAlphabet,
            definition.constraints.contains(where: {
                if case .permittedAlphabet = $0.expression { return true }
                return false
            })
        {
            let parts = alphabet.ranges.prefix(RangeText.limit).map { range in
                let ends = [range.lower, range.upper].map { end in
                    end?.asInt.flatMap { Unicode.Scalar(UInt32(clamping: $0)) }.map { "\"\($0)\"" }
                        ?? "MAX"
                }
                return ends[0] == ends[1] ? ends[0] : "\(ends[0])..\(ends[1])"
            }
            text += " (FROM (\(parts.joined(separator: " | "))))"
        }
        return text
    }
}
