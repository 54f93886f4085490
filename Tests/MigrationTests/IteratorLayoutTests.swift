import Migration
import Testing

/// What each layout promises to those that read and write by it.
@Suite("Iterators: layouts")
struct IteratorLayoutTests {
    @Test("Names and tags are unique, and a tag spells two capitals")
    func unique() {
        let all = IteratorRegistry.all
        #expect(Set(all.map(\.name)).count == all.count)
        #expect(Set(all.map(\.letters)).count == all.count)
        for layout in all {
            #expect(layout.letters.utf8.count == 2)
            #expect(layout.letters.utf8.allSatisfy { (0x41...0x5a).contains($0) })
        }
    }

    @Test("Records keep to what their readers hold", arguments: IteratorRegistry.all)
    func records(_ layout: IteratorLayout) {
        #expect(Set(layout.records.map(\.name)).count == layout.records.count)
        for record in layout.records {
            var numbers = 0
            var texts = 0
            for (place, part) in record.parts.enumerated() {
                switch part {
                case .leading:
                    #expect(place == 0 && record.lead != nil, "\(record.name)")
                    numbers += 1
                case .number(_, _, let octets):
                    #expect([1, 2, 4, 8].contains(octets), "\(record.name)")
                    numbers += 1
                case .text(_, let flag):
                    #expect(flag == nil || record.lead != nil, "\(record.name)")
                    texts += 1
                case .length(_, let unit): #expect(unit > 0)
                case .data(_, let length):
                    #expect(place == record.parts.count - 1, "\(record.name)")
                    #expect((length == .counted) == (record.dataCount != nil), "\(record.name)")
                }
            }
            #expect(numbers <= IteratorLayout.numberLimit, "\(record.name)")
            #expect(texts <= IteratorLayout.textLimit, "\(record.name)")
            // What has no word would hide all kinds behind it.
            #expect(record.lead != nil || record.name == layout.records.last?.name)
        }
        // Without an end mark a record must end the section.
        #expect(!layout.end.isEmpty || layout.records.allSatisfy(\.isLast))
    }

    @Test("A layout goes for its name, version and kinds of sections alone")
    func lookup() {
        func name(_ name: String, _ version: UInt32, _ kind: SectionKind) -> String? {
            IteratorRegistry.layout(
                for: SectionHeader(
                    kind: kind, sectionID: 1, name: name, instanceID: 0, versionID: version))?
                .name
        }
        #expect(name("block", 1, .start) == "block")
        #expect(name("block", 1, .end) == "block")
        #expect(name("block", 2, .start) == nil)
        #expect(name("block", 1, .full) == nil)
        #expect(name("s390-storage_attributes", 0, .part) == "s390-storage_attributes")
        #expect(name("0000:00:05.0/vfio", 1, .full) == "vfio")
        #expect(name("vfio", 1, .start) == nil)
        #expect(name("pbs-state", 1, .start) == "pbs-state")
        #expect(name("pbs-state", 1, .part) == nil)
    }
}
