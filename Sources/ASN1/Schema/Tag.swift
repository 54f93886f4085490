/// A tag (X.680 clause 8).
public struct Tag: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The class of a tag, with the bits that BER gives it.
    public enum Class: UInt8, Sendable, Hashable {
        case universal = 0
        case application = 1
        case contextSpecific = 2
        case `private` = 3
    }

    /// The class.
    public let tagClass: Class
    /// The number.
    public let number: UInt64

    /// Makes a tag.
    public init(_ tagClass: Class, _ number: UInt64) {
        self.tagClass = tagClass
        self.number = number
    }

    public static func < (a: Tag, b: Tag) -> Bool {
        (a.tagClass.rawValue, a.number) < (b.tagClass.rawValue, b.number)
    }

    public var description: String {
        switch tagClass {
        case .universal: "[UNIVERSAL \(number)]"
        case .application: "[APPLICATION \(number)]"
        case .contextSpecific: "[\(number)]"
        case .private: "[PRIVATE \(number)]"
        }
    }
}
