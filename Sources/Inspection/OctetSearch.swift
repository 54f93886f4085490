extension [UInt8] {
    /// Where some octets occur first.
    ///
    /// The standard library's own search brings the engine for regular expressions with it, a MB of
    /// the program.
    func firstPlace(of octets: [UInt8]) -> Range<Int>? {
        guard !octets.isEmpty, count >= octets.count else { return nil }
        for start in 0...count - octets.count
        where self[start] == octets[0] && self[start..<start + octets.count].elementsEqual(octets) {
            return start..<start + octets.count
        }
        return nil
    }
}
