import ByteIO
import Migration

/// Finds where FULL sections end that nothing describes, by their footers.
///
/// A device's octets may hold what looks like a footer. So all ways are counted in which the
/// sections and commands can follow each other up to the end; only if there is exactly one, the
/// boundaries are proved.
struct SectionChain {
    enum Outcome: Equatable {
        /// For each FULL section its payload's end, by where the section begins.
        case proved([Int: Int])
        case ambiguous
        /// No way leads to the end; the farthest section begun lies here.
        case broken(at: Int)
    }

    var probe: SectionProbe
    /// Steps that may be looked at. Streams made to be slow end here, as ambiguous.
    static let stepLimit = 4_000_000

    /// - Parameters:
    ///   - window: holds everything from `start` to `end`.
    func solve(_ window: RawSpan, from start: Int, end: Int) -> Outcome {
        var footers: [UInt32: [Int]] = [:]
        var starts = [start]
        var at = start
        while at + 5 <= end {
            if window.octet(at: at) == StreamReader.footerMark,
                probe.item(window, at: at + 5, end: end)
            {
                footers[window.bigEndian(at: at + 1), default: []].append(at)
                starts.append(at + 5)
            }
            at += 1
        }
        // From the end to the start: the ways from each place are known before they are needed.
        var ways: [Int: (count: Int, footer: Int)] = [:]
        var steps = 0
        for place in starts.reversed() where ways[place] == nil {
            var found = (count: 0, footer: -1)
            let item = behindCommands(window, from: place, end: end)
            if isEnd(window, at: item, end: end) {
                found.count = 1
            } else if let header = SectionProbe.header(window, at: item), header.kind == .full {
                let list = footers[header.sectionID] ?? []
                for footer in list[SectionChain.first(in: list, from: item + header.size)...] {
                    steps += 1
                    if steps > SectionChain.stepLimit { return .ambiguous }
                    let rest = ways[footer + 5]?.count ?? 0
                    if rest > 0 { found = (min(found.count + rest, 2), footer) }
                    if found.count > 1 { break }
                }
            }
            ways[place] = found
        }
        return follow(window, from: start, end: end, ways: ways)
    }

    /// The index of the first place that is not before `lower`, in a list that ascends.
    private static func first(in list: [Int], from lower: Int) -> Int {
        var low = 0
        var high = list.count
        while low < high {
            let middle = (low + high) / 2
            if list[middle] < lower { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func follow(
        _ window: RawSpan, from start: Int, end: Int, ways: [Int: (count: Int, footer: Int)]
    ) -> Outcome {
        guard let first = ways[start], first.count > 0 else { return .broken(at: start) }
        if first.count > 1 { return .ambiguous }
        var result: [Int: Int] = [:]
        var place = start
        while let way = ways[place], way.footer >= 0 {
            result[behindCommands(window, from: place, end: end)] = way.footer
            place = way.footer + 5
        }
        return .proved(result)
    }

    private func behindCommands(_ window: RawSpan, from start: Int, end: Int) -> Int {
        var at = start
        while at < end, window.octet(at: at) == 8,
            let size = SectionProbe.command(window, at: at), size <= end - at
        {
            at += size
        }
        return at
    }

    private func isEnd(_ window: RawSpan, at: Int, end: Int) -> Bool {
        if at == end { return probe.isPackage || probe.endsWithItem }
        return window.octet(at: at) == 0 && probe.item(window, at: at, end: end)
    }
}
