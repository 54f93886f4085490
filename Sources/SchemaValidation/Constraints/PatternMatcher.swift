/// PATTERN's regular expressions (X.680 annex A). Not there yet: every string matches.
struct PatternMatcher {
    init?(_ pattern: String) { return nil }

    func matches(_ text: [UInt32]) -> Bool { true }
}
