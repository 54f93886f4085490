import TestSupport
import Testing

/// What `berth info` tells of the passes over RAM and of the downtime's part, counted by hand.
@Suite("Info: transfer")
struct TransferTests {
    private func transfer(_ octets: [UInt8]) throws -> [String: Any] {
        let outcome = try berth("info", "--json", "--quiet", input: .pipe(octets))
        return try #require(try Summary(outcome)["transfer"] as? [String: Any])
    }

    private func codes(_ octets: [UInt8]) throws -> [String?] {
        let outcome = try berth("info", "--json", "--quiet", input: .pipe(octets))
        return try Summary(outcome).list("unusual").map { $0["code"] as? String }
    }

    /// Block a of four pages, b of two. First pass: a 0, 1 (zero), 2 (data), b 0 (filled); second, in
    /// another section: a 1 (data), 3 (data), b 0, 1 (data); third, in END: a 3 (data).
    private static let passes: [UInt8] = {
        var stream = StreamBuilder()
        stream.configuration("m-1.0")
        stream.startRAM(2, RAM.blocks([("a", 0x4000), ("b", 0x2000)]) + RAM.endOfSection)
        var records = RAM.fill(0, "a") + RAM.fill(0x1000) + RAM.page(0x2000, nil, Samples.page(1))
        stream.goOn(2, 2, records + RAM.fill(0, "b", 7) + RAM.endOfSection)
        records = RAM.page(0x1000, "a", Samples.page(2)) + RAM.page(0x3000, nil, Samples.page(3))
        records += RAM.page(0, "b", Samples.page(4)) + RAM.page(0x1000, nil, Samples.page(5))
        stream.goOn(2, 2, records + RAM.endOfSection)
        stream.goOn(3, 2, RAM.page(0x3000, "a", Samples.page(6)) + RAM.endOfSection)
        stream.full(0, "timer", version: 2, bigEndian(-2 as Int64) + [1])
        stream.end(
            #"{"page_size": 4096, "devices": [{"name": "timer", "instance_id": 0, "#
                + #""vmsd_name": "timer", "version": 2, "fields": ["#
                + #"{"name": "ticks", "type": "int64", "size": 8}, "#
                + #"{"name": "on", "type": "bool", "size": 1}]}]}"#)
        return stream.octets
    }()

    @Test("Passes, pages that were sent again, and octets by what they are")
    func passes() throws {
        let transfer = try transfer(Self.passes)
        #expect(transfer["distinctPages"] as? Int == 6)
        #expect(transfer["missingPages"] as? Int == 0)
        // a 1 (a record of 8 + 4096 without its name), b 0 and a 3.
        #expect(transfer["resentPages"] as? Int == 3)
        #expect(transfer["resentOctets"] as? Int == 3 * 4104)
        #expect(transfer["passCount"] as? Int == 3)
        let passes = try #require(transfer["passes"] as? [[String: Int]])
        // A record with its block's name has 2 octets more.
        #expect(
            passes == [
                ["zero": 2, "data": 2, "octets": 11 + 9 + 4104 + 11],
                ["zero": 0, "data": 4, "octets": 4106 + 4104 + 4106 + 4104],
                ["zero": 0, "data": 1, "octets": 4106],
            ])
        let sizes = try #require(transfer["sizes"] as? [String: Int])
        #expect(sizes.values.reduce(0, +) == Self.passes.count)
        #expect(sizes["configuration"] == 10)
        #expect(sizes["framing"] == 9)
        #expect(sizes["devices"] == 14 + 5 + 9 + 5)
        #expect(try codes(Self.passes) == [])
    }

    @Test("The downtime's part begins with the first END section and ends with the vmdesc")
    func downtime() throws {
        let behind = try transfer(Self.passes + [9, 9, 9])
        let part = try #require(behind["downtime"] as? [String: Int])
        let json = try #require(behind["sizes"] as? [String: Int])["vmdesc"]
        let ram = 5 + 4106 + 8 + 5
        #expect(part["iterators"] == ram)
        #expect(part["pages"] == 1)
        #expect(part["devices"] == 33)
        #expect(part["other"] == (json ?? 0) + 1)
        #expect(part["octets"] == ram + 33 + (json ?? 0) + 1)
        #expect(try #require(behind["sizes"] as? [String: Int])["raw"] == 3)
        #expect(try codes(Self.passes + [9, 9, 9]) == ["raw"])
    }

    @Test("The table of passes, where there are several")
    func text() throws {
        let outcome = try berth("info", input: .pipe(Self.passes))
        #expect(
            outcome.text.contains(
                """

                pass  zero  data  octets
                   1     2     2    4135
                   2     0     4   16420
                   3     0     1    4106

                """))
        #expect(
            outcome.lines.contains(
                "sent again       3 pages, 12 KiB; sent at all: 6 pages") == false)
        #expect(
            outcome.lines.contains(
                "sent again       3 pages, 12312 octets (12 KiB); sent at all: 6 pages"))
    }

    @Test("What is unusual has a code each")
    func unusual() throws {
        // XBZRLE, pages that were never sent, octets behind the end.
        #expect(try codes(Samples.small) == ["raw", "xbzrle", "missing-pages"])
        var stream = StreamBuilder(footers: false)
        stream.command(99)
        stream.full(1, "x", [])
        stream.end()
        #expect(
            try codes(stream.octets).contains("no-configuration"))
        #expect(try codes(stream.octets).contains("unknown-command"))
        #expect(try codes(stream.octets).contains("no-vmdesc"))
    }
}
