/// What keeps hostile input from eating memory or time.
public struct ValidationLimits: Sendable, Hashable {
    /// Elements inside each other: some 96 octets of memory each (`depth`).
    public var depth = 100_000
    /// Octets of a value that a constraint or a canonical rule needs whole (`unchecked`).
    public var heldOctets = 1 << 20
    /// Octets of a key value that an open type looks for.
    public var keyOctets = 4096
    /// Octets of an INTEGER, OBJECT IDENTIFIER or REAL that are looked at together; what stands
    /// behind them is still counted.
    public var simpleOctets = 64 << 10
    /// Characters of a time.
    public var timeOctets = 128
    /// Findings after which a pass ends.
    public var findings = 20

    public init() {}
}
