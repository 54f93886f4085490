extension TransferSummary {
    /// Lines of a name and a value each.
    var rows: [(name: String, value: String)] {
        var rows: [(name: String, value: String)] = []
        let order = sizes.filter { $0.value > 0 }.sorted {
            ($1.value, $0.key) < ($0.value, $1.key)
        }
        let all = order.reduce(UInt64(0)) { $0 &+ $1.value }
        guard all > 0 else { return [] }
        rows.append(
            (
                "sent",
                order.map { "\($0.key) \($0.value) (\(Self.share($0.value, of: all)))" }
                    .joined(separator: ", ")
            ))
        if downtime.octets > 0 {
            rows.append(
                (
                    "downtime part",
                    "\(StreamSummary.octets(downtime.octets)): iterators \(downtime.iterators) "
                        + "with \(Self.pages(downtime.pages)), devices \(downtime.devices), "
                        + "other \(downtime.other)"
                ))
        }
        if resentPages > 0 {
            rows.append(
                (
                    "sent again",
                    "\(Self.pages(resentPages)), \(StreamSummary.octets(resentOctets)); sent at all: "
                        + "\(Self.pages(distinctPages))"
                ))
        }
        if let missingPages, missingPages > 0, distinctPages > 0 {
            rows.append(("never sent", Self.pages(missingPages)))
        }
        return rows
    }

    /// The passes over RAM, if there was more than one.
    var passTable: [String] {
        guard passCount > 1 else { return [] }
        var rows = [["pass", "zero", "data", "octets"]]
        for (index, pass) in passes.enumerated() {
            rows.append(["\(index + 1)", "\(pass.zero)", "\(pass.data)", "\(pass.octets)"])
        }
        var lines = StreamSummary.table(rows, right: 0..<4)
        if passCount > passes.count { lines.append("and \(passCount - passes.count) more") }
        return lines
    }

    private static func pages(_ count: UInt64) -> String {
        count == 1 ? "1 page" : "\(count) pages"
    }

    /// A part in tenths of a percent; never 100 for less than all, nor 0 for more than nothing.
    static func share(_ part: UInt64, of whole: UInt64) -> String {
        // Sizes that a hostile file states may be more than their sum, which wraps.
        var tenths = part < whole ? UInt64((Double(part) / Double(whole) * 1000).rounded()) : 1000
        if tenths == 1000, part < whole { tenths = 999 }
        if tenths == 0, part > 0 { tenths = 1 }
        return "\(tenths / 10).\(tenths % 10) %"
    }
}
