/// Bounds what an input may unpack to, whatever is packed in what: a small file that became a very
/// long stream would cost time without end.
final class UnpackBudget {
    /// Octets that are always granted.
    static let floor: UInt64 = 1 << 30

    /// Octets that a layer may make for each that the outermost compression has read.
    let ratio: UInt64
    private var packed: UInt64 = 0
    private var isClaimed = false

    init(ratio: UInt64) { self.ratio = ratio }

    /// - Returns: whether the caller is the first, whose packed octets count.
    func claim() -> Bool {
        defer { isClaimed = true }
        return !isClaimed
    }

    /// Tells how many octets the outermost compression has read.
    func read(_ octets: UInt64) { packed = octets }

    /// Whether a layer may have made so many octets.
    func allows(_ octets: UInt64) -> Bool {
        octets <= UnpackBudget.floor || octets / ratio <= packed
    }
}
