import ByteIO

/// What each benchmark may allocate, as the committed table says.
///
/// A line: the benchmark, a tab, allocations in 1000 units at most. `#` begins a remark.
struct Thresholds {
    enum Failure: Error { case line(String) }

    private(set) var limits: [String: Double] = [:]

    init(_ text: String) throws {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: "\t")
            guard parts.count == 2, let limit = Double(parts[1]) else {
                throw Failure.line(String(line))
            }
            limits[String(parts[0])] = limit
        }
    }
}

/// A file's octets.
func contents(_ path: String) throws -> [UInt8] {
    var source = try ByteSource(path: path)
    while try source.extend() {}
    return source.window.octets
}
