/// Differences as one JSON object, written as they come.
///
///     {"findings": [{"path": "timer[0].ticks", "change": "changed",
///                    "before": {"type": "int64", "value": -2}, "after": …}, …],
///      "ram": [{"block": "pc.ram", "before": 65536, "after": 65536,
///               "ranges": [{"offset": 4096, "length": 4096}, …], "differing": 1, "pages": 16}, …],
///      "same": false}
public struct DiffJSON {
    private let listsAll: Bool
    private var isFirst = true
    private var ranges = 0
    /// Whether a block's object is open.
    private var isOpen = false
    private var isSame = true

    /// Ranges of pages that are told of a block.
    private static let rangeLimit = 8

    /// - Parameter listsAll: whether all ranges of pages are told.
    public init(listsAll: Bool) { self.listsAll = listsAll }

    public mutating func findings(_ findings: [DiffFinding]) -> String {
        if !findings.isEmpty { isSame = false }
        let lines = findings.map { finding in
            var text = "\n  {\"path\": \(JSONLine.string(finding.path.description))"
            text += ", \"change\": \"\(finding.change.rawValue)\""
            if let count = finding.count { text += ", \"count\": \(count)" }
            if let before = finding.before { text += ", \"before\": \(Self.side(before))" }
            if let after = finding.after { text += ", \"after\": \(Self.side(after))" }
            return text + "}"
        }
        return "{\"findings\": [" + lines.joined(separator: ",") + "], \"ram\": ["
    }

    private static func side(_ side: DiffFinding.Side) -> String {
        "{\"type\": \"\(side.type)\", \"value\": \(side.json)}"
    }

    public mutating func text(_ event: RAMDiff.Event) -> String {
        switch event {
        case .block(let name, let before, let after):
            var text = close() + (isFirst ? "\n" : ",\n")
            isFirst = false
            isOpen = true
            ranges = 0
            if before != after { isSame = false }
            text += "  {\"block\": \(JSONLine.string(name))"
            if let before { text += ", \"before\": \(before)" }
            if let after { text += ", \"after\": \(after)" }
            return text + ", \"ranges\": ["
        case .pages(let range, let contents):
            isSame = false
            guard listsAll || contents != nil || ranges < Self.rangeLimit else { return "" }
            ranges += 1
            var text = ranges > 1 ? ", " : ""
            text += "{\"offset\": \(range.lowerBound), \"length\": \(range.count)"
            if let contents {
                text += ", \"before\": \"\(ValueText.hex(contents.before))\""
                text += ", \"after\": \"\(ValueText.hex(contents.after))\""
            }
            return text + "}"
        case .end(let differing, let total):
            isOpen = false
            return "], \"differing\": \(differing), \"pages\": \(total)}"
        }
    }

    private mutating func close() -> String {
        guard isOpen else { return "" }
        isOpen = false
        return "]}"
    }

    public mutating func end() -> String { close() + "], \"same\": \(isSame)}\n" }
}
