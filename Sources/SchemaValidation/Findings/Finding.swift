/// One finding about a file, as a value; text is made of it at the edge.
public struct Finding: Sendable, Hashable {
    public enum Severity: String, Sendable, Hashable {
        case error
        /// Something could not be checked within the limits.
        case warning
    }

    /// A step from the outermost value to the one at fault.
    public enum Step: Sendable, Hashable {
        /// A component or an alternative.
        case name(String)
        /// An element of SEQUENCE OF or SET OF, from 0.
        case index(UInt64)
    }

    /// A value that an object set's rows are found by.
    public struct Key: Sendable, Hashable {
        /// The component, as in `@name`.
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A place in the schema.
    public struct SchemaPlace: Sendable, Hashable {
        public var file: String
        public var line: Int
        public var column: Int
    }

    public var severity = Severity.error
    public var code: ValidationCode
    /// One sentence without a full stop.
    public var message: String
    /// The first identifier octet of the element at fault. Where a component is missing at the end
    /// of its structure: that of the structure.
    public var offset: UInt64
    /// The very octet.
    public var at: UInt64
    /// Where the element's content begins, and its octets; `nil` where there is no such.
    public var contentOffset: UInt64?
    public var length: UInt64?
    public var path: [Step]
    /// The keys of the structures around, outermost first: they tell which row the types go by.
    public var keys: [Key] = []
    /// What the element is by the schema.
    public var type: String
    public var found: String?
    public var allowed: [String] = []
    /// The constraint or the type that is broken.
    public var rule: SchemaPlace?
    /// The component that uses it.
    public var use: SchemaPlace?
    /// The element's first octets, head and a little content.
    public var octets: [UInt8] = []
    /// Octets of identifier and length.
    public var headSize = 0
    /// Octets of the identifier.
    public var tagSize = 0
    /// Whether reading goes on after it.
    public var isRecovered = true

    /// `QemuFile.top[3].min`
    public var pathText: String {
        var text = ""
        for step in path {
            switch step {
            case .name(let name): text += text.isEmpty ? name : ".\(name)"
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }
}
