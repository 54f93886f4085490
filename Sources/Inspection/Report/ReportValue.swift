public import Migration

/// A value of a device's state as the report's page takes it: `[name, kind, value, [inner…]]`, short
/// because there are many.
public struct ReportValue: Encodable, Sendable {
    /// Elements of an array of numbers, or octets of a buffer, that are shown.
    static let shown = 256

    public var name: String
    /// The kind's name; of an array of numbers that of an element with `[]` behind it.
    public var kind: String
    /// Decimal, text, or hexadecimal octets.
    public var text = ""
    /// Elements of an array of numbers, or octets, that there are.
    public var count = 0
    public var inner: [ReportValue] = []

    public func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        try list.encode(name)
        try list.encode(kind)
        try list.encode(text)
        if count > 0 || !inner.isEmpty { try list.encode(count) }
        if !inner.isEmpty { try list.encode(inner) }
    }

    /// - Parameters:
    ///   - index: of the node.
    ///   - room: how many values there may still be.
    public init(_ state: borrowing DeviceState, _ index: Int, room: inout Int) {
        let node = state.nodes[index]
        name = state.name(of: node)
        kind = "\(node.kind)"
        room -= 1
        switch node.kind {
        case .bool: text = node.value == 0 ? "false" : "true"
        case .text: text = String(decoding: state.octets(of: node), as: UTF8.self)
        case .absent: break
        case .blob, .buffer:
            count = node.length
            text = Self.hex(state.octets(of: node).prefix(Self.shown))
        case .scalars:
            let width = max(node.elementKind.width ?? 1, 1)
            kind = "\(node.elementKind)[]"
            count = node.length / width
            text = Self.numbers(state.octets(of: node), node.elementKind, width)
        case .structure, .array, .list, .tree, .subsection:
            if node.kind == .subsection { text = "version \(node.value)" }
            for child in state.children(of: index) {
                guard room > 0 else {
                    inner.append(ReportValue(more: "more is left out"))
                    break
                }
                inner.append(ReportValue(state, child, room: &room))
            }
        default: text = Self.number(node.value, node.kind)
        }
    }

    private init(more: String) {
        name = "…"
        kind = "note"
        text = more
    }

    private static func number(_ bits: UInt64, _ kind: DeviceState.Kind) -> String {
        kind.isSigned ? "\(Int64(bitPattern: bits))" : "\(bits)"
    }

    private static func numbers(
        _ octets: ArraySlice<UInt8>, _ kind: DeviceState.Kind, _ width: Int
    ) -> String {
        var texts: [String] = []
        var index = octets.startIndex
        while index + width <= octets.endIndex, texts.count < shown {
            texts.append(number(kind.bits(octets[index..<index + width]), kind))
            index += width
        }
        return texts.joined(separator: " ")
    }

    private static func hex(_ octets: ArraySlice<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(2 * octets.count)
        for octet in octets {
            text.append(digits[Int(octet >> 4)])
            text.append(digits[Int(octet & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
