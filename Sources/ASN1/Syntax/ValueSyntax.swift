/// A value as it is spelled (X.680 17.7). What braces hold depends on the governor, so they are
/// kept as tokens.
final class ValueSyntax {
    indirect enum Kind {
        case integer(BigInteger)
        case real(String)
        case cstring(String)
        case bstring(String)
        case hstring(String)
        case boolean(Bool)
        case null
        case plusInfinity
        case minusInfinity
        case notANumber
        /// A value reference, an enumeration item, a named number: the governor tells.
        case reference(ReferenceSyntax)
        case choice(NameSyntax, ValueSyntax)
        case typed(TypeSyntax, ValueSyntax)
        case field(ReferenceSyntax, [NameSyntax])
        case containing(ValueSyntax)
        case braced(TokenRange)
        case skipped
    }

    let kind: Kind
    let location: SourceLocation

    init(_ kind: Kind, _ location: SourceLocation) {
        self.kind = kind
        self.location = location
    }
}

/// An element of a value in braces.
struct BracedItemSyntax {
    let name: NameSyntax?
    let value: ValueSyntax
}

/// An arc of an object identifier value (X.680 32.3).
struct ArcSyntax {
    let name: NameSyntax?
    let number: ValueSyntax?
    let location: SourceLocation
}
