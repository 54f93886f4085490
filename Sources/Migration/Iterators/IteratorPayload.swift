/// Makes the octets of an iterator's payload: its records' heads, and what the layout implies
/// around them. Data goes between, from where it is.
public struct IteratorPayload: Sendable {
    private let layout: IteratorLayout
    private var hasBegun = false
    private var hasEnded = false
    /// What comes next in the payload; set by each call.
    public private(set) var octets: [UInt8] = []

    public init(_ layout: IteratorLayout) {
        self.layout = layout
    }

    /// A record up to its data.
    public mutating func take(_ record: borrowing IteratorRecord) {
        octets.removeAll(keepingCapacity: true)
        let kind = layout.records[record.kind]
        if kind.place != .alone { open() }
        hasBegun = true
        layout.appendHead(of: record, to: &octets)
        if kind.isLast { hasEnded = true }
    }

    /// Other octets stand in place of further records and of the end.
    public mutating func takeRest() {
        octets.removeAll(keepingCapacity: true)
        hasBegun = true
        hasEnded = true
    }

    /// The payload's end.
    public mutating func takeEnd() {
        octets.removeAll(keepingCapacity: true)
        if hasEnded { return }
        open()
        octets.append(contentsOf: layout.end)
    }

    private mutating func open() {
        if !hasBegun { octets.append(contentsOf: layout.opening) }
        hasBegun = true
    }
}
