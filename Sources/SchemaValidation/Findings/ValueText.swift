internal import ASN1
internal import ByteIO

/// Short values as a module's text would spell them (X.680), for findings.
enum ValueText {
    /// Characters of a string that are shown, at most.
    static let characters = 64
    /// Values of a set that are shown, at most.
    static let values = 4

    /// A value of a schema; `nil` for those that are too long to be told.
    static func text(_ value: SchemaValue) -> String? {
        switch value {
        case .integer(let number): "\(number)"
        case .real(_, let text): text
        case .boolean(let value): value ? "TRUE" : "FALSE"
        case .null: "NULL"
        case .enumerated(let name, _): name
        case .string(let codes): string(codes)
        case .objectIdentifier(let arcs): "{" + arcs.map { "\($0)" }.joined(separator: " ") + "}"
        case .octets(let octets) where octets.count <= 16:
            "'" + octets.map(Hex.octet).joined().uppercased() + "'H"
        case .choice(let name, let inner): text(inner).map { "\(name): \($0)" }
        default: nil
        }
    }

    /// The values that an expression names, if it names some and nothing else.
    static func values(_ expression: ConstraintExpression) -> [String]? {
        switch expression {
        case .value(let value): return text(value).map { [$0] }
        case .integerRange(let lower?, let upper?) where lower == upper: return ["\(lower)"]
        case .union(let parts):
            var all: [String] = []
            for part in parts {
                guard let texts = values(part) else { return nil }
                all += texts
            }
            return all.isEmpty ? nil : all
        default: return nil
        }
    }

    /// A character string in quotation marks; what a terminal would obey is spelled as a number.
    static func string(_ codes: [UInt32]) -> String {
        var text = "\""
        for code in codes.prefix(characters) {
            switch code {
            case 0x22: text += "\"\""
            case 0x20...0x7e: text.unicodeScalars.append(Unicode.Scalar(UInt8(code)))
            default:
                if code >= 0xa0, let scalar = Unicode.Scalar(code) {
                    text.unicodeScalars.append(scalar)
                } else {
                    text += "\\u{" + String(code, radix: 16) + "}"
                }
            }
        }
        return text + (codes.count > characters ? "\"…" : "\"")
    }
}

extension Machine where Listener: ~Copyable {
    /// The value of an element, if its type is one whose values are short.
    func valueText(_ entry: Int32, _ slice: Slice, _ window: RawSpan) -> String? {
        guard let (leaf, inner) = strip(entry, slice, window) else { return nil }
        let node = nodes[Int(leaf)]
        let count = inner.contentEnd - inner.contentStart
        switch node.shape {
        case .integer, .enumerated:
            return count > 0
                ? IntegerText.decimal(window, at: inner.contentStart, count: count) : nil
        case .boolean:
            guard count == 1 else { return nil }
            return window.octet(at: inner.contentStart) == 0 ? "FALSE" : "TRUE"
        case .characterString where node.characters != .escaped:
            return ValueText.string(
                CharacterDecoding.codes(
                    inner.string(window, isBits: false).octets, node.characters))
        default: return nil
        }
    }
}
