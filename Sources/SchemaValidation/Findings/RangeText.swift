internal import ASN1

/// Sets of integers as module text would spell them.
enum RangeText {
    /// Ranges that are listed.
    static let limit = 16

    static func text(_ ranges: IntegerRanges) -> String {
        var parts = ranges.ranges.prefix(limit).map { range -> String in
            switch (range.lower, range.upper) {
            case (let lower?, let upper?):
                lower == upper ? "\(lower)" : "\(lower)..\(upper)"
            case (let lower?, nil): "\(lower)..MAX"
            case (nil, let upper?): "MIN..\(upper)"
            case (nil, nil): "MIN..MAX"
            }
        }
        if ranges.ranges.count > limit { parts.append("…") }
        return parts.isEmpty ? "nothing" : parts.joined(separator: " | ")
    }
}
