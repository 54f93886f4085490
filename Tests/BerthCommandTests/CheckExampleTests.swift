import TestSupport
import Testing

/// `berth check IN --against STREAM`: what one example of the target's streams proves, and what not.
@Suite("check: a stream of the target")
struct CheckExampleTests {
    /// A stream with one device of these fields, by name, type and octets.
    private static func stream(_ fields: [(String, String, Int)]) -> [UInt8] {
        var stream = StreamBuilder()
        stream.configuration("none")
        stream.startRAM(2, RAM.blocks([("m", 0x1000)]) + RAM.endOfSection)
        stream.goOn(3, 2, RAM.endOfSection)
        stream.full(5, "d", [UInt8](repeating: 0, count: fields.reduce(0) { $0 + $1.2 }))
        let texts = fields.map {
            "{\"name\": \"\($0.0)\", \"type\": \"\($0.1)\", \"size\": \($0.2)}"
        }
        stream.end(
            "{\"page_size\": 4096, \"devices\": [{\"name\": \"d\", \"instance_id\": 0, "
                + "\"vmsd_name\": \"d\", \"version\": 1, \"fields\": ["
                + texts.joined(separator: ", ") + "]}]}")
        return stream.octets
    }

    private func report(_ stream: [UInt8], _ example: [UInt8]) throws -> CheckStreamTests.Report {
        let folder = try TemporaryFolder()
        return try CheckStreamTests.report([
            folder.store(stream, as: "vm.mig"), "--against",
            folder.store(example, as: "target.mig"),
        ])
    }

    @Test("A field in place of octets that the target's stream calls unused is taken")
    func unused() throws {
        let sent = Self.stream([("a", "int64", 8), ("b", "int32", 4), ("c", "int32", 4)])
        let same = Self.stream([
            ("a", "int64", 8), ("unused", "unused_buffer", 4), ("c", "int32", 4),
        ])
        #expect(try report(sent, same).findings == [])
        let longer = Self.stream([
            ("a", "int64", 8), ("unused", "unused_buffer", 6), ("c", "int32", 4),
        ])
        #expect(try report(sent, longer).findings.map(\.path) == ["d[0].b"])
        let other = Self.stream([("a", "int64", 8), ("x", "int32", 4), ("c", "int32", 4)])
        #expect(try report(sent, other).findings.map(\.code) == ["field-renamed"])
    }

    @Test("A field that the target's stream lacks is told, unless one as long is in its place")
    func unknown() throws {
        let sent = Self.stream([("a", "int64", 8), ("b", "int32", 4), ("c", "int32", 4)])
        for (place, code) in [
            ([("x", "int32", 4)], "field-renamed"), ([], "field-unknown"),
            ([("x", "int64", 8)], "field-unknown"),
            ([("x", "int32", 4), ("y", "int32", 4)], "field-unknown"),
        ] {
            let example = Self.stream([("a", "int64", 8)] + place + [("c", "int32", 4)])
            let report = try report(sent, example)
            #expect(report.findings.map(\.code) == [code], "\(place)")
            #expect(report.findings.first?.path == "d[0].b")
            #expect(
                report.findings.first?.severity == (code == "field-renamed" ? "note" : "warning"))
        }
    }

    @Test("What an example lacks behind a place where it can't be read is not missing")
    func cut() throws {
        // No footers and no vmdesc, as machine types up to 2.2 have them.
        var stream = StreamBuilder(footers: false)
        stream.startRAM(2, RAM.blocks([("m", 0x1000)]) + RAM.endOfSection)
        stream.goOn(3, 2, RAM.endOfSection)
        stream.full(5, "timer", [UInt8](repeating: 0, count: 24))
        stream.full(6, "d", [0, 0, 0, 1])
        stream.end()
        let report = try report(stream.octets, stream.octets)
        #expect(report.findings == [])
        #expect(report.gaps.contains("rest"))
    }
}
