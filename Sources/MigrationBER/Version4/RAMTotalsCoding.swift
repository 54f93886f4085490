import BER
import ByteIO
import Migration

/// `RAMTotals`: what the groups of pages hold, counted, for who passes over them.
struct RAMTotalsCoding {
    private let totals: TotalsBuilder

    init(_ totals: TotalsBuilder) { self.totals = totals }

    // MARK: Sizes

    /// Octets of the element.
    var size: Int { BERSize.element(.context(0), contentSize) }

    private var stretchesSize: Int {
        totals.stretches.reduce(0) { $0 + BERSize.element(.sequence, Self.size($1, totals)) }
    }

    private var passesSize: Int {
        totals.history.totals.passes.reduce(0) { $0 + BERSize.element(.sequence, Self.size($1)) }
    }

    private var contentSize: Int {
        let all = totals.history.totals
        return BERSize.element(.sequence, stretchesSize) + BERSize.element(.sequence, passesSize)
            + Self.size(all.distinctPages) + Self.size(all.resentPages)
            + Self.size(all.resentOctets) + Self.size(all.downtimePages) + Self.size(all.passCount)
    }

    private static func size(_ number: UInt64) -> Int { BERSize.integer(.integer, number) }

    private static func size(_ pass: PageTotals.Pass) -> Int {
        size(pass.zero) + size(pass.data) + size(pass.octets)
    }

    private static func size(_ row: TotalsBuilder.Row, _ totals: TotalsBuilder) -> Int {
        let pages = row.pages
        return BERSize.element(.utf8String, totals.blocks[row.block].utf8.count)
            + size(pages.full) + size(pages.zero) + size(pages.filled) + size(pages.xbzrle)
            + size(pages.zlib) + size(pages.octets)
    }

    private static func rowsSize(
        _ stretch: TotalsBuilder.Stretch, _ totals: TotalsBuilder
    ) -> Int {
        totals.rows[stretch.rows].reduce(0) { $0 + BERSize.element(.sequence, size($1, totals)) }
    }

    private static func size(_ stretch: TotalsBuilder.Stretch, _ totals: TotalsBuilder) -> Int {
        size(stretch.offset) + size(stretch.end) + size(stretch.pageSize)
            + BERSize.element(.sequence, rowsSize(stretch, totals))
    }

    // MARK: Writing

    func write(to writer: inout BERWriter) throws(ByteIOError) {
        try writer.head(.context(0), constructed: true, length: contentSize)
        try writer.head(.sequence, constructed: true, length: stretchesSize)
        for stretch in totals.stretches { try write(stretch, to: &writer) }
        let all = totals.history.totals
        try writer.integer(.integer, all.distinctPages)
        try writer.integer(.integer, all.resentPages)
        try writer.integer(.integer, all.resentOctets)
        try writer.integer(.integer, all.downtimePages)
        try writer.integer(.integer, all.passCount)
        try writer.head(.sequence, constructed: true, length: passesSize)
        for pass in all.passes {
            try writer.head(.sequence, constructed: true, length: Self.size(pass))
            try writer.integer(.integer, pass.zero)
            try writer.integer(.integer, pass.data)
            try writer.integer(.integer, pass.octets)
        }
    }

    private func write(
        _ stretch: TotalsBuilder.Stretch, to writer: inout BERWriter
    ) throws(ByteIOError) {
        try writer.head(.sequence, constructed: true, length: Self.size(stretch, totals))
        try writer.integer(.integer, stretch.offset)
        try writer.integer(.integer, stretch.end)
        try writer.integer(.integer, stretch.pageSize)
        try writer.head(.sequence, constructed: true, length: Self.rowsSize(stretch, totals))
        for row in totals.rows[stretch.rows] {
            let pages = row.pages
            try writer.head(.sequence, constructed: true, length: Self.size(row, totals))
            try writer.string(.utf8String, totals.blocks[row.block])
            try writer.integer(.integer, pages.full)
            try writer.integer(.integer, pages.zero)
            try writer.integer(.integer, pages.filled)
            try writer.integer(.integer, pages.xbzrle)
            try writer.integer(.integer, pages.zlib)
            try writer.integer(.integer, pages.octets)
        }
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
        let block = try input.blockName("block")
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
