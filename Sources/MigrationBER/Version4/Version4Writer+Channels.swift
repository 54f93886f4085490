import BER
import ByteIO
public import Migration

/// What the writer of version 4 knows of the channel that it is writing.
struct OpenChannel {
    var channel: Channel
    /// A packet whose pages have not come.
    var packet: MultifdPacket?
    /// A packet's data, or a bitmap.
    var string: OpaqueContents?
    var bitmap: (block: String, size: UInt64)?
    var descriptors: [CPRDescriptor]?
    var rest: [UInt8] = []
}

/// The channels beside the main one: items behind its own.
extension Version4Writer {
    public mutating func beginChannel(
        _ channel: Channel, at offset: UInt64
    ) throws(MigrationError) {
        index.item(at: writer.position)
        self.channel = OpenChannel(channel: channel)
        try write { (writer) throws(ByteIOError) in
            switch channel {
            case .multifd(let opening):
                try writer.beginIndefinite(SchemaTag.multifdChannel)
                try writer.integer(.integer, UInt64(opening.version))
                // Arrays of octets have no padding that could be read.
                try writer.string(.octetString, unsafe opening.uuid.span.bytes)
                try writer.integer(.integer, UInt64(opening.id))
                if !opening.reserved.isEmpty {
                    try writer.string(.context(0), unsafe opening.reserved.span.bytes)
                }
                try writer.beginIndefinite(.sequence)
            case .preempt:
                try writer.beginIndefinite(SchemaTag.preemptChannel)
                try writer.beginIndefinite(.sequence)
            case .returnPath: try writer.beginIndefinite(SchemaTag.returnPath)
            case .continued: try writer.beginIndefinite(SchemaTag.continuedConnection)
            // Small: written when it is known whole.
            case .cprState: break
            }
        }
    }

    public mutating func endChannel(mark: Bool) throws(MigrationError) {
        guard let open = channel else { return }
        channel = nil
        try write { (writer) throws(ByteIOError) in
            switch open.channel {
            case .multifd:
                try writer.endIndefinite()
                try writer.endIndefinite()
            case .preempt:
                try writer.endIndefinite()
                try writer.boolean(.boolean, mark)
                try writer.endIndefinite()
            case .returnPath, .continued: try writer.endIndefinite()
            case .cprState(let version):
                try CPRStateCoding.write(
                    version: version, open.descriptors, rest: open.rest, to: &writer)
            }
        }
        try checkpointIfDue()
    }

    public mutating func channelCut(_ rest: RawSpan) throws(MigrationError) {
        if case .cprState? = channel?.channel {
            let octets = rest.octets
            channel.change { $0.rest = octets }
            return
        }
        try write { (writer) throws(ByteIOError) in
            try Segments.write(SchemaTag.cut, rest, to: &writer)
        }
    }

    // MARK: multifd

    public mutating func beginPacket(_ packet: MultifdPacket) throws(MigrationError) {
        channel.change { $0.packet = packet }
    }

    /// Writes a packet with its pages, up to its data.
    mutating func packetPages(
        _ packet: MultifdPacket, _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        channel.change { $0.packet = nil }
        do {
            let encoder = PageGroupEncoder(group)
            try PacketCoding.writeHead(packet, pagesSize: encoder.elementSize, to: &writer)
            indexGroup(group)
            try encoder.write(group, content, to: &writer)
        } catch { throw BERFailure.wrap(error) }
        if packet.hasData { try beginData(UInt64(packet.size)) }
    }

    private mutating func beginData(_ size: UInt64) throws(MigrationError) {
        let string = OpaqueContents(length: size, tag: PacketCoding.data)
        channel.change { $0.string = string }
        try write { (writer) throws(ByteIOError) in try string.begin(&writer) }
    }

    public mutating func beginDevicePacket(
        _ packet: DeviceStatePacket
    ) throws(MigrationError) {
        try write { (writer) throws(ByteIOError) in
            try PacketCoding.writeHead(packet, to: &writer)
        }
        try beginData(UInt64(packet.size))
    }

    public mutating func endPacket() throws(MigrationError) {
        if let packet = channel?.packet {
            channel.change { $0.packet = nil }
            try write { (writer) throws(ByteIOError) in
                try PacketCoding.writeHead(packet, pagesSize: 0, to: &writer)
            }
            if packet.hasData { try beginData(UInt64(packet.size)) }
        }
        if var string = channel?.string {
            channel.change { $0.string = nil }
            try string.end(path: "packet", to: &writer) { (_, _) throws(ByteIOError) in }
        }
        // Packets come between groups: each has an entry of the index, or goes on with the last.
        try checkpointIfDue()
    }

    /// A piece of a packet's data or of a bitmap.
    mutating func channelOctets(_ piece: RawSpan) throws(MigrationError) {
        // Taken out, that its octets are not copied for having two owners.
        guard var string = channel?.string.take() else { return }
        let bitmap = channel?.bitmap
        try string.append(piece, path: "channel", to: &writer) {
            (writer) throws(ByteIOError) in
            guard let bitmap else { return }
            try ReturnMessageCoding.writeHead(
                block: bitmap.block, size: bitmap.size, bits: nil, to: &writer)
        }
        channel.change { $0.string = string }
    }

    // MARK: Return path

    public mutating func returnMessage(_ message: ReturnMessage) throws(MigrationError) {
        try write { (writer) throws(ByteIOError) in
            try ReturnMessageCoding.write(message, to: &writer)
        }
        try checkpointIfDue()
    }

    public mutating func beginBitmap(block: String, size: UInt64) throws(MigrationError) {
        channel.change {
            $0.bitmap = (block, size)
            $0.string = OpaqueContents(length: nil)
        }
    }

    public mutating func endBitmap(isWhole: Bool) throws(MigrationError) {
        guard var string = channel?.string, let bitmap = channel?.bitmap else { return }
        channel.change {
            $0.string = nil
            $0.bitmap = nil
        }
        try string.end(path: "bitmap", to: &writer) { (writer, size) throws(ByteIOError) in
            try ReturnMessageCoding.writeHead(
                block: bitmap.block, size: bitmap.size, bits: size, to: &writer)
        }
        let isStreaming = string.isStreaming
        try write { (writer) throws(ByteIOError) in
            try writer.boolean(.boolean, isWhole)
            if isStreaming { try writer.endIndefinite() }
        }
        try checkpointIfDue()
    }

    // MARK: CPR

    public mutating func cprDescriptors(_ list: [CPRDescriptor]) throws(MigrationError) {
        channel.change { $0.descriptors = list }
    }
}
