/// One finding about module text, as a value.
public struct Diagnostic: Sendable, Hashable {
    /// How grave a finding is.
    public enum Severity: String, Sendable, Hashable {
        /// The text breaks the standard; there is no schema.
        case error
        /// The text is accepted in practice, or is suspicious.
        case warning
    }

    /// The stable code.
    public let code: DiagnosticCode
    /// How grave it is.
    public let severity: Severity
    /// The name of the file.
    public let file: String
    /// The place.
    public let location: SourceLocation
    /// The text of the line.
    public let sourceLine: String
    /// What is wrong, in one sentence without a full stop.
    public let message: String
    /// What to do about it, where there is something to say: the nearest name, a missing file.
    public let hint: String?
}
