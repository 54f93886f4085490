internal import Migration

/// Counts octets by what they are and the downtime's part, and keeps the pages' history.
struct TransferTally {
    private var summary = TransferSummary()
    var history = PageHistory()
    /// What a file says of its pages, if groups were passed over.
    var stated: PageTotals?

    /// Octets of the binary stream.
    mutating func add(_ what: String, _ octets: UInt64) {
        summary.sizes[what, default: 0] &+= octets
        guard history.isDown else { return }
        summary.downtime.octets &+= octets
        switch what {
        case "ram", "iterators": summary.downtime.iterators &+= octets
        case "devices": summary.downtime.devices &+= octets
        default: summary.downtime.other &+= octets
        }
    }

    /// A section's octets turned out to be fewer.
    mutating func remove(_ what: String, _ octets: UInt64) {
        summary.sizes[what, default: 0] &-= octets
        if history.isDown {
            summary.downtime.octets &-= octets
            summary.downtime.iterators &-= octets
        }
    }

    /// The summary, when all has been read.
    func finished(isWhole: Bool) -> TransferSummary? {
        guard !summary.sizes.isEmpty else { return nil }
        var result = summary
        let totals = stated ?? history.totals
        result.downtime.pages = totals.downtimePages
        if !history.isIncomplete {
            result.distinctPages = totals.distinctPages
            result.resentPages = totals.resentPages
            result.resentOctets = totals.resentOctets
            let size = history.pageSize
            if isWhole, size > 0 {
                let total = history.lengths.reduce(UInt64(0)) {
                    $0 &+ $1 / size &+ ($1 % size > 0 ? 1 : 0)
                }
                result.missingPages = total &- min(total, result.distinctPages)
            }
        }
        if !history.isUnordered {
            result.passCount = Int(clamping: totals.passCount)
            result.passes = totals.passes.map {
                .init(zero: $0.zero, data: $0.data, octets: $0.octets)
            }
        }
        return result
    }
}
