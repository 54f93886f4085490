import ByteIO
import Migration

/// An image of `virsh save` or `managedsave`.
enum LibvirtContainer: ContainerFormat {
    static let name = "libvirt save image"
    /// Octets of data behind the header: XML is some tens of KiB, its padding 64.
    static let dataLimit = 16 << 20

    static func begins(_ start: RawSpan) -> Bool {
        guard start.byteCount >= 16 else { return false }
        let magic = start.extracting(first: 16).octets
        return magic == LibvirtImage.magic || magic == LibvirtImage.partialMagic
    }

    static func open(
        _ source: consuming ByteSource, _ opening: inout ContainerOpening
    ) throws(MigrationError) -> ByteSource {
        var source = source
        var image = LibvirtImage()
        let length = try header(&source, &image)
        image.data = try data(&source, length, image)
        source.rebase()
        opening.layers.append(ContainerLayer(image))
        if image.isPartial {
            opening.options.warn(
                MigrationWarning(
                    .partialContainer, at: 0,
                    "libvirt did not finish this image; virsh restore refuses it, and the stream "
                        + "may be cut off"))
        }
        if opening.options.keeping != .nothing, opening.mayKeep {
            opening.container = .libvirt(image)
            if image.isCompressed { source = try opening.record(source) }
        }
        try check(&source, image)
        return source
    }

    // MARK: Header

    /// - Returns: octets of data behind it.
    private static func header(
        _ source: inout ByteSource, _ image: inout LibvirtImage
    ) throws(MigrationError) -> Int {
        try load(&source, LibvirtImage.headerSize, "the header of 92 octets")
        let octets = source.window.extracting(first: LibvirtImage.headerSize).octets
        image.isPartial = Array(octets[..<16]) == LibvirtImage.partialMagic
        // The version tells the byte order, as it does for libvirt.
        let little = number(octets, 16, isBigEndian: false)
        image.isBigEndian = little > 2
        image.version = number(octets, 16, isBigEndian: image.isBigEndian)
        guard image.version <= 2 else {
            throw fault(
                .unsupported, at: 16, expected: "version 1 or 2",
                found: "\(image.version) or \(little)")
        }
        let length = number(octets, 20, isBigEndian: image.isBigEndian)
        image.wasRunning = number(octets, 24, isBigEndian: image.isBigEndian)
        image.format = number(octets, 28, isBigEndian: image.isBigEndian)
        image.cookieOffset = number(octets, 32, isBigEndian: image.isBigEndian)
        let reserved = Array(octets[36...])
        if reserved.contains(where: { $0 != 0 }) { image.reserved = reserved }
        guard length <= dataLimit else {
            throw fault(
                .limit, at: 20, expected: "at most \(dataLimit >> 20) MiB of XML",
                found: "\(length) octets")
        }
        guard image.format < LibvirtImage.formats.count else {
            throw fault(
                .unsupported, at: 28,
                expected: "format 0 to \(LibvirtImage.formats.count - 1)",
                found: "\(image.format)", hint: "a newer Berth may know it")
        }
        guard image.cookieOffset <= length else {
            throw fault(
                .corrupt, at: 32, expected: "a cookie within the \(length) octets of data",
                found: "one at \(image.cookieOffset)")
        }
        source.consume(LibvirtImage.headerSize)
        return Int(length)
    }

    private static func number(_ octets: [UInt8], _ at: Int, isBigEndian: Bool) -> UInt32 {
        let four = octets[at..<at + 4]
        return isBigEndian
            ? four.reduce(0) { $0 << 8 | UInt32($1) }
            : four.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    // MARK: Data

    private static func data(
        _ source: inout ByteSource, _ length: Int, _ image: LibvirtImage
    ) throws(MigrationError) -> [LibvirtImage.Part] {
        try load(&source, length, "\(length) octets of XML and padding")
        let octets = source.window.extracting(first: length).octets
        source.consume(length)
        guard image.cookieOffset > 0 else { return parts(octets[...]) { .xml($0) } }
        let cookie = Int(image.cookieOffset)
        return parts(octets[..<cookie]) { .xml($0) } + parts(octets[cookie...]) { .cookie($0) }
    }

    /// A text up to a NUL, zeros, and what else there is.
    private static func parts(
        _ octets: ArraySlice<UInt8>, text: ([UInt8]) -> LibvirtImage.Part
    ) -> [LibvirtImage.Part] {
        var parts: [LibvirtImage.Part] = []
        let first = octets.prefix { $0 != 0 }
        if !first.isEmpty { parts.append(text(Array(first))) }
        var rest = octets[first.endIndex...]
        let zeros = rest.prefix { $0 == 0 }
        if !zeros.isEmpty { parts.append(.zeros(UInt32(zeros.count))) }
        rest = rest[zeros.endIndex...]
        if !rest.isEmpty { parts.append(.other(Array(rest))) }
        return parts
    }

    // MARK: Stream

    /// The compression that the header names must be there.
    private static func check(
        _ source: inout ByteSource, _ image: LibvirtImage
    ) throws(MigrationError) {
        guard image.isCompressed else { return }
        let name = LibvirtImage.formats[Int(image.format)]
        do { try source.ensure(ContainerRegistry.probeSize) } catch { throw MigrationError(error) }
        let start = source.window
        let isThere = ContainerRegistry.formats.contains { $0.name == name && $0.begins(start) }
        guard isThere else {
            let at = UInt64(LibvirtImage.headerSize) + image.dataLength
            guard source.available > 0 else {
                throw fault(
                    .truncated, at: at, expected: "the stream, packed by \(name)",
                    found: "the end of the file", hint: cutHint(image))
            }
            throw fault(
                .corrupt, at: at, expected: "the stream, packed by \(name) as the header says",
                found: "other octets")
        }
    }

    // MARK: Failing

    private static func load(
        _ source: inout ByteSource, _ count: Int, _ expected: String
    ) throws(MigrationError) {
        let available: Int
        do { available = try source.ensure(count) } catch { throw MigrationError(error) }
        guard available >= count else {
            throw fault(
                .truncated, at: source.position + UInt64(available), expected: expected,
                found: "the end of the file",
                hint: "the file was cut off: the copy is incomplete, or the saving was broken off")
        }
    }

    private static func cutHint(_ image: LibvirtImage) -> String {
        image.isPartial
            ? "libvirt did not finish this image: the saving was broken off"
            : "the file was cut off: the copy is incomplete"
    }

    private static func fault(
        _ code: MigrationError.Code, at offset: UInt64, expected: String, found: String,
        hint: String? = nil
    ) -> MigrationError {
        MigrationError(
            code, at: offset, path: "libvirt", expected: expected, found: found, hint: hint)
    }
}
