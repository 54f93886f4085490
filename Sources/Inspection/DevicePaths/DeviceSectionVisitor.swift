internal import ByteIO
public import Migration

/// A section with a device's state, or the stream's configuration, as ``DeviceSectionVisitor`` tells it.
public struct DeviceSection: Sendable {
    /// The configuration's is ``DevicePath/configuration`` without an instance.
    public var path: DevicePath
    /// The section's version id; `nil` for the configuration.
    public var version: UInt32?
    public var sectionID: UInt32?
    /// Octets from the input's start to the section. Of a BER file, to its element.
    public var offset: UInt64?
    /// Octets from the input's start to the body, if the input is a binary stream.
    public var bodyOffset: UInt64?
    /// The values. Of a section that nothing describes, one blob without a name, which holds what
    /// was kept of the octets.
    public var state: DeviceState
    /// Whether nothing describes it.
    public var isOpaque = false
    /// CRC-32C of a body that nothing describes.
    public var checksum: UInt32?
    /// Octets of the body; `nil` if the values don't tell it (version 3 without annotations).
    public var size: UInt64?
}

/// Looks at device state, a section at a time.
public protocol DeviceSectionConsumer: ~Copyable {
    mutating func take(_ section: borrowing DeviceSection) throws(MigrationError)
}

/// Tells a consumer all device state that goes by: the configuration, then each section that is not
/// an iterator's, in stream order.
///
/// Memory: a section at a time, and of an opaque one no more than `keptOctets`.
public struct DeviceSectionVisitor<Consumer: DeviceSectionConsumer & ~Copyable>:
    ~Copyable, ObservingVisitor
{
    public var consumer: Consumer
    /// Whether the input is a binary stream, whose offsets lead to values.
    private let isBinary: Bool
    private let keptOctets: Int
    private var leadingZeros: UInt64 = 0
    private var current: DeviceSection?
    private var opaqueSize: UInt64 = 0
    private var kept: [UInt8] = []
    private var checksum = CRC32C()
    private var names = SectionNames()

    public init(_ consumer: consuming Consumer, isBinary: Bool, keptOctets: Int = 1 << 20) {
        self.consumer = consumer
        self.isBinary = isBinary
        self.keptOctets = keptOctets
    }

    public consuming func finish() -> Consumer { consumer }

    public mutating func begin(_ header: StreamHeader) throws(MigrationError) {
        leadingZeros = header.leadingZeros
    }

    public mutating func configuration(
        _ configuration: Configuration
    ) throws(MigrationError) {
        // Behind QEMU's magic and version stand 07 and the name's length.
        let offset = isBinary ? leadingZeros + 8 : nil
        var section = DeviceSection(
            path: DevicePath(section: DevicePath.configuration, instance: nil), offset: offset,
            state: configuration.withMachine)
        // The name's length has four octets there, one in a text of a device.
        section.bodyOffset = offset.map { $0 + 4 }
        section.size = UInt64(DeviceOffsets(section.state).total)
        try consumer.take(section)
    }

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {
        switch contents {
        case .ram, .iterator: return
        // What comes in parts is an iterator's, and may be of any size.
        case .opaque where header.kind != .full: return
        case .device, .opaque: break
        }
        var section = DeviceSection(
            path: names.path(of: header),
            version: header.versionID, sectionID: header.sectionID, offset: offset,
            state: DeviceState())
        let head = header.isNamed ? 14 + UInt64(header.name.utf8.count) : 5
        section.bodyOffset = isBinary ? offset &+ head : nil
        if case .opaque = contents { section.isOpaque = true }
        current = section
        opaqueSize = 0
        kept = []
        checksum = CRC32C()
    }

    public mutating func device(_ state: borrowing DeviceState) throws(MigrationError) {
        guard current != nil else { return }
        let isSized = !state.nodes.contains { $0.kind == .number }
        let size = isSized ? UInt64(DeviceOffsets(state).total) : nil
        let state = copy state
        current.change {
            $0.state = state
            $0.size = size
            if !isSized { $0.bodyOffset = nil }
        }
    }

    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) {
        guard current?.isOpaque == true else { return }
        opaqueSize &+= UInt64(piece.byteCount)
        checksum.update(piece)
        let room = keptOctets - kept.count
        if room > 0 { kept += piece.extracting(first: min(room, piece.byteCount)).octets }
    }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        guard var section = current.take() else { return }
        if section.isOpaque {
            section.size = opaqueSize
            section.checksum = checksum.value
            var state = DeviceState()
            if !kept.isEmpty { state.add(.blob, name: -1, octets: kept) }
            state.finish()
            section.state = state
            kept = []
        }
        try consumer.take(section)
    }
}

extension Configuration {
    /// The configuration as a state: `machine`, then the subsections.
    var withMachine: DeviceState {
        var state = DeviceState()
        var names: [String: Int32] = [:]
        let name = state.intern("machine", &names)
        state.add(.text, name: name, octets: Array(machine.utf8))
        for child in subsections.children(of: 0) {
            state.append(child, of: subsections, &names)
        }
        state.finish()
        return state
    }
}

extension DeviceState {
    /// Adds a copy of another state's value, with everything in it but some nodes.
    mutating func append(
        _ index: Int, of other: borrowing DeviceState, _ known: inout [String: Int32],
        without dropped: Set<Int> = []
    ) {
        if dropped.contains(index) { return }
        let node = other.nodes[index]
        let name = node.name < 0 ? -1 : intern(other.name(of: node), &known)
        switch node.kind {
        case .blob, .buffer, .text, .scalars:
            add(node.kind, of: node.elementKind, name: name, octets: other.octets(of: node))
        case .structure, .array, .list, .tree, .subsection:
            let container = beginContainer(
                node.kind, name: name, version: UInt32(truncatingIfNeeded: node.value))
            for child in other.children(of: index) {
                append(child, of: other, &known, without: dropped)
            }
            endContainer(container)
        default: add(node.kind, name: name, bits: node.value)
        }
    }
}
