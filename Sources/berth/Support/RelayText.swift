import Glibc
import Relay

/// What a relay tells people.
enum RelayText {
    static func summary(_ report: RelayReport, record: String?) -> String {
        let sent = report.connections.reduce(0) { $0 + $1.sent }
        let received = report.connections.reduce(0) { $0 + $1.received }
        let rate = report.seconds > 0 ? Double(sent) / report.seconds / Double(1 << 20) : 0
        var text = """
            connections  \(kinds(report))
            sent         \(sent) octets in \(tenths(report.seconds)) s, \(Int(rate)) MiB/s
            sent back    \(received) octets

            """
        if report.total > 0 {
            text += """
                RAM          \(report.total >> 20) MiB; \(report.pages) pages sent, \
                \(report.zeroPages) of them zero, in \(report.rounds) round\(report.rounds == 1 ? "" : "s")\(report.watched ? "" : ", as far as was looked")

                """
        }
        if report.postcopy { text += "post-copy    yes\n" }
        if let complete = report.complete { text += "whole        \(complete ? "yes" : "no")\n" }
        if let size = report.recorded {
            text += "recorded     \(size) octets in \(record ?? "")\n"
        }
        return text
    }

    private static func kinds(_ report: RelayReport) -> String {
        var counts: [(kind: String, count: Int)] = []
        for connection in report.connections {
            if let index = counts.firstIndex(where: { $0.kind == connection.kind }) {
                counts[index].count += 1
            } else {
                counts.append((connection.kind, 1))
            }
        }
        return counts.map { $0.count == 1 ? $0.kind : "\($0.count) \($0.kind)" }
            .joined(separator: ", ")
    }

    static func tenths(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

/// The line on a terminal that tells how far a migration is.
struct RelayDisplay {
    private let isShown: Bool
    private var hasLine = false
    private var before: (time: ContinuousClock.Instant, counts: RelayCounts)?
    private var rate = 0.0

    init(isShown: Bool) { self.isShown = isShown }

    mutating func show(_ counts: RelayCounts) {
        guard isShown, counts.sent > 0 else { return }
        let now = ContinuousClock.now
        if let before {
            let seconds = (now - before.time) / .seconds(1)
            guard seconds > 0.4 else { return }
            rate = Double(counts.sent - before.counts.sent) / seconds
        }
        before = (now, counts)
        write("\r" + RelayLine.text(counts, rate: rate, width: Self.width) + "\u{1b}[K")
        hasLine = true
    }

    /// Columns of the terminal.
    private static var width: Int {
        var size = winsize()
        let result = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size)
        return result == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    mutating func clear() {
        if hasLine { write("\r\u{1b}[K") }
        hasLine = false
    }

    private func write(_ text: String) {
        let octets = Array(text.utf8)
        _ = unsafe octets.withUnsafeBytes {
            unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
        }
    }
}
