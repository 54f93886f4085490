import Testing

@testable import Inspection

@Suite("info: what was sent")
struct TransferTextTests {
    @Test(
        "A share is never all of it for a part, nor nothing for something",
        arguments: [
            (0, 7, "0.0 %"), (7, 7, "100.0 %"), (1, 3, "33.3 %"), (1, 1_000_000, "0.1 %"),
            (999_999, 1_000_000, "99.9 %"), (.max - 1, .max, "99.9 %"),
        ] as [(UInt64, UInt64, String)])
    func shares(_ part: UInt64, _ whole: UInt64, _ expected: String) {
        #expect(TransferSummary.share(part, of: whole) == expected)
    }

    @Test("Sizes whose sum is too large for a number are told all the same")
    func wrapped() {
        var summary = TransferSummary()
        summary.sizes = ["ram": .max - 5, "devices": 10]
        let sent = summary.rows.first { $0.name == "sent" }?.value
        #expect(sent == "ram 18446744073709551610 (100.0 %), devices 10 (100.0 %)")
    }
}
