extension DeviceLayouts {
    /// Adds what QEMU's `-dump-vmstate` wrote: all devices that the program knows.
    ///
    /// It has names, versions and the sizes of C's fields, which are those of the wire for numbers
    /// and buffers. Of a number it doesn't tell whether it has a sign or is a BOOLEAN: all are
    /// unsigned here.
    public mutating func add(dump json: [UInt8]) throws(VMDescription.Fault) {
        let dump = try DumpDescription(json: json)
        // Many types of one family share a description.
        for device in dump.devices { add(DeviceLayout(device.body)) }
        for layout in KnownLayouts.all { add(layout) }
    }
}

extension DeviceLayout {
    /// What a dump tells of a device or a part of it.
    init(_ body: DumpDescription.Body) {
        name = body.name
        version = body.version
        fields = body.fields.map { Field($0, in: body.name) }
        subsections = body.subsections.map { DeviceLayout($0) }
    }
}

extension DeviceLayout.Field {
    fileprivate init(_ field: DumpDescription.Field, in owner: String) {
        self.field = VMDescription.Field()
        self.field.name = field.name
        self.field.size = field.size
        self.field.arrayLength = field.count
        layouts = field.body.map { DeviceLayout($0) }
        isOptional = field.isOptional
        version = field.version
        complete(String(field.plainName), in: owner)
    }

    /// Settles the type on the wire.
    private mutating func complete(_ name: String, in owner: String) {
        if let inner = layouts.first {
            field.type = "struct"
            isCountOpen = field.arrayLength == nil
            // C's size is not the wire's: that of what it holds is, where it is always one.
            var body = VMDescription.Body()
            body.name = inner.name
            body.version = inner.version
            body.isDescribed = true
            body.fields = inner.fields.filter { $0.version <= inner.version }.map { $0.field }
            field.bodies = [body]
            field.size = body.total ?? 0
            return
        }
        switch (owner, name, field.size) {
        case ("PCIDevice", "config", _): field.type = "pci config"
        case ("PCIDevice", "irq_state", 16): field.type = "pci irq state"
        case (_, "unused", _): field.type = "unused_buffer"
        case (_, _, 1): field.type = "uint8"
        case (_, _, 2): field.type = "uint16"
        case (_, _, 4): field.type = "uint32"
        case (_, _, 8): field.type = "uint64"
        case (_, _, 0):
            isOpen = true
            field.type = Self.openNames[name] ?? "unknown"
        default: field.type = "buffer"
        }
    }

    /// Fields without a size in C, by their names.
    private static let openNames = [
        "virtio": "virtio", "msix": "msix state", "shpc": "shpc", "requests": "scsi-requests",
        "parser": "usb-redir-parser", "bufpq": "usb-redir-bufpq",
    ]
}
