import Migration
import Testing

@testable import Inspection

@Suite("Sections in stream order")
struct ReportTimelineTests {
    private static func header(_ kind: SectionKind, _ id: UInt32) -> SectionHeader {
        SectionHeader(kind: kind, sectionID: id, name: "ram", instanceID: 0, versionID: 4)
    }

    @Test("A section takes the octets up to the next one, and what has no offset its own")
    func sizes() {
        var timeline = ReportTimeline()
        timeline.begin(Self.header(.start, 2), isRAM: true, at: 8)
        timeline.begin(Self.header(.end, 2), isRAM: true, at: 50)
        timeline.add(kind: "command", name: "PING", size: 9)
        timeline.begin(Self.header(.full, 3), isRAM: false, at: 80)
        timeline.add(kind: "vmdesc", name: "vmdesc", size: 15)
        let events = timeline.finish(size: 200)
        #expect(events.map(\.size) == [42, 21, 9, 105, 15])
        #expect(events.map(\.kind) == ["start", "end", "command", "full", "vmdesc"])
    }

    @Test("Very many parts are put together, and no page is lost")
    func many() {
        var timeline = ReportTimeline()
        for index in 0..<100_000 as Range<UInt64> {
            timeline.begin(Self.header(.part, 2), isRAM: true, at: index * 10)
            timeline.count(.full, 3)
        }
        let events = timeline.finish(size: 1_000_000)
        #expect(events.count <= ReportTimeline.limit)
        #expect(events.reduce(0) { $0 + $1.count } == 100_000)
        #expect(events.reduce(0) { $0 + ($1.pages?[2] ?? 0) } == 300_000)
        #expect(events.reduce(0) { $0 + $1.size } == 1_000_000)
    }

    @Test("Sections that take turns are put together too", arguments: [SectionKind.part, .full])
    func turns(kind: SectionKind) {
        var timeline = ReportTimeline()
        for index in 0..<100_000 as Range<UInt64> {
            let isRAM = index % 2 == 0
            timeline.begin(Self.header(kind, isRAM ? 2 : 3), isRAM: isRAM, at: index * 10)
            if isRAM { timeline.count(.zero, 1) }
        }
        let events = timeline.finish(size: 1_000_000)
        #expect(events.count <= ReportTimeline.limit)
        #expect(events.reduce(0) { $0 + $1.count } == 100_000)
        #expect(events.reduce(0) { $0 + ($1.pages?[0] ?? 0) } == 50_000)
        #expect(events.reduce(0) { $0 + $1.size } == 1_000_000)
    }
}
