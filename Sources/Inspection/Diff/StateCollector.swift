internal import ByteIO
public import Migration

/// Keeps all device state of a stream, to be compared with another's: some MiB of memory.
public struct StateCollector: ~Copyable, DeviceSectionConsumer {
    public private(set) var sections: [DeviceSection] = []
    private var indices: [DevicePath: Int] = [:]

    public init() {}

    public mutating func take(_ section: borrowing DeviceSection) throws(MigrationError) {
        if let index = indices[section.path] {
            // COLO sends the devices anew in each round: the last ones count.
            sections[index] = copy section
        } else {
            indices[section.path] = sections.count
            sections.append(copy section)
        }
    }
}

/// What an iterator other than RAM sent, as far as it is compared.
public struct IteratorDigest: Hashable, Sendable {
    public var path: DevicePath
    public var version: UInt32
    public var records: UInt64 = 0
    public var octets: UInt64 = 0
    /// CRC-32C over all records, their data included, in stream order.
    public var checksum: UInt32 = 0
}

/// Sums up what iterators other than RAM send, and tells the versions of all.
public struct IteratorDigestVisitor: ~Copyable, ObservingVisitor {
    public private(set) var digests: [IteratorDigest] = []
    private var indices: [DevicePath: Int] = [:]
    private var checksums: [CRC32C] = []
    private var names = SectionNames()
    private var current: Int?
    private var layout: IteratorLayout?
    private var head: [UInt8] = []

    public init() {}

    public mutating func beginSection(
        _ header: SectionHeader, contents: SectionContents, at offset: UInt64
    ) throws(MigrationError) {
        layout = nil
        switch contents {
        case .ram: break
        case .iterator(let known): layout = known
        // A section that comes in parts and is not known.
        case .opaque where header.kind != .full: break
        case .opaque, .device: return
        }
        let path = names.path(of: header)
        if let index = indices[path] {
            current = index
        } else {
            current = digests.count
            indices[path] = digests.count
            digests.append(IteratorDigest(path: path, version: header.versionID))
            checksums.append(CRC32C())
        }
    }

    public mutating func endSection(footer: Bool) throws(MigrationError) {
        guard let index = current.take() else { return }
        digests[index].checksum = checksums[index].value
    }

    private mutating func add(_ octets: RawSpan) {
        guard let current else { return }
        checksums[current].update(octets)
        digests[current].octets &+= UInt64(octets.byteCount)
    }

    public mutating func iteratorRecord(
        _ record: borrowing IteratorRecord
    ) throws(MigrationError) {
        guard let current, let layout else { return }
        digests[current].records &+= 1
        head.removeAll(keepingCapacity: true)
        layout.appendHead(of: record, to: &head)
        // An array of octets has no padding that could be read.
        var checksum = checksums[current]
        checksum.update(unsafe head.span.bytes)
        checksums[current] = checksum
        digests[current].octets &+= UInt64(head.count)
    }

    public mutating func iteratorData(_ piece: RawSpan) throws(MigrationError) { add(piece) }
    public mutating func iteratorRest(_ octets: RawSpan) throws(MigrationError) { add(octets) }
    public mutating func opaque(_ piece: RawSpan) throws(MigrationError) { add(piece) }
}
