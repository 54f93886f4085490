/// A value of module text, evaluated.
public indirect enum SchemaValue: Sendable, Hashable {
    case integer(BigInteger)
    /// A real number; its notation is kept because a Double may not hold it.
    case real(Double, text: String)
    case boolean(Bool)
    case null
    case enumerated(name: String, value: BigInteger)
    /// Bits, most significant first, one an element.
    case bits([Bool])
    case octets([UInt8])
    /// A character string as code points.
    case string([UInt32])
    /// The arcs of an object identifier.
    case objectIdentifier([BigInteger])
    case relativeOID([BigInteger])
    case list([SchemaValue])
    case fields([Field])
    case choice(name: String, SchemaValue)
    case open(type: Int, SchemaValue)
    /// A value whose notation is not evaluated.
    case unknown

    public struct Field: Sendable, Hashable {
        public let name: String
        public let value: SchemaValue
    }
}
