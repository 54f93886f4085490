import BER
import Migration

/// Stretches of groups that a file's index has counted: they are passed over at once.
struct PassedStretches {
    private let read: RAMTotalsCoding.Read
    private var next = 0

    init(_ read: RAMTotalsCoding.Read) { self.read = read }

    /// What all groups come to.
    var totals: PageTotals { read.totals }

    /// Passes over the stretch that begins here.
    /// - Returns: what is in it; `nil` if none does.
    mutating func pass(_ input: inout ElementReader) throws(MigrationError) -> PageStretch? {
        guard input.reader.contentLeft == 0 else { return nil }
        let position = input.reader.position
        while next < read.stretches.count, read.stretches[next].offset < position { next += 1 }
        guard next < read.stretches.count, read.stretches[next].offset == position else {
            return nil
        }
        let stretch = read.stretches[next]
        next += 1
        do { try input.reader.passElements(stretch.end - position) } catch {
            throw BERFailure.wrap(error, path: input.pathText)
        }
        return stretch.pages
    }
}
