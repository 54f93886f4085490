/// The limits that keep hostile module text from eating stack, memory or time.
///
/// Each gives a diagnostic with its own code when it is passed. The defaults are far above what
/// published modules need.
public struct CompilerLimits: Sendable, Hashable {
    /// Types, values and constraints nested in one another (`nesting-limit`).
    public var nesting = 128
    /// Characters in an identifier or reference (`identifier-limit`).
    public var identifierLength = 1024
    /// Decimal digits in a number (`number-limit`).
    public var numberDigits = 2048
    /// Instances of parameterized definitions, in all (`expansion-limit`).
    public var instances = 50_000
    /// Instances inside instances (`expansion-limit`).
    public var instanceDepth = 48
    /// Value references followed one after another (`reference-limit`).
    public var referenceDepth = 32
    /// Type references followed one after another (`reference-limit`).
    public var referenceChain = 100
    /// Components of one structure after COMPONENTS OF is replaced (`schema-limit`).
    public var components = 20_000
    /// Diagnostics that get a search for the nearest name: the search is costly.
    public var hints = 200
    /// Terms that the set arithmetic of one constraint or object set may grow to
    /// (`set-limit`).
    public var setTerms = 20_000
    /// Entries of the type table (`schema-limit`).
    public var types = 2_000_000
    /// Octets of one source file (`file-limit`).
    public var fileBytes = 64 << 20
    /// Diagnostics that are kept; the rest is counted (`error-limit`).
    public var diagnostics = 2000

    /// The default limits.
    public init() {}
}
