internal import Migration

/// Counts iterators' records by their kind and by whose they are.
struct IteratorTally {
    private struct Subject: Hashable {
        var section: Int
        var kind: Int
        var texts: [String?]
    }

    /// Disks or bitmaps that are told apart; all others are counted together.
    private static let limit = 1024

    private var layout: IteratorLayout?
    private var section = -1
    private var places: [Subject: Int] = [:]
    /// Names last told, by section: they go for the records behind.
    private var names: [Int: [String?]] = [:]

    mutating func begin(_ layout: IteratorLayout, section: Int) {
        self.layout = layout
        self.section = section
    }

    mutating func count(
        _ record: borrowing IteratorRecord, in records: inout [StreamSummary.Records]
    ) {
        guard let kind = layout?.records[record.kind] else { return }
        let subject = Subject(section: section, kind: record.kind, texts: texts(record, kind))
        let place = self.place(of: subject, kind, in: &records)
        records[place].count &+= 1
        records[place].octets &+= record.dataLength
        var number = 0
        for part in kind.parts {
            switch part {
            case .leading(let name, let meaning, _, _), .number(let name, let meaning, _):
                add(record.numbers[number], name, meaning, to: &records[place])
                number += 1
            case .length(_, let unit) where unit > 1:
                add(
                    record.dataLength / UInt64(unit), kind.data?.name ?? "", .amount,
                    to: &records[place])
            case .length, .text, .data: break
            }
        }
    }

    private func add(
        _ value: UInt64, _ name: String, _ meaning: IteratorLayout.Meaning,
        to records: inout StreamSummary.Records
    ) {
        switch meaning {
        case .place: break
        case .amount: records.numbers[name, default: 0] &+= value
        case .property: records.numbers[name] = value
        }
    }

    private mutating func texts(
        _ record: borrowing IteratorRecord, _ kind: IteratorLayout.Record
    ) -> [String?] {
        var texts: [String?] = []
        for case .text in kind.parts { texts.append(record.texts[texts.count]) }
        let known = names[section] ?? []
        for index in texts.indices where texts[index] == nil && index < known.count {
            texts[index] = known[index]
        }
        if !texts.isEmpty { names[section] = texts }
        return texts
    }

    private mutating func place(
        of subject: Subject, _ kind: IteratorLayout.Record,
        in records: inout [StreamSummary.Records]
    ) -> Int {
        if let place = places[subject] { return place }
        var subject = subject
        if records.count >= IteratorTally.limit {
            subject.texts = subject.texts.map { _ in "(others)" }
            if let place = places[subject] { return place }
        }
        records.append(
            StreamSummary.Records(kind: kind.name, of: subject.texts.map { $0 ?? "?" }))
        places[subject] = records.count - 1
        return records.count - 1
    }
}
