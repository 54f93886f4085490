/// JSON that keeps its members' order, those that occur twice, and every literal as it was written: a
/// vmdesc that is changed here and there.
public indirect enum JSONTree: Hashable, Sendable {
    public struct Member: Hashable, Sendable {
        /// As it was written, quotes included.
        var key: String
        var value: JSONTree
    }

    case object([Member])
    case array([JSONTree])
    /// A string, with its quotes, or another literal.
    case literal(String)

    struct Fault: Error {
        var offset: Int
    }

    /// Objects and arrays inside each other.
    private static let depthLimit = 512

    init(_ text: [UInt8]) throws(Fault) {
        var at = 0
        self = try JSONTree.value(text, &at, depth: 0)
        JSONTree.skip(text, &at)
        guard at == text.count else { throw Fault(offset: at) }
    }

    private static func skip(_ text: [UInt8], _ at: inout Int) {
        while at < text.count, [0x20, 0x09, 0x0a, 0x0d].contains(text[at]) { at += 1 }
    }

    private static func take(_ octet: UInt8, _ text: [UInt8], _ at: inout Int) -> Bool {
        skip(text, &at)
        guard at < text.count, text[at] == octet else { return false }
        at += 1
        return true
    }

    private static func value(
        _ text: [UInt8], _ at: inout Int, depth: Int
    ) throws(Fault) -> JSONTree {
        guard depth < depthLimit else { throw Fault(offset: at) }
        if take(UInt8(ascii: "{"), text, &at) {
            var members: [Member] = []
            if take(UInt8(ascii: "}"), text, &at) { return .object(members) }
            repeat {
                skip(text, &at)
                let key = try literal(text, &at)
                guard take(UInt8(ascii: ":"), text, &at) else { throw Fault(offset: at) }
                members.append(Member(key: key, value: try value(text, &at, depth: depth + 1)))
            } while take(UInt8(ascii: ","), text, &at)
            guard take(UInt8(ascii: "}"), text, &at) else { throw Fault(offset: at) }
            return .object(members)
        }
        if take(UInt8(ascii: "["), text, &at) {
            var elements: [JSONTree] = []
            if take(UInt8(ascii: "]"), text, &at) { return .array(elements) }
            repeat {
                elements.append(try value(text, &at, depth: depth + 1))
            } while take(UInt8(ascii: ","), text, &at)
            guard take(UInt8(ascii: "]"), text, &at) else { throw Fault(offset: at) }
            return .array(elements)
        }
        skip(text, &at)
        return .literal(try literal(text, &at))
    }

    /// A string with its quotes, a number, `true`, `false` or `null`.
    private static func literal(_ text: [UInt8], _ at: inout Int) throws(Fault) -> String {
        let start = at
        if at < text.count, text[at] == UInt8(ascii: "\"") {
            at += 1
            while at < text.count, text[at] != UInt8(ascii: "\"") {
                at += text[at] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard at < text.count else { throw Fault(offset: start) }
            at += 1
        } else {
            while at < text.count, !Array(",:{}[] \t\r\n\"".utf8).contains(text[at]) { at += 1 }
            guard at > start else { throw Fault(offset: start) }
        }
        return String(decoding: text[start..<at], as: UTF8.self)
    }

    /// In one line, with the spaces that QEMU puts.
    var text: String {
        switch self {
        case .literal(let text): text
        case .array(let elements): "[" + elements.map(\.text).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ") + "}"
        }
    }

    // MARK: Members

    /// The first member of a name.
    subscript(_ name: String) -> JSONTree? {
        get {
            guard case .object(let members) = self else { return nil }
            return members.first { $0.key == "\"\(name)\"" }?.value
        }
        set {
            guard case .object(var members) = self else { return }
            let key = "\"\(name)\""
            if let place = members.firstIndex(where: { $0.key == key }) {
                if let newValue {
                    members[place].value = newValue
                } else {
                    members.remove(at: place)
                }
            } else if let newValue {
                members.append(Member(key: key, value: newValue))
            }
            self = .object(members)
        }
    }

    /// A string without its quotes. Names of QEMU's have no escapes.
    var string: String? {
        guard case .literal(let text) = self, text.count >= 2, text.hasPrefix("\"") else {
            return nil
        }
        return String(text.dropFirst().dropLast())
    }

    var integer: Int64? {
        guard case .literal(let text) = self else { return nil }
        return Int64(text)
    }

    var elements: [JSONTree]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    static func string(_ text: String) -> JSONTree { .literal(JSONLine.string(text)) }
    static func number(_ number: Int64) -> JSONTree { .literal("\(number)") }
}
