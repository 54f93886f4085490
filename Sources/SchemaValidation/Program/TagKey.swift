internal import ASN1
internal import BER

/// A tag in one machine word: the class in the two top bits, the number below.
///
/// Numbers that don't fit become the greatest one, which no schema has.
struct TagKey: Hashable, Comparable, BitwiseCopyable, Sendable {
    let bits: UInt64

    static let numberLimit: UInt64 = (1 << 62) - 1

    @inline(__always)
    init(bits: UInt64) { self.bits = bits }

    @inline(__always)
    init(classBits: UInt8, number: UInt64) {
        bits = UInt64(classBits & 3) << 62 | min(number, TagKey.numberLimit)
    }

    init(_ tag: ASN1.Tag) { self.init(classBits: tag.tagClass.rawValue, number: tag.number) }

    static func universal(_ number: UInt64) -> TagKey { TagKey(classBits: 0, number: number) }

    static let endOfContents = universal(0)
    static let bitString = universal(3)
    static let octetString = universal(4)
    /// Stands where no tag is: no element has it, for its number is none that is read.
    static let none = TagKey(bits: UInt64.max)

    var classBits: UInt8 { UInt8(truncatingIfNeeded: bits >> 62) }
    var number: UInt64 { bits & TagKey.numberLimit }

    static func < (a: TagKey, b: TagKey) -> Bool { a.bits < b.bits }

    /// As people write it: `[APPLICATION 3]`, or the universal type's name.
    var text: String {
        let digits = number == TagKey.numberLimit ? "2^62 or more" : String(number)
        switch classBits {
        case 0: return BER.Tag.universalName(number) ?? "[UNIVERSAL \(digits)]"
        case 1: return "[APPLICATION \(digits)]"
        case 2: return "[\(digits)]"
        default: return "[PRIVATE \(digits)]"
        }
    }

    /// As people write it, always with class and number: `UTF8String [UNIVERSAL 12]`.
    var longText: String {
        classBits == 0 ? "\(text) [UNIVERSAL \(number)]" : text
    }
}
