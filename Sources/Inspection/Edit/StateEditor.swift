internal import Migration

/// Changes values, and drops subsections, of one section's state.
enum StateEditor {
    /// Gives a chosen value another one, which a text tells: `true`, `-3`, `0x1f`; for arrays their
    /// elements with commas between, for octets hexadecimal digits, for texts the text.
    static func set(
        _ text: String, _ choice: DeviceChoice, of state: inout DeviceState
    ) throws(MigrationError) {
        let node = state.nodes[choice.index]
        func wrong(_ expected: String) -> MigrationError {
            MigrationError(
                .unsupported, path: choice.path.description, expected: expected, found: text)
        }
        if let element = choice.element {
            let kind = state.elementKind(node)
            guard let bits = bits(text, kind) else { throw wrong("a value of \(kind)") }
            var octets: [UInt8] = []
            kind.append(bits, to: &octets)
            return state.setOctets(
                octets, at: choice.index, from: element * state.elementWidth(node))
        }
        switch node.kind {
        case .structure, .array, .list, .tree, .subsection, .absent:
            throw wrong("a path to a value, not to a \(ValueText.type(node, of: state))")
        case .number: throw wrong("a value whose width is known: this file does not tell it")
        case .text:
            let octets = Array(text.utf8)
            guard octets.count == node.length else {
                throw wrong("a text of \(node.length) octets, as before")
            }
            state.setOctets(octets, at: choice.index, from: 0)
        case .blob, .buffer:
            guard let octets = octets(text), octets.count == node.length else {
                throw wrong("\(node.length) octets in hexadecimal")
            }
            state.setOctets(octets, at: choice.index, from: 0)
        case .scalars:
            let count = state.elementCount(node)
            if node.elementKind == .uint8, let octets = octets(text), octets.count == count {
                return state.setOctets(octets, at: choice.index, from: 0)
            }
            var octets: [UInt8] = []
            let parts = text.split(separator: ",")
            for part in parts {
                guard let bits = bits(String(part.trimmingSpaces), node.elementKind) else {
                    throw wrong("values of \(node.elementKind)")
                }
                node.elementKind.append(bits, to: &octets)
            }
            guard parts.count == count else { throw wrong("\(count) values, commas between") }
            state.setOctets(octets, at: choice.index, from: 0)
        default:
            guard let bits = bits(text, node.kind) else { throw wrong("a value of \(node.kind)") }
            state.setBits(bits, at: choice.index)
        }
    }

    /// The bits of a scalar that a text tells; `nil` if it has not so many.
    static func bits(_ text: String, _ kind: DeviceState.Kind) -> UInt64? {
        if kind == .bool {
            switch text {
            case "true", "1": return 1
            case "false", "0": return 0
            default: return nil
            }
        }
        guard let width = kind.width else { return nil }
        let limit = width == 8 ? UInt64.max : 1 << UInt64(8 * width) - 1
        if text.hasPrefix("0x") || text.hasPrefix("0X") {
            guard let bits = UInt64(text.dropFirst(2), radix: 16), bits <= limit else { return nil }
            var octets: [UInt8] = []
            kind.append(bits, to: &octets)
            // Sign-extended, if it is signed.
            return kind.bits(octets)
        }
        if kind.isSigned {
            guard let number = Int64(text) else { return nil }
            let magnitude = UInt64(bitPattern: number < 0 ? ~number : number)
            return magnitude <= limit >> 1 ? UInt64(bitPattern: number) : nil
        }
        guard let number = UInt64(text), number <= limit else { return nil }
        return number
    }

    private static func octets(_ text: String) -> [UInt8]? {
        var digits: [UInt8] = []
        for character in text where character != " " {
            guard let digit = character.hexDigitValue else { return nil }
            digits.append(UInt8(digit))
        }
        guard digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// A state without some nodes.
    static func without(_ dropped: Set<Int>, _ state: DeviceState) -> DeviceState {
        var result = DeviceState()
        var names: [String: Int32] = [:]
        for child in state.children(of: 0) {
            result.append(child, of: state, &names, without: dropped)
        }
        result.finish()
        return result
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var rest = self
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
