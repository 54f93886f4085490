extension DeviceLayouts {
    /// Adds what QEMU's `-dump-vmstate` wrote: all devices that the program knows.
    ///
    /// It has names, versions and the sizes of C's fields, which are those of the wire for numbers
    /// and buffers. Of a number it doesn't tell whether it has a sign or is a BOOLEAN: all are
    /// unsigned here.
    public mutating func add(dump json: [UInt8]) throws(VMDescription.Fault) {
        var parser = DescriptionParser(json)
        var found: [DeviceLayout] = []
        do throws(JSONScanner.Fault) {
            try parser.expect(.beginObject, "an object")
            try parser.members { (parser, key) throws(JSONScanner.Fault) in
                if key == "vmschkmachine" { return try parser.skipValue() }
                try parser.expect(.beginObject, "an object")
                try parser.members { (parser, key) throws(JSONScanner.Fault) in
                    guard key == "Description" else { return try parser.skipValue() }
                    try parser.expect(.beginObject, "an object")
                    found.append(try parser.layout())
                }
            }
        } catch {
            throw VMDescription.Fault(offset: error.offset, expected: error.expected)
        }
        guard !found.isEmpty else {
            throw VMDescription.Fault(offset: 0, expected: "devices with descriptions")
        }
        // Many types of one family share a description.
        for layout in found + KnownLayouts.all { add(layout) }
    }
}

extension DescriptionParser {
    /// A description that has begun.
    fileprivate mutating func layout() throws(JSONScanner.Fault) -> DeviceLayout {
        var layout = DeviceLayout(name: "", version: 0)
        try members { (parser, key) throws(JSONScanner.Fault) in
            switch key {
            case "name": layout.name = try parser.string()
            case "version_id": layout.version = try parser.integer() ?? 0
            case "Fields":
                try parser.elements { (parser) throws(JSONScanner.Fault) in
                    layout.fields.append(try parser.layoutField())
                }
            case "Subsections":
                try parser.elements { (parser) throws(JSONScanner.Fault) in
                    layout.subsections.append(try parser.layout())
                }
            default: try parser.skipValue()
            }
        }
        number(&layout.fields)
        for index in layout.fields.indices { complete(&layout.fields[index], in: layout) }
        return layout
    }

    private mutating func layoutField() throws(JSONScanner.Fault) -> DeviceLayout.Field {
        var result = DeviceLayout.Field(field: VMDescription.Field())
        try members { (parser, key) throws(JSONScanner.Fault) in
            switch key {
            case "field": result.field.name = try parser.string()
            case "version_id": result.version = try parser.integer() ?? 0
            case "field_exists": result.isOptional = try parser.boolean()
            case "num":
                result.field.arrayLength = try parser.integer().flatMap { UInt64(exactly: $0) }
            case "size":
                result.field.size = try parser.integer().flatMap { UInt64(exactly: $0) } ?? 0
            case "Description":
                try parser.expect(.beginObject, "an object")
                result.layouts = [try parser.layout()]
            default: try parser.skipValue()
            }
        }
        return result
    }

    /// Several fields of one name have a number each, as in the vmdesc.
    private func number(_ fields: inout [DeviceLayout.Field]) {
        var counts: [String: Int] = [:]
        for field in fields { counts[field.field.name, default: 0] += 1 }
        var next: [String: Int] = [:]
        for index in fields.indices {
            let name = fields[index].field.name
            guard counts[name] ?? 0 > 1 else { continue }
            fields[index].field.name = "\(name)[\(next[name, default: 0])]"
            next[name, default: 0] += 1
        }
    }

    /// Settles a field's type on the wire.
    private func complete(_ field: inout DeviceLayout.Field, in layout: DeviceLayout) {
        let name = field.field.name.split(separator: "[").first.map { String($0) } ?? ""
        if let inner = field.layouts.first {
            field.field.type = "struct"
            field.isCountOpen = field.field.arrayLength == nil
            // C's size is not the wire's: that of what it holds is, where it is always one.
            var body = VMDescription.Body()
            body.name = inner.name
            body.version = inner.version
            body.isDescribed = true
            body.fields = inner.fields.filter { $0.version <= inner.version }.map { $0.field }
            field.field.bodies = [body]
            field.field.size = body.total ?? 0
            return
        }
        switch (layout.name, name, field.field.size) {
        case ("PCIDevice", "config", _): field.field.type = "pci config"
        case ("PCIDevice", "irq_state", 16): field.field.type = "pci irq state"
        case (_, "unused", _): field.field.type = "unused_buffer"
        case (_, _, 1): field.field.type = "uint8"
        case (_, _, 2): field.field.type = "uint16"
        case (_, _, 4): field.field.type = "uint32"
        case (_, _, 8): field.field.type = "uint64"
        case (_, _, 0):
            field.isOpen = true
            field.field.type = Self.openTypes[name] ?? "unknown"
        default: field.field.type = "buffer"
        }
    }

    /// Fields without a size in C, by their names.
    private static let openTypes = [
        "virtio": "virtio", "msix": "msix state", "shpc": "shpc", "requests": "scsi-requests",
        "parser": "usb-redir-parser", "bufpq": "usb-redir-bufpq",
    ]
}
