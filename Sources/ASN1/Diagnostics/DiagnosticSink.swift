/// Collects the diagnostics of one compilation.
///
/// A parameterized definition is checked once an instance; the sink keeps one finding for each
/// code and place.
final class DiagnosticSink {
    private struct Key: Hashable {
        let code: DiagnosticCode
        let location: SourceLocation
    }

    let files: [SourceFile]
    let strict: Bool
    let limit: Int
    let hintLimit: Int
    private var entries:
        [(
            code: DiagnosticCode, location: SourceLocation, severity: Diagnostic.Severity,
            message: String, hint: String?
        )] = []
    private var seen: Set<Key> = []
    private(set) var errorCount = 0
    private(set) var hasSyntaxErrors = false
    /// Whether nothing was found.
    var isEmpty: Bool { seen.isEmpty }
    /// While above zero nothing is recorded: something is tried that may fail.
    var suppressed = 0

    init(files: [SourceFile], strict: Bool, limit: Int, hintLimit: Int = 0) {
        self.hintLimit = hintLimit
        self.files = files
        self.strict = strict
        self.limit = limit
    }

    func error(
        _ code: DiagnosticCode, _ location: SourceLocation, _ message: @autoclosure () -> String,
        hint: @autoclosure () -> String? = nil
    ) {
        record(code, .error, location, message, hint)
    }

    /// Records a warning; a departure from the standard that is accepted in practice becomes an
    /// error when the compilation is strict.
    func warning(
        _ code: DiagnosticCode, _ location: SourceLocation, _ message: @autoclosure () -> String,
        hint: @autoclosure () -> String? = nil
    ) {
        record(
            code, strict && code.isDeparture ? .error : .warning, location, message, hint)
    }

    private func record(
        _ code: DiagnosticCode, _ severity: Diagnostic.Severity, _ location: SourceLocation,
        _ message: () -> String, _ hint: () -> String?
    ) {
        guard suppressed == 0, seen.insert(Key(code: code, location: location)).inserted else {
            return
        }
        if severity == .error {
            errorCount += 1
            if code.isSyntax { hasSyntaxErrors = true }
        }
        if entries.count < limit || (severity == .error && errorCount == 1) {
            entries.append(
                (code, location, severity, message(), entries.count < hintLimit ? hint() : nil))
        }
    }

    /// The findings in the order of their places.
    func finish() -> [Diagnostic] {
        let sorted = entries.sorted {
            ($0.location, $0.code.rawValue) < ($1.location, $1.code.rawValue)
        }
        var lines = LineCache(files: files)
        return sorted.map { entry in
            let file =
                files.indices.contains(entry.location.file) ? files[entry.location.file].name : ""
            return Diagnostic(
                code: entry.code, severity: entry.severity, file: file, location: entry.location,
                sourceLine: lines.line(entry.location), message: entry.message, hint: entry.hint)
        }
    }

    private struct LineCache {
        let files: [SourceFile]
        var starts: [Int: [Int]] = [:]

        mutating func line(_ location: SourceLocation) -> String {
            guard files.indices.contains(location.file) else { return "" }
            let bytes = files[location.file].bytes
            let table: [Int]
            if let known = starts[location.file] {
                table = known
            } else {
                var made = [0]
                for (index, byte) in bytes.enumerated() where byte == 0x0A {
                    made.append(index + 1)
                }
                starts[location.file] = made
                table = made
            }
            guard location.line >= 1, location.line <= table.count else { return "" }
            let start = table[location.line - 1]
            var end = location.line < table.count ? table[location.line] - 1 : bytes.count
            if end > start, bytes[end - 1] == 0x0D { end -= 1 }
            // A line of a hostile file may be the whole file; nobody reads more than this.
            end = min(end, start + 2000)
            return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
        }
    }
}
