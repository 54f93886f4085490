/// `-dump-vmstate` files, written by hand: each field, description and device begins a line.
enum DumpText {
    static func field(
        _ name: String, _ size: Int, version: Int = 0, exists: Bool = false, num: Int? = nil,
        _ inner: String? = nil
    ) -> String {
        "{\"field\": \"\(name)\", \"version_id\": \(version), \"field_exists\": \(exists), "
            + (num.map { "\"num\": \($0), " } ?? "") + "\"size\": \(size)"
            + (inner.map { ", \"Description\":\n\($0)" } ?? "") + "}"
    }

    static func body(
        _ name: String, version: Int = 1, minimum: Int = 1, _ fields: [String]? = [],
        subsections: [String]? = nil
    ) -> String {
        "{\"name\": \"\(name)\", \"version_id\": \(version), "
            + "\"minimum_version_id\": \(minimum)"
            + (fields.map { ", \"Fields\": [\n" + $0.joined(separator: ",\n") + "\n]" } ?? "")
            + (subsections.map { ", \"Subsections\": [\n" + $0.joined(separator: ",\n") + "\n]" }
                ?? "") + "}"
    }

    /// - Parameter devices: a type, its versions and its description.
    static func dump(
        machine: String = "none", _ devices: [(type: String, version: Int, body: String)]
    ) -> String {
        "{\n\"vmschkmachine\": {\"Name\": \"\(machine)\"},\n"
            + devices.map {
                "\"\($0.type)\": {\"Name\": \"\($0.type)\", \"version_id\": \($0.version), "
                    + "\"minimum_version_id\": 1, \"Description\":\n\($0.body)}"
            }.joined(separator: ",\n") + "\n}\n"
    }

    /// The devices of ``SmallStream``, as a QEMU describes them that takes it.
    static let small = dump([
        ("dev", 2, body("dev", version: 2, [field("n", 4), field("on", 1)])),
        ("box", 1, box),
    ])

    static let box = body("box", [field("b", 3)])

    /// The same with another description of the first.
    static func small(_ dev: String, version: Int = 2) -> String {
        dump([("dev", version, dev), ("box", 1, box)])
    }
}
