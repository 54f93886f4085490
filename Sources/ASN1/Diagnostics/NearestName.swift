/// Finds the name that was probably meant.
enum NearestName {
    /// The candidate nearest to a name, if one is near enough to be worth a hint.
    ///
    /// The distance counts insertions, deletions, changes and swaps of neighbours; a difference
    /// in case only counts as nothing but comes after an equal name.
    static func find(_ name: String, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(name.lowercased().utf8.prefix(64))
        let limit = max(1, wanted.count / 3)
        var best: (distance: Int, name: String)?
        var examined = 0
        for candidate in candidates {
            examined += 1
            if examined > 5000 { break }
            if candidate == name { continue }
            let other = Array(candidate.lowercased().utf8.prefix(64))
            if abs(other.count - wanted.count) > limit { continue }
            let distance = editDistance(wanted, other)
            if distance > limit { continue }
            if let current = best, (current.distance, current.name) <= (distance, candidate) {
                continue
            }
            best = (distance, candidate)
        }
        return best?.name
    }

    private static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var beforePrevious = [Int](repeating: 0, count: b.count + 1)
        var previous = Array(0...b.count)
        var current = previous
        for i in 1...a.count {
            current[0] = i
            for j in 1...b.count {
                let cost = a[i - 1] == b[j - 1] ? 0 : 1
                var value = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    value = min(value, beforePrevious[j - 2] + 1)
                }
                current[j] = value
            }
            (beforePrevious, previous, current) = (previous, current, beforePrevious)
        }
        return previous[b.count]
    }
}
