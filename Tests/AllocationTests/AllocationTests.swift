import AllocationTally

import Testing

/// Nothing is allocated for a page or an element: ten times as many take no more allocations, but
/// for a few lists that double (the index has an entry for each MiB).
///
/// Counted are calls of malloc, which `Tests/AllocationCounter` stands in for; the counts don't
/// depend on time or load. `Benchmarks` runs the same cases in an optimised build.
@Suite("Allocations")
struct AllocationTests {
    static let names = [
        "encode full pages", "decode full pages", "encode zero pages", "decode zero pages",
        "encode xbzrle pages", "decode xbzrle pages", "read elements", "validate elements",
        "dump raw elements", "dump tree elements", "dump JSON elements", "decode version 3 fills",
    ]

    @Test("Ten times the pages or elements take no more allocations", arguments: names)
    func none(name: String) throws {
        let cases = try Benchmarks.all(sample: [])
        let chosen = try #require(cases.first { $0.name == name })
        // Enough for several groups and windows.
        let small = 4096
        let (few, many) = try chosen.allocations(berth_allocations, small: small, large: 10 * small)
        #expect(few > 0, "the counter counts")
        // An unoptimised build allocates for a group of pages, of which there are 64 in these.
        #expect(
            Double(many) - Double(few) < 0.05 * Double(9 * small),
            "\(few) for \(small), \(many) for \(10 * small)")
    }
}
