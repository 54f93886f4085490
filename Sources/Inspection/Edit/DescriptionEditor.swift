/// What edits did to a FULL section, for the vmdesc's entry of it.
struct DescriptionEdit {
    var isDropped = false
    var name: String?
    var version: UInt32?
    /// Subsections that were dropped, by the path below the section, with the octets that they took.
    var dropped: [(path: [DevicePath.Component], octets: Int)] = []
    /// Subsections' new versions.
    var versions: [(path: [DevicePath.Component], version: UInt32)] = []
    /// An entry in place of the old one.
    var replacement: JSONTree?
}

/// Changes a vmdesc so that it agrees with an edited stream. All else stays as it was written.
struct DescriptionEditor {
    /// Why the vmdesc can't be changed so.
    struct Misfit: Error {
        var path: String
        var reason: String
    }

    private var tree: JSONTree

    init(_ json: [UInt8]) throws(JSONTree.Fault) { tree = try JSONTree(json) }

    var text: [UInt8] { Array(tree.text.utf8) }

    /// Applies edits, by the FULL sections' numbers, and adds entries behind all others.
    mutating func apply(
        _ edits: [Int: DescriptionEdit], adding added: [JSONTree]
    ) throws(Misfit) {
        guard var devices = tree["devices"]?.elements else { return }
        for (number, edit) in edits where number < devices.count {
            if let replacement = edit.replacement { devices[number] = replacement }
            try Self.apply(edit, to: &devices[number])
        }
        for number in edits.keys.sorted().reversed()
        where number < devices.count && edits[number]?.isDropped == true {
            devices.remove(at: number)
        }
        tree["devices"] = .array(devices + added)
    }

    /// The configuration's own description, which streams of 8.2 and newer have.
    mutating func applyToConfiguration(
        _ edit: DescriptionEdit, machineLength: Int?
    ) throws(Misfit) {
        guard var body = tree["configuration"] else { return }
        try Self.apply(edit, to: &body)
        if let machineLength, case .object = body, var fields = body["fields"]?.elements {
            for place in fields.indices where fields[place]["name"]?.string == "name" {
                fields[place]["size"] = .number(Int64(machineLength))
            }
            body["fields"] = .array(fields)
        }
        tree["configuration"] = body
    }

    private static func apply(
        _ edit: DescriptionEdit, to body: inout JSONTree
    ) throws(Misfit) {
        if let name = edit.name { body["name"] = .string(name) }
        if let version = edit.version { body["version"] = .number(Int64(version)) }
        for (path, version) in edit.versions {
            try change(path[...], in: &body, 0) { $0["version"] = .number(Int64(version)) }
        }
        for (path, octets) in edit.dropped { try change(path[...], in: &body, octets, nil) }
    }

    /// Changes a subsection, or removes it if there is no change, and takes octets off the structures
    /// that it stands in.
    private static func change(
        _ path: ArraySlice<DevicePath.Component>, in body: inout JSONTree, _ octets: Int,
        _ change: ((inout JSONTree) -> Void)?
    ) throws(Misfit) {
        guard case .name(let name)? = path.first else { throw misfit(path, "it is in an array") }
        var subsections = body["subsections"]?.elements ?? []
        if let place = subsections.firstIndex(where: { $0["vmsd_name"]?.string == name }) {
            if path.count > 1 {
                try self.change(path.dropFirst(), in: &subsections[place], octets, change)
            } else if let change {
                change(&subsections[place])
            } else {
                subsections.remove(at: place)
            }
            body["subsections"] = subsections.isEmpty ? nil : .array(subsections)
            return
        }
        guard path.count > 1, var fields = body["fields"]?.elements else {
            throw misfit(path, "the vmdesc has no such subsection")
        }
        var rest = path.dropFirst()
        var element: Int64 = 0
        if case .index(let index)? = rest.first {
            element = Int64(index)
            rest = rest.dropFirst()
        }
        guard let place = entry(of: name, element: element, in: fields) else {
            throw misfit(path, "the vmdesc tells it together with others, in an array")
        }
        // A field of which just the size is told needs no more.
        if var inner = fields[place]["struct"] {
            try self.change(rest, in: &inner, octets, change)
            fields[place]["struct"] = inner
        }
        if let size = fields[place]["size"]?.integer {
            fields[place]["size"] = .number(size - Int64(octets))
        }
        body["fields"] = .array(fields)
    }

    /// The entry that tells this element of a field and no other. Elements with subsections have
    /// entries of their own (QEMU's `vmsd_can_compress` in `migration/vmstate.c`).
    private static func entry(of name: String, element: Int64, in fields: [JSONTree]) -> Int? {
        let places = fields.indices.filter { fields[$0]["name"]?.string == name }
        let place = places.first {
            (fields[$0]["index"]?.integer ?? (places.count == 1 ? 0 : -1)) == element
        }
        guard let place, (fields[place]["array_len"]?.integer ?? 1) == 1 else { return nil }
        return place
    }

    private static func misfit(
        _ path: ArraySlice<DevicePath.Component>, _ reason: String
    ) -> Misfit {
        var text = ""
        for component in path {
            switch component {
            case .name(let name): text += (text.isEmpty ? "" : ".") + name
            case .index(let index): text += "[\(index)]"
            }
        }
        return Misfit(path: text, reason: reason)
    }

    /// The entry of a device, by its name and instance id; of several the one of that number.
    static func entry(
        of name: String, instance: UInt32, number: Int, in tree: JSONTree
    ) -> JSONTree? {
        let fitting = (tree["devices"]?.elements ?? []).filter {
            $0["name"]?.string == name
                && $0["instance_id"]?.integer.map { UInt32(truncatingIfNeeded: $0) } == instance
        }
        return number < fitting.count ? fitting[number] : nil
    }

    /// An entry for a device of which nothing but its octets is known.
    static func entry(of name: String, instance: UInt32, version: UInt32, octets: Int) -> JSONTree {
        func member(_ key: String, _ value: JSONTree) -> JSONTree.Member {
            JSONTree.Member(key: "\"\(key)\"", value: value)
        }
        let field = JSONTree.object([
            member("name", .string("data")), member("type", .string("buffer")),
            member("size", .number(Int64(octets))),
        ])
        return .object([
            member("name", .string(name)), member("instance_id", .number(Int64(instance))),
            member("vmsd_name", .string("")), member("version", .number(Int64(version))),
            member("fields", .array([field])),
        ])
    }
}
