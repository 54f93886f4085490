/// How a device may be laid out, where its own stream doesn't tell.
///
/// A vmdesc of another stream tells what was sent there; a `-dump-vmstate` file all that can be.
/// Either offers more than one stream has: ``LayoutResolver`` finds what fits the octets.
struct DeviceLayout: Sendable {
    struct Field: Sendable {
        /// Name, type, size and number of elements as in a vmdesc.
        var field: VMDescription.Field
        /// What one element holds: of a structure; of a list, its elements.
        var layouts: [DeviceLayout] = []
        /// Whether a predicate of the device's decides if it is sent.
        var isOptional = false
        /// The first version of the device's that has it.
        var version: Int64 = 0
        /// Whether its length is the sender's affair: `size` is just an example.
        var isOpen = false
        /// Whether it may be an array of any length.
        var isCountOpen = false
    }

    var name: String
    var version: Int64
    var fields: [Field] = []
    var subsections: [DeviceLayout] = []
}

extension DeviceLayout {
    /// What a vmdesc tells of a device or a part of it.
    init(_ body: VMDescription.Body) {
        name = body.name
        version = body.version
        fields = body.fields.map { Field($0) }
        // A handler without a description has one field, of whatever length.
        if body.name.isEmpty, fields.count == 1 { fields[0].isOpen = true }
        subsections = body.subsections.map { DeviceLayout($0) }
    }

    /// Whether all that it describes always has one length.
    var isRigid: Bool {
        subsections.isEmpty && fields.allSatisfy { $0.isRigid }
    }
}

extension DeviceLayout.Field {
    /// Lists that have marks of their own between the elements.
    static let lists: Set<String> = ["qtailq", "qlist"]

    init(_ field: VMDescription.Field) {
        self.field = field
        let isList = Self.lists.contains(field.type) || field.type == "gtree"
        let bodies = isList ? Array(field.bodies.prefix(2)) : field.bodies
        layouts = bodies.filter { $0.isDescribed }.map { DeviceLayout($0) }
        isOpen = Self.openTypes.contains(field.type)
    }

    /// Types whose length differs from stream to stream of the same machine.
    static let openTypes: Set<String> = [
        "virtio", "virtio-gpu", "blob", "scsi-requests", "usb-redir-parser", "usb-redir-bufpq",
        "usb-redir-packet-id-q", "GByteArray", "irqs", "octeon_llm_tree",
        "virtio-fs back-end state", "virtio-net vhost-user backend state",
    ]

    var isRigid: Bool {
        !isOptional && !isOpen && !isCountOpen && !Self.lists.contains(field.type)
            && field.type != "gtree"
            && layouts.allSatisfy { $0.isRigid }
    }
}
