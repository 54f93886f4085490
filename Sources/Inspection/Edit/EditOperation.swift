internal import Migration

/// One edit of a stream. Paths mean what is in the input, whatever the other edits do.
public enum EditOperation: Sendable {
    /// Gives values another one.
    case set(DevicePathPattern, to: String)
    /// Drops sections or subsections.
    case drop(DevicePathPattern)
    /// Gives a section another idstr.
    case rename(DevicePathPattern, to: String)
    /// Gives a section or a subsection another version id.
    case version(DevicePathPattern, to: UInt32)
    case machine(String)
    /// Gives a RAM block another length in octets.
    case resizeBlock(String, to: UInt64)
    case renameBlock(String, to: String)
    /// Puts a section of another stream in the place of the one that it is named as, or behind all
    /// others.
    case take(TakenSection)

    /// The path, of those that have one.
    var pattern: DevicePathPattern? {
        switch self {
        case .set(let pattern, _), .drop(let pattern), .rename(let pattern, _),
            .version(let pattern, _):
            pattern
        case .machine, .resizeBlock, .renameBlock, .take: nil
        }
    }
}

/// A FULL section of another stream.
public struct TakenSection: Sendable {
    var section: DeviceSection
    /// The vmdesc's entry of it.
    var description: JSONTree?
    /// The idstr, without what tells it from others of the same.
    var name: String
}

extension TakenSection {
    /// Sections that a pattern chooses.
    /// - Parameters:
    ///   - sections: the other stream's, whole.
    ///   - description: its vmdesc, if it has one.
    public static func find(
        _ pattern: DevicePathPattern, in sections: [DeviceSection], description: [UInt8]?
    ) -> [TakenSection] {
        let tree = description.flatMap { try? JSONTree($0) }
        return sections.compactMap { section in
            guard let instance = section.path.instance, section.version != nil,
                pattern.accepts(
                    pattern.state(section: section.path.section, instance: instance))
            else { return nil }
            let (name, number) = SectionNames.split(section.path.section)
            return TakenSection(
                section: section,
                description: tree.flatMap {
                    DescriptionEditor.entry(of: name, instance: instance, number: number, in: $0)
                }, name: name)
        }
    }

    /// Whether all of its octets are here.
    public var isWhole: Bool {
        !section.isOpaque || UInt64(DeviceOffsets(section.state).total) == section.size
    }

    public var path: DevicePath { section.path }
}

extension SectionNames {
    /// The idstr and the number, from 0, of a section's name in a path.
    static func split(_ name: String) -> (name: String, number: Int) {
        guard let mark = name.lastIndex(of: "#"),
            let number = Int(name[name.index(after: mark)...]), number > 1
        else { return (name, 0) }
        return (String(name[..<mark]), number - 1)
    }
}
