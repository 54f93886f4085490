import BER
import ByteIO
import Migration

/// `Container`.
enum ContainerCoding {
    /// Octets of a text or of a piece of data.
    static let limit = 64 << 20

    /// A whole `Container`.
    static func octets(_ container: Container) throws(ByteIOError) -> [UInt8] {
        switch container {
        case .compressed(let name):
            return try made { (writer) throws(ByteIOError) in
                try writer.string(.context(0), name)
            }
        case .libvirt(let image):
            return try wrapped(.context(1), try libvirt(image))
        case .snapshot(let snapshot):
            return try wrapped(.context(2), try self.snapshot(snapshot))
        }
    }

    private static func libvirt(_ image: LibvirtImage) throws(ByteIOError) -> [UInt8] {
        let parts = try made { (writer) throws(ByteIOError) in
            for part in image.data {
                switch part {
                case .xml(let octets): try string(.context(0), octets, to: &writer)
                case .cookie(let octets): try string(.context(1), octets, to: &writer)
                case .zeros(let count): try writer.integer(.context(2), UInt64(count))
                case .other(let octets): try string(.context(3), octets, to: &writer)
                }
            }
        }
        return try made { (writer) throws(ByteIOError) in
            try writer.boolean(.boolean, image.isPartial)
            try writer.boolean(.boolean, image.isBigEndian)
            for number in [image.version, image.wasRunning, image.format, image.cookieOffset] {
                try writer.integer(.integer, UInt64(number))
            }
            if let reserved = image.reserved { try string(.context(0), reserved, to: &writer) }
            try writer.head(.sequence, constructed: true, length: parts.count)
            try writer.sink.append(parts)
        }
    }

    private static func snapshot(_ snapshot: VMSnapshot) throws(ByteIOError) -> [UInt8] {
        try made { (writer) throws(ByteIOError) in
            try writer.string(.utf8String, snapshot.id)
            try writer.string(.utf8String, snapshot.name)
            try writer.integer(.integer, UInt64(snapshot.seconds))
            try writer.integer(.integer, UInt64(snapshot.nanoseconds))
            try writer.integer(.integer, snapshot.vmClock)
            try writer.integer(.integer, snapshot.vmStateSize)
            if let size = snapshot.diskSize { try writer.integer(.context(0), size) }
        }
    }

    private static func string(
        _ tag: Tag, _ octets: [UInt8], to writer: inout BERWriter
    ) throws(ByteIOError) {
        // An array of octets has no padding that could be read.
        try Segments.write(tag, unsafe octets.span.bytes, to: &writer)
    }

    private static func wrapped(_ tag: Tag, _ octets: [UInt8]) throws(ByteIOError) -> [UInt8] {
        try made { (writer) throws(ByteIOError) in
            try writer.head(tag, constructed: true, length: octets.count)
            try writer.sink.append(octets)
        }
    }

    private static func made(
        _ body: (inout BERWriter) throws(ByteIOError) -> Void
    ) throws(ByteIOError) -> [UInt8] {
        var writer = BERWriter(.inMemory())
        try body(&writer)
        return try writer.sink.takeOctets()
    }
}

// MARK: Reading

extension ContainerCoding {
    /// Reads the `Container` inside a tag that was just opened, and the tag's end.
    static func read(_ input: inout ElementReader) throws(MigrationError) -> Container {
        input.path.append("container")
        let choice = try input.next("a Container")
        let container: Container
        switch choice.tag {
        case .context(0): container = .compressed(try text(choice, &input))
        case .context(1) where choice.isConstructed: container = .libvirt(try libvirt(&input))
        case .context(2) where choice.isConstructed: container = .snapshot(try snapshot(&input))
        default: throw input.unexpected(choice, "a Container")
        }
        try input.end()
        input.path.removeLast()
        return container
    }

    private static func libvirt(
        _ input: inout ElementReader
    ) throws(MigrationError) -> LibvirtImage {
        input.path.append("libvirt")
        var image = LibvirtImage()
        image.isPartial = try input.boolean("partial")
        image.isBigEndian = try input.boolean("bigendian")
        image.version = try input.unsigned32("version")
        image.wasRunning = try input.unsigned32("running")
        image.format = try input.unsigned32("format")
        image.cookieOffset = try input.unsigned32("cookieoffset")
        var next = try input.next("data")
        if next.tag == .context(0) {
            let reserved = try input.octets(next, limit: 56)
            guard reserved.count == 56 else {
                throw MigrationError(
                    .corrupt, at: next.contentOffset, path: input.pathText + ".reserved",
                    expected: "56 octets", found: "\(reserved.count)")
            }
            image.reserved = reserved
            next = try input.next("data")
        }
        guard next.tag == .sequence, next.isConstructed else {
            throw input.unexpected(next, "data")
        }
        while let part = try input.next() {
            switch part.tag {
            case .context(0): image.data.append(.xml(try input.octets(part, limit: limit)))
            case .context(1): image.data.append(.cookie(try input.octets(part, limit: limit)))
            case .context(2):
                let count = try input.unsigned(part, limit: UInt64(UInt32.max), "zeros")
                image.data.append(.zeros(UInt32(count)))
            case .context(3): image.data.append(.other(try input.octets(part, limit: limit)))
            default: throw input.unexpected(part, "a LibvirtData")
            }
            guard image.data.count <= 1024, image.dataLength <= UInt64(UInt32.max) else {
                throw MigrationError(
                    .limit, at: part.offset, path: input.pathText + ".data",
                    expected: "at most 1024 parts and 4 GiB", found: "more")
            }
        }
        try input.end()
        input.path.removeLast()
        return image
    }

    private static func snapshot(
        _ input: inout ElementReader
    ) throws(MigrationError) -> VMSnapshot {
        input.path.append("snapshot")
        var snapshot = VMSnapshot(
            id: try text(try input.next("id"), &input),
            name: try text(try input.next("name"), &input),
            seconds: try input.unsigned32("seconds"),
            nanoseconds: try input.unsigned32("nanoseconds"), vmClock: 0, vmStateSize: 0,
            diskSize: nil)
        let clock = try input.next(.integer, constructed: false, "vmclock")
        snapshot.vmClock = try input.unsigned(clock, "vmclock")
        let size = try input.next(.integer, constructed: false, "vmstatesize")
        snapshot.vmStateSize = try input.unsigned(size, "vmstatesize")
        if let disk = try input.next() {
            guard disk.tag == .context(0) else { throw input.unexpected(disk, "disksize") }
            snapshot.diskSize = try input.unsigned(disk, "disksize")
            try input.end()
        }
        input.path.removeLast()
        return snapshot
    }

    private static func text(
        _ element: BERElement, _ input: inout ElementReader
    ) throws(MigrationError) -> String {
        guard element.tag == .utf8String || element.tag == .context(0) else {
            throw input.unexpected(element, "a UTF8String")
        }
        let octets = try input.octets(element, limit: 1 << 17)
        guard let text = String(validating: octets, as: UTF8.self) else {
            throw MigrationError(
                .corrupt, at: element.contentOffset, path: input.pathText, expected: "UTF-8",
                found: "other octets")
        }
        return text
    }
}
