/// Names that changed between versions of QEMU while what is on the wire did not.
///
/// Each list holds names of one thing; any of them stands for any other.
public struct RenameTable: Hashable, Sendable, Codable {
    /// Types of devices, as a dump's members are called.
    public var sections: [[String]] = []
    /// Descriptions, by the type that they are of.
    public var descriptions: [String: [[String]]] = [:]
    /// Fields, by the description that they are in.
    public var fields: [String: [[String]]] = [:]

    public init() {}

    /// Members that are left out are empty.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        sections = try members.decodeIfPresent([[String]].self, forKey: .sections) ?? []
        descriptions =
            try members.decodeIfPresent([String: [[String]]].self, forKey: .descriptions) ?? [:]
        fields = try members.decodeIfPresent([String: [[String]]].self, forKey: .fields) ?? [:]
    }

    /// Adds another table's names.
    public mutating func add(_ other: RenameTable) {
        sections += other.sections
        descriptions.merge(other.descriptions) { $0 + $1 }
        fields.merge(other.fields) { $0 + $1 }
    }

    /// The other names of a type.
    func otherNames(ofSection name: String) -> [String] {
        sections.filter { $0.contains(name) }.flatMap { $0 }.filter { $0 != name }
    }

    /// Whether two names are of one description.
    func areSame(descriptions one: String, _ other: String, in section: String) -> Bool {
        one == other || Self.has(descriptions[section], one, other)
    }

    /// Whether two names are of one field.
    func areSame(fields one: String, _ other: String, in description: String) -> Bool {
        one == other || Self.has(fields[description], one, other)
    }

    private static func has(_ lists: [[String]]?, _ one: String, _ other: String) -> Bool {
        lists?.contains { $0.contains(one) && $0.contains(other) } ?? false
    }
}
