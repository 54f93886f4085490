/// Where a value stands in a stream's device state, as in `0000:00:01.3/piix4_pm[0].ar.pm1.evt.sts`:
/// the section's idstr, its instance id in brackets, and the names and indices that lead to the value.
///
/// Names are printed as they are, dots included, if ``DevicePathPattern`` finds them so; others are
/// quoted.
public struct DevicePath: Hashable, Sendable, CustomStringConvertible {
    public enum Component: Hashable, Sendable {
        /// A field's or a subsection's name, or `key` and `value` in an entry of a tree. Of several
        /// with one name in one structure, the second has `#2` behind its name, and so on.
        case name(String)
        /// An element's place in an array or a list, an entry's in a tree, an octet's in a buffer.
        case index(Int)
    }

    /// The section's idstr; `configuration` for the stream's configuration. Of several with one idstr
    /// and instance id, the second has `#2` behind it (``SectionNames``).
    public var section: String
    /// `nil` for the configuration, which has none.
    public var instance: UInt32?
    public var components: [Component]

    public init(section: String, instance: UInt32?, components: [Component] = []) {
        self.section = section
        self.instance = instance
        self.components = components
    }

    /// The section under which the configuration's values stand.
    public static let configuration = "configuration"

    public var description: String {
        var text = sectionText
        for component in components {
            switch component {
            case .name(let name): text += "." + DevicePath.quoted(name)
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }

    /// The section alone, with its instance id.
    public var sectionText: String {
        DevicePath.quoted(section) + (instance.map { "[\($0)]" } ?? "")
    }

    /// A name as it stands in a path: in quotes if a pattern would take some of it for something
    /// else.
    public static func quoted(_ name: String) -> String {
        if isPlain(name) { return name }
        var text = "\""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\" + String(scalar)
            case _ where scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value):
                text += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    private static func isPlain(_ name: String) -> Bool {
        let octets = Array(name.utf8)
        var at = 0
        while at < octets.count {
            switch octets[at] {
            // A number in brackets is found as it stands; but what goes on behind it
            // (i8254's `channels[0].next_transition_time`) looks like the path of another value.
            case UInt8(ascii: "["):
                guard let (_, end) = place(in: octets, at: at),
                    end == octets.count || octets[end] != UInt8(ascii: ".")
                else { return false }
                at = end
                continue
            case UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "]"), UInt8(ascii: "\""),
                UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "="), 0...0x20, 0x7f:
                return false
            // C1 control characters.
            case 0xc2 where at + 1 < octets.count && octets[at + 1] < 0xa0: return false
            default: at += 1
            }
        }
        return !octets.isEmpty
    }

    /// The number in brackets that begins at a place of a name, and where it ends.
    static func place(in name: [UInt8], at start: Int) -> (number: Int, end: Int)? {
        var at = start + 1
        while at < name.count, (0x30...0x39).contains(name[at]) { at += 1 }
        guard at < name.count, name[at] == UInt8(ascii: "]"), at - start < 12,
            let number = Int(String(decoding: name[start + 1..<at], as: UTF8.self))
        else { return nil }
        return (number, at + 1)
    }
}

extension DevicePath: Comparable {
    /// Sections in the order of their names, instances and places by number.
    public static func < (one: Self, other: Self) -> Bool {
        if one.section != other.section { return one.section < other.section }
        if one.instance != other.instance {
            return (one.instance.map { Int64($0) } ?? -1) < (other.instance.map { Int64($0) } ?? -1)
        }
        for (left, right) in zip(one.components, other.components) where left != right {
            switch (left, right) {
            case (.index(let left), .index(let right)): return left < right
            case (.name(let left), .name(let right)): return left < right
            case (.index, .name): return true
            case (.name, .index): return false
            }
        }
        return one.components.count < other.components.count
    }
}
