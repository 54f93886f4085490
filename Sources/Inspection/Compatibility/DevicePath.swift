internal import Migration

/// The text of paths: a section, its instance where it is not 0, then fields.
enum DevicePath {
    static func section(_ header: SectionHeader) -> String {
        header.instanceID == 0 ? header.name : "\(header.name)[\(header.instanceID)]"
    }

    static func field(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : path + "." + name
    }
}
