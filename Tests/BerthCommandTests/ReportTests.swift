import Foundation
import TestSupport
import Testing

/// The page's data. Numbers are those of ``SmallStream``'s comments.
@Suite("report")
struct ReportTests {
    private struct Page: Decodable {
        struct Contents: Decodable {
            struct Block: Decodable, Equatable {
                var name: String
                var length: UInt64
                var pageSize: UInt64
                var pagesPerCell: UInt64
                var runs: Data
            }
            struct Event: Decodable, Equatable {
                var kind: String
                var name: String
                var offset: UInt64?
                var size: UInt64
                var pages: [UInt64]?
            }
            struct Device: Decodable {
                var name: String
                var instance: UInt32
                var version: UInt32
                var offset: UInt64
            }
            var blocks: [Block]
            var events: [Event]
            var devices: [Device]
        }
        struct Summary: Decodable {
            struct Fact: Decodable {
                var code: String
            }
            struct Transfer: Decodable {
                var sizes: [String: UInt64]
                var distinctPages: Int
            }
            var unusual: [Fact]
            var transfer: Transfer?
            var isWhole: Bool
            var error: String?
            var machine: String?
        }
        var file: String
        var summary: Summary
        var contents: Contents
    }

    private static func json(in page: [UInt8]) throws -> Data {
        let text = String(decoding: page, as: UTF8.self)
        let start = try #require(
            text.range(of: #"<script type="application/json" id="data">"#)
        ).upperBound
        let end = try #require(text.range(of: "</script>", range: start..<text.endIndex)).lowerBound
        return Data(text[start..<end].utf8)
    }

    private static func page(_ octets: [UInt8]) throws -> Page {
        try JSONDecoder().decode(Page.self, from: json(in: octets))
    }

    @Test("What is unusual, and what was sent, is told as info tells it")
    func unusual() throws {
        let folder = try TemporaryFolder()
        var builder = StreamBuilder()
        builder.startRAM(2, RAM.blocks([("m", 0x3000)]) + RAM.endOfSection)
        builder.goOn(3, 2, RAM.fill(0, "m") + RAM.fill(0x1000) + RAM.endOfSection)
        builder.end()
        let out = folder.file("a.html")
        try succeed(berth("report", "-q", folder.store(builder.octets, as: "a"), "-o", out))
        let summary = try Self.page(TestSupport.contents(of: out)).summary
        // An old machine without a vmdesc; of three pages one was never sent.
        #expect(summary.unusual.map(\.code) == ["no-configuration", "no-vmdesc", "missing-pages"])
        #expect(summary.transfer?.distinctPages == 2)
        // Header and end mark; the rest of the octets is the two sections.
        #expect(
            summary.transfer?.sizes == ["framing": 9, "ram": UInt64(builder.count) - 9])
    }

    @Test("It has each page's state, the sections in order and the devices")
    func contents() throws {
        let folder = try TemporaryFolder()
        let out = folder.file("a.html")
        try succeed(
            berth("report", try folder.store(SmallStream.octets, as: "a"), "-o", out))
        let page = try Self.page(TestSupport.contents(of: out))
        #expect(page.summary.machine == "none")
        #expect(page.summary.isWhole)
        typealias Event = Page.Contents.Event
        // zero 1, filled 2, full 5; sent once: 8 more.
        #expect(
            page.contents.blocks == [
                .init(
                    name: "m", length: 0x4000, pageSize: 4096, pagesPerCell: 1,
                    runs: Data([9, 2, 0, 1, 13, 1])),
                .init(
                    name: "rom", length: 0x1000, pageSize: 4096, pagesPerCell: 1,
                    runs: Data([10, 1])),
            ])
        #expect(
            page.contents.events == [
                Event(kind: "start", name: "ram", offset: 57, size: 60, pages: [0, 0, 0, 0, 0]),
                Event(kind: "part", name: "ram", offset: 117, size: 4155, pages: [2, 1, 1, 0, 0]),
                Event(kind: "end", name: "ram", offset: 4272, size: 18, pages: [0, 0, 0, 0, 0]),
                Event(kind: "command", name: "PING", size: 9),
                Event(kind: "full", name: "dev", offset: 4299, size: 27),
                Event(kind: "full", name: "box", offset: 4326, size: 26),
                Event(kind: "vmdesc", name: "vmdesc", size: 292),
            ])
        #expect(page.contents.devices.map(\.name) == ["dev", "box"])
        #expect(page.contents.devices.map(\.instance) == [1, 0])
        #expect(page.contents.devices.map(\.version) == [2, 1])
        #expect(page.contents.devices.map(\.offset) == [4299, 4326])
    }

    @Test("Fields are name, kind and value")
    func fields() throws {
        let outcome = try berth("report", input: .pipe(SmallStream.octets))
        try succeed(outcome)
        let text = String(decoding: try Self.json(in: Array(outcome.text.utf8)), as: UTF8.self)
        #expect(text.contains(#""fields":[["n","uint32","5"],["on","bool","true"]]"#))
        #expect(text.contains(#""fields":[["b","buffer","c0ffee",3]]"#))
    }

    @Test("The page of a BER file has the same pages and devices", arguments: ["3", "4"])
    func fromBER(version: String) throws {
        let stream = try berth("report", input: .pipe(SmallStream.octets))
        let folder = try TemporaryFolder()
        let ber = folder.file("a.ber")
        try succeed(
            berth(
                "encode", "--schema-version", version, "-o", ber,
                input: .pipe(SmallStream.octets)))
        let other = try berth("report", ber)
        try succeed(other)
        let one = try Self.page(Array(stream.text.utf8)).contents
        let two = try Self.page(Array(other.text.utf8)).contents
        #expect(one.blocks == two.blocks)
        #expect(one.devices.map(\.name) == two.devices.map(\.name))
        #expect(one.events.map(\.pages) == two.events.map(\.pages))
    }

    @Test("Of a file that is cut off it shows what could be read, and the exit status is 2")
    func cut() throws {
        let folder = try TemporaryFolder()
        let out = folder.file("a.html")
        let outcome = try berth(
            "report", "-o", out, input: .pipe(Array(SmallStream.octets[..<4200])))
        #expect(outcome.status == 2)
        let page = try Self.page(TestSupport.contents(of: out))
        #expect(page.summary.error?.contains("truncated") == true)
        #expect(page.contents.blocks.first?.runs == Data([9, 2, 0, 2]))
    }

    @Test("The file is its owner's alone, as everything made of a VM's state")
    func permissions() throws {
        let folder = try TemporaryFolder()
        let out = folder.file("a.html")
        try succeed(berth("report", "-o", out, input: .pipe(SmallStream.octets)))
        let attributes = try FileManager.default.attributesOfItem(atPath: out)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
}
