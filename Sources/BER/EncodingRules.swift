/// Which of BER's freedoms a reader grants.
///
/// One reader serves all three sets of rules; each difference that lies in the framing has a name
/// here. What the rules demand of values (minimal INTEGER, sorted SET OF, …) needs a schema.
public struct EncodingRules: Hashable, Sendable {
    /// Indefinite lengths (X.690 8.1.3.6); CER demands them for constructed values, DER forbids.
    public var allowsIndefiniteLength: Bool
    /// Definite lengths for constructed values; CER forbids them (9.1).
    public var allowsDefiniteConstructed: Bool
    /// Lengths in more octets than needed (8.1.3.5 note 2); CER and DER forbid them (9.1, 10.1).
    public var demandsMinimalLength: Bool

    public init(
        allowsIndefiniteLength: Bool, allowsDefiniteConstructed: Bool, demandsMinimalLength: Bool
    ) {
        self.allowsIndefiniteLength = allowsIndefiniteLength
        self.allowsDefiniteConstructed = allowsDefiniteConstructed
        self.demandsMinimalLength = demandsMinimalLength
    }

    /// The Basic Encoding Rules.
    public static let ber = EncodingRules(
        allowsIndefiniteLength: true, allowsDefiniteConstructed: true, demandsMinimalLength: false)
    /// The Canonical Encoding Rules.
    public static let cer = EncodingRules(
        allowsIndefiniteLength: true, allowsDefiniteConstructed: false, demandsMinimalLength: true)
    /// The Distinguished Encoding Rules.
    public static let der = EncodingRules(
        allowsIndefiniteLength: false, allowsDefiniteConstructed: true, demandsMinimalLength: true)
}
