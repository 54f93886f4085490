import BER
import ByteIO
import Migration

/// `RAMTotals`: what the groups of pages hold, counted, for who passes over them.
struct RAMTotalsCoding {
    private let totals: TotalsBuilder
    private let stretchSizes: [Int]

    init(_ totals: TotalsBuilder) {
        self.totals = totals
        stretchSizes = totals.stretches.map { Self.size($0, totals) }
    }

    // MARK: Sizes

    /// Octets of the element.
    var size: Int { BERSize.element(.context(0), contentSize) }

    private var stretchesSize: Int {
        stretchSizes.reduce(0) { $0 + BERSize.element(.sequence, $1) }
    }

    private var passesSize: Int {
        totals.history.totals.passes.reduce(0) { $0 + BERSize.element(.sequence, Self.size($1)) }
    }

    private var contentSize: Int {
        BERSize.element(.sequence, stretchesSize) + BERSize.element(.sequence, passesSize)
            + Self.size(numbers)
    }

    private var numbers: [UInt64] {
        let all = totals.history.totals
        return [
            all.distinctPages, all.resentPages, all.resentOctets, all.downtimePages, all.passCount,
        ]
    }

    private static func size(_ numbers: [UInt64]) -> Int {
        numbers.reduce(0) { $0 + BERSize.integer(.integer, $1) }
    }

    private static func size(_ pass: PageTotals.Pass) -> Int {
        size([pass.zero, pass.data, pass.octets])
    }

    private static func numbers(_ pages: PageCounts) -> [UInt64] {
        [pages.full, pages.zero, pages.filled, pages.xbzrle, pages.zlib, pages.octets]
    }

    private static func size(_ row: TotalsBuilder.Row, _ totals: TotalsBuilder) -> Int {
        BERSize.element(.utf8String, totals.blocks[row.block].utf8.count)
            + size(numbers(row.pages))
    }

    private static func rowsSize(
        _ stretch: TotalsBuilder.Stretch, _ totals: TotalsBuilder
    ) -> Int {
        totals.rows[stretch.rows].reduce(0) { $0 + BERSize.element(.sequence, size($1, totals)) }
    }

    private static func size(_ stretch: TotalsBuilder.Stretch, _ totals: TotalsBuilder) -> Int {
        size([stretch.offset, stretch.end, stretch.pageSize])
            + BERSize.element(.sequence, rowsSize(stretch, totals))
    }

    // MARK: Writing

    func write(to writer: inout BERWriter) throws(ByteIOError) {
        try writer.head(.context(0), constructed: true, length: contentSize)
        try writer.head(.sequence, constructed: true, length: stretchesSize)
        for (index, stretch) in totals.stretches.enumerated() {
            try writer.head(.sequence, constructed: true, length: stretchSizes[index])
            try Self.write([stretch.offset, stretch.end, stretch.pageSize], to: &writer)
            try writer.head(
                .sequence, constructed: true, length: Self.rowsSize(stretch, totals))
            for row in totals.rows[stretch.rows] {
                try writer.head(.sequence, constructed: true, length: Self.size(row, totals))
                try writer.string(.utf8String, totals.blocks[row.block])
                try Self.write(Self.numbers(row.pages), to: &writer)
            }
        }
        try Self.write(numbers, to: &writer)
        try writer.head(.sequence, constructed: true, length: passesSize)
        for pass in totals.history.totals.passes {
            try writer.head(.sequence, constructed: true, length: Self.size(pass))
            try Self.write([pass.zero, pass.data, pass.octets], to: &writer)
        }
    }

    private static func write(
        _ numbers: [UInt64], to writer: inout BERWriter
    ) throws(ByteIOError) {
        for number in numbers { try writer.integer(.integer, number) }
    }

    // MARK: Reading

    /// What a file tells.
    struct Read {
        /// Octets from the start of the file, ascending.
        var stretches: [(offset: UInt64, end: UInt64, pages: PageStretch)] = []
        var totals = PageTotals()
    }

    /// Reads totals that were just opened, and their end.
    static func read(_ input: inout ElementReader) throws(MigrationError) -> Read {
        var result = Read()
        var rows = 0
        _ = try input.next(.sequence, constructed: true, "stretches")
        while let element = try input.next() {
            guard element.tag == .sequence, element.isConstructed else {
                throw input.unexpected(element, "a RAMStretch")
            }
            let offset = try number(&input, "offset")
            let end = try number(&input, "behind")
            guard result.stretches.last?.end ?? 0 <= offset, offset < end else {
                throw MigrationError(
                    .corrupt, at: element.offset, path: input.pathText,
                    expected: "ascending stretches", found: "one from \(offset) to \(end)")
            }
            var pages = PageStretch(pageSize: try number(&input, "pagesize"))
            guard pages.pageSize > 0, pages.pageSize <= FormatLimit.largestPage else {
                throw MigrationError(
                    .corrupt, at: element.offset, path: input.pathText + ".pagesize",
                    expected: "1 to \(FormatLimit.largestPage)", found: "\(pages.pageSize)")
            }
            _ = try input.next(.sequence, constructed: true, "counts")
            while let row = try input.next() {
                rows += 1
                guard row.tag == .sequence, row.isConstructed, rows <= FormatLimit.totalsRows else {
                    throw input.unexpected(
                        row, "at most \(FormatLimit.totalsRows) of PagesOfBlock")
                }
                pages.blocks.append(try part(&input))
            }
            try input.end()
            result.stretches.append((offset, end, pages))
        }
        result.totals = try totals(&input)
        return result
    }

    private static func part(
        _ input: inout ElementReader
    ) throws(MigrationError) -> PageStretch.Part {
        let block = try input.text("block")
        var pages = PageCounts()
        pages.full = try number(&input, "fullpages")
        pages.zero = try number(&input, "zeropages")
        pages.filled = try number(&input, "filledpages")
        pages.xbzrle = try number(&input, "xbzrlepages")
        pages.zlib = try number(&input, "zlibpages")
        pages.octets = try number(&input, "sent")
        try input.end()
        return PageStretch.Part(block: block, pages: pages)
    }

    private static func totals(
        _ input: inout ElementReader
    ) throws(MigrationError) -> PageTotals {
        var totals = PageTotals()
        totals.distinctPages = try number(&input, "distinct")
        totals.resentPages = try number(&input, "resent")
        totals.resentOctets = try number(&input, "resentoctets")
        totals.downtimePages = try number(&input, "downtime")
        totals.passCount = try number(&input, "passcount")
        _ = try input.next(.sequence, constructed: true, "passes")
        while let pass = try input.next() {
            guard pass.tag == .sequence, pass.isConstructed,
                totals.passes.count < PageHistory.passLimit
            else { throw input.unexpected(pass, "at most \(PageHistory.passLimit) of RAMPass") }
            totals.passes.append(
                PageTotals.Pass(
                    zero: try number(&input, "zeropages"), data: try number(&input, "datapages"),
                    octets: try number(&input, "sent")))
            try input.end()
        }
        try input.end()
        return totals
    }

    private static func number(
        _ input: inout ElementReader, _ name: String
    ) throws(MigrationError) -> UInt64 {
        let element = try input.next(.integer, constructed: false, name)
        return try input.unsigned(element, name)
    }
}
