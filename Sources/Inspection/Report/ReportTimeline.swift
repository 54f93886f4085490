internal import Migration

/// The sections in stream order. Where there are very many, neighbours are put together: parts of one
/// section first, then whatever adjoins.
struct ReportTimeline {
    /// Events that are kept.
    static let limit = 4096

    private var events: [ReportContents.Event] = []
    /// How many adjoining parts make one event.
    private var quantum = 1

    mutating func begin(_ header: SectionHeader, isRAM: Bool, at offset: UInt64) {
        let kind = "\(header.kind)"
        if header.kind == .part, let last = events.last, last.kind == kind,
            last.id == header.sectionID, last.count < quantum
        {
            events[events.count - 1].count += 1
            return
        }
        append(
            ReportContents.Event(
                kind: kind, name: header.name, instance: header.instanceID, id: header.sectionID,
                offset: offset, size: 0, pages: isRAM ? [0, 0, 0, 0, 0] : nil))
    }

    mutating func begin(channel: String) {
        append(
            ReportContents.Event(
                kind: "channel", name: channel, size: 0, pages: [0, 0, 0, 0, 0]))
    }

    mutating func add(kind: String, name: String, size: UInt64) {
        if let last = events.last, last.kind == kind, last.name == name {
            events[events.count - 1].size &+= size
            events[events.count - 1].count += 1
            return
        }
        append(ReportContents.Event(kind: kind, name: name, size: size))
    }

    mutating func count(_ kind: PageMap.Kind, _ pages: UInt64) {
        let place: Int
        switch kind {
        case .zero: place = 0
        case .filled: place = 1
        case .full: place = 2
        case .xbzrle: place = 3
        case .compressed: place = 4
        case .missing: return
        }
        guard let last = events.indices.last, events[last].pages != nil else { return }
        events[last].pages?[place] &+= pages
    }

    private mutating func append(_ event: ReportContents.Event) {
        if events.count >= ReportTimeline.limit {
            quantum = min(quantum * 2, 1 << 30)
            events = merged { one, other in
                one.kind == "part" && other.kind == "part" && one.id == other.id
                    && one.count + other.count <= quantum
            }
            // Sections that take turns have no neighbours of their own.
            if events.count > ReportTimeline.limit / 2 {
                var isSecond = true
                events = merged { _, _ in
                    isSecond.toggle()
                    return !isSecond
                }
            }
        }
        events.append(event)
    }

    /// The events with neighbours put together where `belong` says so.
    private func merged(
        _ belong: (ReportContents.Event, ReportContents.Event) -> Bool
    ) -> [ReportContents.Event] {
        var kept: [ReportContents.Event] = []
        for event in events {
            guard var last = kept.last, belong(last, event) else {
                kept.append(event)
                continue
            }
            if last.kind != event.kind || last.id != event.id || last.name != event.name {
                if last.name != event.name { last.name = "several" }
                if last.kind != event.kind { last.kind = "several" }
                last.id = nil
                last.instance = nil
            }
            last.count += event.count
            // What has no offset tells its own size.
            if event.offset == nil || last.offset == nil { last.size &+= event.size }
            if let pages = event.pages {
                let before = last.pages ?? Array(repeating: 0, count: pages.count)
                last.pages = zip(before, pages).map { $0 &+ $1 }
            }
            kept[kept.count - 1] = last
        }
        return kept
    }

    /// Gives each section the octets up to the next one.
    consuming func finish(size: UInt64) -> [ReportContents.Event] {
        var events = self.events
        var end = size
        for index in events.indices.reversed() {
            guard let offset = events[index].offset else {
                end = end &- min(events[index].size, end)
                continue
            }
            events[index].size = end &- min(offset, end)
            end = min(offset, end)
        }
        return events
    }
}
