import Testing

/// An error as the program tells it: `berth: FILE: offset 0x…: PATH: CODE: expected …, found …`,
/// and the hint's line.
struct Report {
    var file: String
    var offset: Int
    /// From behind the offset to the end of the line.
    var message: String
    var hint: String?

    /// Takes the last error of `outcome`; warnings may stand before it.
    init(_ outcome: Outcome) throws {
        var lines = outcome.error.split(separator: "\n").map(String.init)
        if let last = lines.last, last.hasPrefix("hint: ") {
            hint = String(last.dropFirst(6))
            lines.removeLast()
        }
        let line = try #require(lines.last)
        let parts = line.split(separator: ": ", maxSplits: 3, omittingEmptySubsequences: false)
        try #require(parts.count == 4 && parts[0] == "berth", "\(line)")
        try #require(parts[2].hasPrefix("offset 0x"), "\(line)")
        file = String(parts[1])
        offset = try #require(Int(parts[2].dropFirst(9), radix: 16))
        message = String(parts[3])
    }
}
