import Foundation
import TestSupport
import Testing

/// What `info` tells of iterators other than RAM.
@Suite("Info: iterators")
struct IteratorInfoTests {
    @Test("The text has a line for each kind of record of each disk")
    func text() throws {
        let outcome = try berth("info", Fixture.path("x86-isapc-block-7.2"))
        let lines = outcome.text.split(separator: "\n").map {
            $0.split(separator: " ").joined(separator: " ")
        }
        let start = try #require(lines.firstIndex { $0.hasPrefix("iterator ") })
        #expect(
            lines[start...] == [
                "iterator record count data numbers of", "block progress 3 percent 100",
                "block chunk 1 1 MiB part", "block zero 1 sparse", "block chunk 1 1 MiB sparse",
                "unusual",
                "twice two sections are named isa-ide[0]: QEMU tells them by their order alone",
            ])
        #expect(outcome.status == 0)
    }

    @Test("The sizes of an iterator's sections are those of the stream, from BER too")
    func sizes() throws {
        // START: 14 + 5 octets of header, the mark of 8, the footer of 5. The others: 5, marks, 5.
        // Two chunks of 8 + 1 + 4 and 8 + 1 + 6 octets and 1 MiB, a zero one of 15, PROGRESS of 8.
        for version in ["3", "4"] {
            let ber = try berth(
                "encode", "--schema-version", version, Fixture.path("x86-isapc-block-7.2"))
            for outcome in [
                try berth("info", "--json", Fixture.path("x86-isapc-block-7.2")),
                try berth(["info", "--json"], input: .pipe(ber.output)),
            ] {
                let section = try #require(
                    try Summary(outcome).list("sections").first { $0["name"] as? String == "block" }
                )
                let parts = try #require(section["parts"] as? Int)
                let expected = 32 + (parts + 1) * 18 + 13 + 15 + 2 * (1 << 20) + 15 + 3 * 8
                #expect(section["size"] as? Int == expected)
                #expect(section["form"] as? String == "records")
            }
        }
    }

    @Test("JSON tells counts, octets of data, amounts and properties")
    func json() throws {
        let outcome = try berth("info", "--json", Fixture.path("x86-isapc-dirty-bitmaps-11.1"))
        let section = try #require(
            try Summary(outcome).list("sections").first {
                $0["name"] as? String == "dirty-bitmap"
            })
        let records = try #require(section["records"] as? [[String: Any]])
        func find(_ kind: String, _ names: [String]) throws -> [String: Any] {
            try #require(
                records.first {
                    $0["kind"] as? String == kind && $0["of"] as? [String] == names
                })
        }
        let start = try find("start", ["first", "zero"])
        #expect(start["numbers"] as? [String: Int] == ["granularity": 65536, "flags": 3])
        let bits = try find("bits", ["second", "one"])
        #expect(bits["count"] as? Int == 2)
        #expect(bits["octets"] as? Int == 2048)
        // 1 GiB has 2097152 sectors; two chunks of 65536 are not all zeros.
        let zeroes = try find("zeroes", ["second", "one"])
        #expect(zeroes["numbers"] as? [String: Int] == ["count": 2_097_152 - 2 * 65536])
        #expect(try find("complete", ["second", "off"])["count"] as? Int == 1)
    }
}
