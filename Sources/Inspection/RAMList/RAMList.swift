/// The RAM blocks of a stream: what it holds of each, and where the machine has it. The property
/// names are the keys of `--json`.
public struct RAMList: Codable, Hashable, Sendable {
    /// Pages of a block, or of all, by their last state.
    public struct Pages: Codable, Hashable, Sendable {
        public var all: UInt64 = 0
        /// With content, also such as are filled with an octet other than 0.
        public var data: UInt64 = 0
        public var zero: UInt64 = 0
        /// Never sent.
        public var missing: UInt64 = 0
        /// Records of pages that had been sent before.
        public var resent: UInt64 = 0

        mutating func add(_ other: Self) {
            all &+= other.all
            data &+= other.data
            zero &+= other.zero
            missing &+= other.missing
            resent &+= other.resent
        }
    }

    /// A stretch of guest-physical addresses.
    public struct Range: Codable, Hashable, Sendable {
        public var address: UInt64
        /// In octets.
        public var length: UInt64
        /// Octets from the start of the block.
        public var offset: UInt64
        /// Whether it is the machine's firmware.
        public var rom: Bool
    }

    public struct Block: Codable, Hashable, Sendable {
        public var name: String
        /// In octets.
        public var length: UInt64
        /// Of the memory behind the block, in octets, where the stream says it.
        public var pageSize: UInt64?
        /// Where the stream says it (`x-ignore-shared`): the address in the region around it, which
        /// is no guest-physical one unless that region begins at 0.
        public var address: UInt64?
        /// Whether the stream leaves its pages in memory that is shared (mapped-ram with
        /// `x-ignore-shared`).
        public var isShared = false
        /// `nil` where it could not be counted: no page tells the page size, or there are more than
        /// Berth keeps account of.
        public var pages: Pages?
        /// Ascending; none where the machine does not tell a place, or shows none of it.
        public var ranges: [Range] = []
    }

    public var machine: String?
    /// The target's page size in octets.
    public var pageSize: UInt64?
    /// In the stream's order.
    public var blocks: [Block] = []
    /// Of all blocks, if all were counted.
    public var pages: Pages?
    /// Whether the machine's memory map is known.
    public var isMapKnown = false
    /// What was taken for granted, or is left out.
    public var notes: [String] = []
    /// Whether the input was read to its end without an error.
    public var isWhole = false

    public init() {}
}

extension RAMList {
    /// The list as people read it.
    public var text: String {
        var lines: [String] = []
        lines.append(
            StreamSummary.row(
                "machine",
                machine.map(StreamSummary.visible) ?? "not told (no configuration section)"))
        if let pageSize {
            lines.append(StreamSummary.row("page size", StreamSummary.octets(pageSize)))
        }
        guard !blocks.isEmpty else {
            return (lines + ["no RAM blocks"]).joined(separator: "\n") + "\n"
        }
        lines += [""] + blockTable
        if isMapKnown { lines += [""] + mapTable }
        return lines.joined(separator: "\n") + "\n"
    }

    private var blockTable: [String] {
        let hasPageSizes = blocks.contains { $0.pageSize != nil }
        var rows = [["RAM block", "length", "pages", "data", "zero", "missing", "sent again"]]
        if hasPageSizes { rows[0].append("its memory's pages") }
        for block in blocks {
            var row = [StreamSummary.visible(block.name), StreamSummary.octets(block.length)]
            row += Self.cells(block.pages)
            if block.isShared { row[5] = "shared" }
            if hasPageSizes { row.append(block.pageSize.map(StreamSummary.octets) ?? "") }
            rows.append(row)
        }
        var sum = ["all", StreamSummary.octets(blocks.reduce(0) { $0 &+ $1.length })]
        sum += Self.cells(pages)
        if hasPageSizes { sum.append("") }
        rows.append(sum)
        return StreamSummary.table(rows, right: 1..<8)
    }

    private static func cells(_ pages: Pages?) -> [String] {
        guard let pages else { return Array(repeating: "?", count: 5) }
        return [pages.all, pages.data, pages.zero, pages.missing, pages.resent].map { "\($0)" }
    }

    /// Both columns of places can be given to `ram read` as they are.
    private var mapTable: [String] {
        let ranges = blocks.flatMap { block in block.ranges.map { (block.name, $0) } }
            .sorted { $0.1.address < $1.1.address }
        var rows = [["guest-physical", "length", "memory"]]
        for (name, range) in ranges {
            let end = range.offset &+ range.length
            rows.append([
                "\(Self.hex(range.address))..\(Self.hex(range.address &+ range.length))",
                StreamSummary.octets(range.length),
                "\(StreamSummary.visible(name))+\(Self.hex(range.offset))..\(Self.hex(end))"
                    + (range.rom ? " (firmware)" : ""),
            ])
        }
        for block in blocks where block.ranges.isEmpty {
            rows.append([
                "none known", StreamSummary.octets(block.length), StreamSummary.visible(block.name),
            ])
        }
        return StreamSummary.table(rows, right: 1..<2)
    }

    private static func hex(_ number: UInt64) -> String { "0x" + String(number, radix: 16) }
}
