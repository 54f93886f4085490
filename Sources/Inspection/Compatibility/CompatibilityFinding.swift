/// Something that stands between a stream and the QEMU that is to load it, or between what two QEMUs
/// describe.
public struct CompatibilityFinding: Hashable, Sendable {
    public enum Severity: String, Hashable, Sendable, CaseIterable {
        /// QEMU refuses the stream, or reads it wrongly.
        case error
        /// It may; what is known does not tell.
        case warning
        /// It does not; but a user should know.
        case note
    }

    /// Which of two dumps would read the other's stream.
    public enum Direction: String, Hashable, Sendable, CaseIterable {
        case forward, backward
    }

    /// Where it is.
    public enum Place: Hashable, Sendable {
        /// Octets from the start of the stream, or of the BER file that holds it.
        case stream(UInt64)
        /// Octets from the start of the dump of the QEMU that sends.
        case sender(Int)
        /// Octets from the start of the dump of the QEMU that loads.
        case receiver(Int)
    }

    public var code: CompatibilityCode
    public var severity: Severity
    /// The device and the field: `0000:00:01.3/piix4_pm.ar.pm1.evt.sts`.
    public var path: String
    /// One sentence without a full stop.
    public var message: String
    /// What the loader wants there.
    public var expected: String?
    /// What it gets.
    public var found: String?
    /// What QEMU says when it meets this, or how that begins.
    public var loaderMessages: [String]
    public var place: Place?
    public var direction: Direction?
    /// The type or section of the dump, the description and the field in it.
    public var section: String?
    public var description: String?
    public var field: String?

    public init(
        _ code: CompatibilityCode, _ severity: Severity? = nil, path: String, _ message: String,
        expected: String? = nil, found: String? = nil, loaderMessages: [String] = [],
        place: Place? = nil
    ) {
        self.code = code
        self.severity = severity ?? code.severity
        self.path = path
        self.message = message
        self.expected = expected
        self.found = found
        self.loaderMessages = loaderMessages
        self.place = place
    }
}
