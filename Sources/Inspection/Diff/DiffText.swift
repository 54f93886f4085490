/// Differences as people read them.
public struct DiffText {
    private var blockName = ""
    private var ranges: [Range<UInt64>] = []
    private var moreRanges: UInt64 = 0
    private let listsAll: Bool
    private var pages: UInt64 = 0

    /// Ranges of pages that are told of a block.
    private static let rangeLimit = 8

    /// - Parameter listsAll: whether each range of pages gets a line.
    public init(listsAll: Bool) { self.listsAll = listsAll }

    public func line(_ finding: DiffFinding) -> String {
        let mark =
            switch finding.change {
            case .added: "+"
            case .removed: "-"
            case .moved: ">"
            default: "~"
            }
        var text = "\(mark) \(finding.path)  "
        switch (finding.before, finding.after) {
        case (let before?, let after?):
            switch finding.change {
            case .type:
                text += "\(before.type) \(before.text) -> \(after.type) \(after.text)"
            case .moved: text += "section  number \(before.text) -> \(after.text)"
            default:
                text += before.type
                if before.type != after.type { text += " -> \(after.type)" }
                text += "  \(before.text) -> \(after.text)"
            }
        case (let side?, nil), (nil, let side?):
            text += side.type + (side.text.isEmpty ? "" : "  \(side.text)")
        case (nil, nil): break
        }
        return text + "\n"
    }

    /// The lines that an event gives; most are told at a block's end.
    public mutating func lines(_ event: RAMDiff.Event) -> String {
        switch event {
        case .block(let name, let before, let after):
            blockName = "\(RAMDiff.path(name))"
            ranges = []
            moreRanges = 0
            switch (before, after) {
            case (let before?, let after?) where before != after:
                return "~ \(blockName)  length  \(StreamSummary.octets(before)) -> "
                    + "\(StreamSummary.octets(after))\n"
            case (let before?, nil):
                return "- \(blockName)  RAM block  \(StreamSummary.octets(before))\n"
            case (nil, let after?):
                return "+ \(blockName)  RAM block  \(StreamSummary.octets(after))\n"
            default: return ""
            }
        case .pages(let range, let contents):
            if let contents { return rows(range.lowerBound, contents.before, contents.after) }
            if listsAll { return "~ \(blockName)  pages  \(Self.text(range))\n" }
            if ranges.count < Self.rangeLimit { ranges.append(range) } else { moreRanges += 1 }
            return ""
        case .end(let differing, let total):
            guard differing > 0 else { return "" }
            pages += differing
            var text = "~ \(blockName)  pages  \(differing) of \(total) differ"
            if !ranges.isEmpty { text += ": " + ranges.map(Self.text).joined(separator: ", ") }
            if moreRanges > 0 { text += ", and \(moreRanges) more ranges" }
            return text + "\n"
        }
    }

    /// What was found in all; empty, if nothing.
    public func summary(_ findings: [DiffFinding]) -> String {
        var parts: [String] = []
        func count(_ change: DiffFinding.Change, _ one: String, _ many: String) {
            let number = findings.lazy.filter { $0.change == change }.count
            if number > 0 { parts.append("\(number) \(number == 1 ? one : many)") }
        }
        count(.changed, "value changed", "values changed")
        count(.type, "type changed", "types changed")
        count(.version, "version changed", "versions changed")
        count(.added, "in the second alone", "in the second alone")
        count(.removed, "in the first alone", "in the first alone")
        count(.moved, "section moved", "sections moved")
        if pages > 0 { parts.append("\(pages) page\(pages == 1 ? "" : "s") of RAM changed") }
        return parts.joined(separator: ", ")
    }

    private static func text(_ range: Range<UInt64>) -> String {
        "0x\(String(range.lowerBound, radix: 16))..0x\(String(range.upperBound - 1, radix: 16))"
    }

    /// Rows of 16 octets that differ.
    private func rows(_ offset: UInt64, _ before: [UInt8], _ after: [UInt8]) -> String {
        var text = ""
        for start in stride(from: 0, to: before.count, by: 16) {
            let one = before[start..<min(start + 16, before.count)]
            let other = after[start..<min(start + 16, after.count)]
            guard one != other else { continue }
            let place = String(offset + UInt64(start), radix: 16)
            text += "~ \(blockName)  0x\(place)\n"
            text += "    - \(ValueText.hex(one, separator: " "))\n"
            text += "    + \(ValueText.hex(other, separator: " "))\n"
        }
        return text
    }
}
