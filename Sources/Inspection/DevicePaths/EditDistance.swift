/// How much two names differ: Levenshtein's distance over octets.
enum EditDistance {
    /// - Returns: the distance, or `nil` if it is above `limit`.
    static func between(_ one: String, _ other: String, limit: Int) -> Int? {
        let left = Array(one.utf8)
        let right = Array(other.utf8)
        guard limit >= 0, abs(left.count - right.count) <= limit else { return nil }
        var row = Array(0...right.count)
        for (place, octet) in left.enumerated() {
            var diagonal = row[0]
            row[0] = place + 1
            var least = row[0]
            for column in right.indices {
                let above = row[column + 1]
                let cost = octet == right[column] ? diagonal : diagonal + 1
                row[column + 1] = min(cost, above + 1, row[column] + 1)
                diagonal = above
                least = min(least, row[column + 1])
            }
            if least > limit { return nil }
        }
        return row[right.count] <= limit ? row[right.count] : nil
    }
}
