/// How far a migration is, in a line of a terminal.
public enum RelayLine {
    /// - Parameters:
    ///   - rate: octets a second, of late.
    ///   - width: columns that there are; what has no room is left away, the least important first.
    public static func text(_ counts: RelayCounts, rate: Double, width: Int) -> String {
        var parts: [String] = []
        let isTold = counts.total > 0 && !counts.isBlind
        if counts.isPostcopy {
            parts.append("post-copy")
        } else if isTold {
            let share = min(counts.reached, counts.total) / max(counts.total / 100, 1)
            parts.append("round \(counts.rounds): \(share) %")
        }
        parts.append("\(counts.sent >> 20) MiB at \(Int(max(rate, 0)) >> 20) MiB/s")
        if isTold, !counts.isPostcopy, let left = remaining(counts, rate) { parts.append(left) }
        if isTold { parts.append("\(counts.pages) pages") }
        if counts.isBlind { parts.append("no longer looked at") }
        var line = ""
        for part in parts {
            let next = line.isEmpty ? part : line + ", " + part
            // The last column stays free: some terminals begin a new line there.
            guard next.count < width else { break }
            line = next
        }
        return line
    }

    /// What is left of this round if all of it were to be sent.
    private static func remaining(_ counts: RelayCounts, _ rate: Double) -> String? {
        guard counts.total > counts.reached else { return nil }
        let left = counts.total - counts.reached
        let text = "at most \(left >> 20) MiB"
        guard rate >= 1 else { return text + " left" }
        let seconds = Double(left) / rate
        return text + (seconds < 1_000_000 ? " (\(Int(seconds.rounded(.up))) s) left" : " left")
    }
}
