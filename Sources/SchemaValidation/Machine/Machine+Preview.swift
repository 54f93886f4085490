internal import ByteIO

/// Elements that nothing in the schema leads to: what they call themselves.
extension Machine where Listener: ~Copyable {
    /// Octets of an element that are looked at.
    private static var previewOctets: Int { 160 }
    private static var previewDepth: Int { 6 }

    /// Sees to it that there is enough of an element to tell how it begins. So a finding does not
    /// depend on how the octets arrive.
    func previewWant(_ element: Element, _ window: RawSpan) -> Want? {
        guard element.head.isConstructed, !isLast else { return nil }
        let there = window.byteCount - cursor
        let wanted =
            element.head.isIndefinite
            ? Self.previewOctets
            : min(Self.previewOctets, Int(clamping: element.head.length) &+ element.head.size)
        return there < wanted ? .octets(wanted) : nil
    }

    /// The character string that a constructed element begins with, perhaps some levels inside: for
    /// many structures that is their name.
    func preview(_ element: Element, _ window: RawSpan) -> String? {
        guard element.head.isConstructed else { return nil }
        let limit = cursor + min(window.byteCount - cursor, Self.previewOctets)
        var at = cursor + element.head.size
        for _ in 0..<Self.previewDepth {
            let head = ElementHeader.read(window, at: at, available: max(0, limit - at))
            guard head.problem == .none else { return nil }
            at += head.size
            if head.isConstructed { continue }
            guard !head.isIndefinite, let count = Int(exactly: head.length), count <= limit - at
            else { return nil }
            switch head.tag {
            case .universal(12), .universal(19), .universal(22), .universal(26):
                let codes = CharacterDecoding.codes(
                    window.extracting(at..<at + count).octets, .utf8)
                return ValueText.string(codes)
            default: return nil
            }
        }
        return nil
    }
}
