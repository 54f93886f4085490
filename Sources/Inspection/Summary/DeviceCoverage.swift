public import Migration
internal import QEMUStream

/// How much of a device's state is known: its octets by what they became.
public struct DeviceCoverage: Codable, Hashable, Sendable {
    /// Octets of the section's payload.
    public var octets: UInt64 = 0
    /// In named values, and between them: the marks of lists, the heads of subsections.
    public var octetsInFields: UInt64 = 0
    /// In buffers, which QEMU itself moves as a whole: a FIFO, a card's memory.
    public var octetsInBuffers: UInt64 = 0
    /// In blobs: nothing describes them, or what does is wrong.
    public var octetsInBlobs: UInt64 = 0
    public var blobs = 0

    public init() {}

    /// Of a device that has fields.
    public init(_ state: borrowing DeviceState) {
        octets = UInt64(DeviceEncoder.encode(state).count)
        for node in state.nodes {
            if node.kind == .buffer { octetsInBuffers += UInt64(node.length) }
            // What QEMU describes by a name and no octets hides nothing.
            if node.kind == .blob, node.length > 0 {
                octetsInBlobs += UInt64(node.length)
                blobs += 1
            }
        }
        octetsInFields = octets &- octetsInBuffers &- octetsInBlobs
    }

    /// Of a device that is a blob as a whole.
    public init(opaque octets: UInt64) {
        self.octets = octets
        octetsInBlobs = octets
        blobs = octets > 0 ? 1 : 0
    }

    public mutating func add(_ other: Self) {
        octets &+= other.octets
        octetsInFields &+= other.octetsInFields
        octetsInBuffers &+= other.octetsInBuffers
        octetsInBlobs &+= other.octetsInBlobs
        blobs += other.blobs
    }

    /// As people read it.
    var text: String {
        guard octets > 0 else { return "none" }
        var parts = ["\(share(octetsInFields)) in fields"]
        if octetsInBuffers > 0 { parts.append("\(share(octetsInBuffers)) in buffers") }
        if blobs > 0 {
            parts.append("\(share(octetsInBlobs)) in \(blobs) blob\(blobs == 1 ? "" : "s")")
        }
        return "\(StreamSummary.octets(octets)): " + parts.joined(separator: ", ")
    }

    /// A part in tenths of a percent; never 100 for less than all, nor 0 for more than nothing.
    private func share(_ part: UInt64) -> String {
        var tenths = UInt64((Double(part) / Double(octets) * 1000).rounded())
        if tenths == 1000, part < octets { tenths = 999 }
        if tenths == 0, part > 0 { tenths = 1 }
        return "\(tenths / 10).\(tenths % 10) %"
    }
}
