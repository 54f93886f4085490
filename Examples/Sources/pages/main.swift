// Counts the pages that were sent more than once, by RAM block: pages FILE.
import Inspection
import Migration

struct ResendCounter: ObservingVisitor {
    private(set) var sent: [String: Set<UInt64>] = [:]
    private(set) var again: [String: Int] = [:]

    mutating func ramPages(
        _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        // A group's entries tell runs of pages; their contents lie in `content`.
        for entry in group.entries {
            for page in 0..<entry.count {
                let offset = entry.offset + page * group.pageSize
                if !sent[group.block, default: []].insert(offset).inserted {
                    again[group.block, default: 0] += 1
                }
            }
        }
    }
}

guard CommandLine.arguments.count == 2 else { fatalError("usage: pages FILE") }
var counter = ResendCounter()
do {
    try InputReader.read(path: CommandLine.arguments[1], into: &counter)
} catch {
    // What was read before the error counts.
    print("\(CommandLine.arguments[1]): \(error)")
}
for (block, pages) in counter.sent.sorted(by: { $0.key < $1.key }) {
    print("\(block): \(pages.count) pages, \(counter.again[block] ?? 0) sent again")
}
