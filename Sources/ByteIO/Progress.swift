internal import Glibc

/// A line on standard error that tells how far a long work is, if standard error is a terminal.
public struct Progress: ~Copyable {
    private let isShown: Bool
    private let total: UInt64?
    private let begun = ContinuousClock.now
    private var next: ContinuousClock.Instant
    private var hasLine = false

    /// - Parameter total: octets to be read, if that is known.
    public init(total: UInt64?, quiet: Bool) {
        isShown = !quiet && isatty(STDERR_FILENO) == 1
        self.total = total
        next = begun + .milliseconds(500)
    }

    /// Tells that `octets` have been read.
    public mutating func update(_ octets: UInt64) {
        guard isShown, ContinuousClock.now >= next else { return }
        next = ContinuousClock.now + .milliseconds(200)
        let seconds = max((ContinuousClock.now - begun) / .seconds(1), 0.001)
        let rate = UInt64(Double(octets >> 20) / seconds)
        var line = "\r\(octets >> 20) MiB"
        if let total, total > 0 { line += " (\(min(octets, total) / max(total / 100, 1)) %)" }
        write(line + ", \(rate) MiB/s \u{1b}[K")
        hasLine = true
    }

    /// Clears the line.
    public mutating func finish() {
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
