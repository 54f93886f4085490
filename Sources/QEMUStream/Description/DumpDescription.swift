/// What QEMU's `-dump-vmstate` writes (`migration/savevm.c`, `dump_vmstate_json_to_file`): the
/// descriptions of all devices that the program knows, for one machine type.
///
/// It has names, versions and the sizes of C's fields. It lacks wire types, the paths of devices,
/// and whether a field without a number of elements is an array.
public struct DumpDescription: Sendable {
    /// A body: the fields and subsections of one VMStateDescription.
    public struct Body: Sendable {
        public var name = ""
        public var version: Int64 = 0
        /// The oldest version that its loader takes.
        public var minimumVersion: Int64 = 0
        public var fields: [Field] = []
        public var subsections: [Body] = []
        /// Whether the members `Fields` and `Subsections` are there at all.
        public var hasFields = false
        public var hasSubsections = false
        /// Octets from the start of the JSON to its own.
        public var offset = 0
    }

    public struct Field: Sendable {
        /// As in the vmdesc: where several fields have one name, each has its number.
        public var name = ""
        /// As in the file.
        public var declaredName = ""
        /// The first version of the body's that has it.
        public var version: Int64 = 0
        /// Whether a predicate of the device's decides if it is sent.
        public var isOptional = false
        /// Elements of an array of fixed length; no array of another kind has it.
        public var count: UInt64?
        /// Octets of one element in C; 0 where the length is the sender's affair.
        public var size: UInt64 = 0
        /// What an element holds.
        public var body: [Body] = []
        /// Octets from the start of the JSON.
        public var offset = 0

        /// The name without the number.
        public var plainName: Substring { name.prefix { $0 != "[" } }
    }

    public struct Device: Sendable {
        /// The type, as `-device` has it.
        public var type = ""
        public var version: Int64 = 0
        public var minimumVersion: Int64 = 0
        public var body = Body()
        /// Octets from the start of the JSON.
        public var offset = 0
    }

    /// The machine type, in full (`pc-i440fx-7.2`).
    public var machine: String?
    public var devices: [Device] = []

    /// Reads a dump, in order and keeping members that occur twice.
    public init(json: [UInt8]) throws(VMDescription.Fault) {
        var parser = DescriptionParser(json)
        do throws(JSONScanner.Fault) {
            try parser.expect(.beginObject, "an object")
            try parser.members { (parser, key) throws(JSONScanner.Fault) in
                try parser.expect(.beginObject, "an object")
                if key == "vmschkmachine" {
                    return try parser.members { (parser, key) throws(JSONScanner.Fault) in
                        guard key == "Name" else { return try parser.skipValue() }
                        machine = try parser.string()
                    }
                }
                var device = Device(type: key, offset: parser.scanner.offset)
                var isDescribed = false
                try parser.members { (parser, member) throws(JSONScanner.Fault) in
                    switch member {
                    case "version_id": device.version = try parser.integer() ?? 0
                    case "minimum_version_id": device.minimumVersion = try parser.integer() ?? 0
                    case "Description":
                        try parser.expect(.beginObject, "an object")
                        device.body = try parser.dumpBody()
                        isDescribed = true
                    default: try parser.skipValue()
                    }
                }
                if isDescribed { devices.append(device) }
            }
            guard try parser.scanner.next() == .end else {
                throw JSONScanner.Fault(
                    offset: parser.scanner.offset, expected: "nothing behind the object")
            }
        } catch {
            throw VMDescription.Fault(offset: error.offset, expected: error.expected)
        }
        guard !devices.isEmpty else {
            throw VMDescription.Fault(offset: 0, expected: "devices with descriptions")
        }
    }
}

extension DescriptionParser {
    /// A body that has begun.
    fileprivate mutating func dumpBody() throws(JSONScanner.Fault) -> DumpDescription.Body {
        var body = DumpDescription.Body()
        body.offset = scanner.offset - 1
        try members { (parser, key) throws(JSONScanner.Fault) in
            switch key {
            case "name": body.name = try parser.string()
            case "version_id": body.version = try parser.integer() ?? 0
            case "minimum_version_id": body.minimumVersion = try parser.integer() ?? 0
            case "Fields":
                body.hasFields = true
                try parser.elements { (parser) throws(JSONScanner.Fault) in
                    body.fields.append(try parser.dumpField())
                }
            case "Subsections":
                body.hasSubsections = true
                try parser.elements { (parser) throws(JSONScanner.Fault) in
                    body.subsections.append(try parser.dumpBody())
                }
            default: try parser.skipValue()
            }
        }
        number(&body.fields)
        return body
    }

    private mutating func dumpField() throws(JSONScanner.Fault) -> DumpDescription.Field {
        var field = DumpDescription.Field()
        field.offset = scanner.offset - 1
        try members { (parser, key) throws(JSONScanner.Fault) in
            switch key {
            case "field":
                field.name = try parser.string()
                field.declaredName = field.name
            case "version_id": field.version = try parser.integer() ?? 0
            case "field_exists": field.isOptional = try parser.boolean()
            case "num": field.count = try parser.integer().flatMap { UInt64(exactly: $0) }
            case "size":
                field.size = try parser.integer().flatMap { UInt64(exactly: $0) } ?? 0
            case "Description":
                try parser.expect(.beginObject, "an object")
                field.body = [try parser.dumpBody()]
            default: try parser.skipValue()
            }
        }
        return field
    }

    /// Several fields of one name have a number each, as in the vmdesc.
    private func number(_ fields: inout [DumpDescription.Field]) {
        var counts: [String: Int] = [:]
        for field in fields { counts[field.name, default: 0] += 1 }
        var next: [String: Int] = [:]
        for index in fields.indices {
            let name = fields[index].name
            guard counts[name] ?? 0 > 1 else { continue }
            fields[index].name = "\(name)[\(next[name, default: 0])]"
            next[name, default: 0] += 1
        }
    }
}
