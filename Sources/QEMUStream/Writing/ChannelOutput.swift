public import ByteIO
public import Migration
public import SystemPackage

/// Where a channel beside the main one is to be written.
public struct ChannelTarget: Sendable {
    /// Open for writing; stays its owner's. Without one the octets are kept in memory.
    public var descriptor: FileDescriptor?
    public var path: String?

    public init(descriptor: FileDescriptor?, path: String? = nil) {
        self.descriptor = descriptor
        self.path = path
    }

    /// Keeps the octets in memory, for ``StreamWriter/channelOctets``.
    public static let memory = ChannelTarget(descriptor: nil)
}

/// What the writer of a stream knows of the channel that it is writing.
struct ChannelOutput {
    /// Targets, one for each channel beside the main one.
    var targets: [ChannelTarget] = []
    /// Channels begun so far.
    var count = 0
    /// Whether there is no main channel: then the first of the others takes its place.
    var isFirst = false
    var channel: Channel?
    /// Whether the channel goes into memory.
    var isHeld = false
    /// A packet whose header has not been written: its pages tell the rest of it.
    var packet: MultifdPacket?
    /// Octets of a payload or a bitmap that are still due.
    var due: UInt64 = 0
    /// The header of a packet.
    var header: [UInt8] = []
}

/// The channels beside the main one, each into an output of its own.
extension StreamWriter {
    /// - Parameters:
    ///   - sink: where the main channel goes; the first other one, if there is no main channel.
    ///   - channels: where the others go, in their order.
    public init(
        _ sink: consuming ByteSink, form: Form = .stream, channels: [ChannelTarget]
    ) {
        self.init(sink, form: form)
        output.targets = channels
    }

    /// Takes note of what the header says of channels.
    mutating func prepareChannels(_ header: StreamHeader) throws(MigrationError) {
        output.isFirst = header.fileVersion == 0
        if let count = header.channels { try check(count: Int(count), isFinal: true) }
    }

    /// There must be an output for each channel, and none more.
    private func check(count: Int, isFinal: Bool) throws(MigrationError) {
        let wanted = output.isFirst ? count - 1 : count
        guard wanted <= output.targets.count, !isFinal || wanted == output.targets.count else {
            let what =
                output.isFirst ? "channels without a main one" : "channels beside the main one"
            throw MigrationError(
                .unsupported, expected: "\(max(wanted, 0)) outputs for channels",
                found: "\(output.targets.count)",
                hint: "the file has \(isFinal ? "" : "at least ")\(count) \(what): "
                    + "name an output for each with --channel"
                    + (output.isFirst ? ", for the first with -o" : ""))
        }
    }

    /// All channels must have come.
    mutating func finishChannels() throws(MigrationError) {
        try check(count: output.count, isFinal: true)
    }

    public mutating func beginChannel(
        _ channel: Channel, at offset: UInt64
    ) throws(MigrationError) {
        output.count += 1
        try check(count: output.count, isFinal: false)
        output.channel = channel
        let number = output.isFirst ? output.count - 2 : output.count - 1
        if number >= 0 {
            let target = output.targets[number]
            output.isHeld = target.descriptor == nil
            try change {
                target.descriptor.map { ByteSink(descriptor: $0, path: target.path) } ?? .inMemory()
            }
        }
        do {
            switch channel {
            case .multifd(let opening):
                try sink.append(bigEndian: MultifdInit.magic)
                try sink.append(bigEndian: opening.version)
                try sink.append(opening.uuid)
                try sink.append(opening.id)
                try sink.append(
                    opening.reserved.isEmpty
                        ? [UInt8](repeating: 0, count: MultifdInit.reservedSize) : opening.reserved)
            case .cprState(let version):
                try sink.append(bigEndian: StreamReader.cprMagic)
                try sink.append(bigEndian: version)
            case .preempt, .returnPath, .continued: break
            }
        } catch { throw StreamReader.wrap(error) }
    }

    public mutating func endChannel(mark: Bool) throws(MigrationError) {
        do {
            switch output.channel {
            case .preempt where mark: try sink.append(bigEndian: RAMFlag.endOfSection)
            default: break
            }
            try sink.flush()
            if output.isHeld {
                channelOctets.append(try sink.takeOctets())
                output.isHeld = false
            }
        } catch { throw StreamReader.wrap(error) }
        output.channel = nil
    }

    public mutating func channelCut(_ rest: RawSpan) throws(MigrationError) {
        do { try sink.append(rest) } catch { throw StreamReader.wrap(error) }
    }

    // MARK: multifd

    public mutating func beginPacket(_ packet: MultifdPacket) throws(MigrationError) {
        output.packet = packet
        output.due = 0
    }

    /// Writes the packet's header, and its pages, if they come with their content.
    mutating func packetPages(
        _ packet: MultifdPacket, _ group: borrowing RAMPageGroup, _ content: RawSpan
    ) throws(MigrationError) {
        output.packet = nil
        try MultifdHeader.make(packet, group, into: &output.header)
        var size: UInt64 = 0
        do {
            try sink.append(output.header)
            let lends = content.byteCount >= StreamWriter.lendThreshold
            for entry in group.entries where entry.kind == .full {
                var at = entry.contentOffset
                for _ in 0..<entry.count {
                    let page = content.extracting(at..<at + entry.contentLength)
                    if lends { try sink.lend(page) } else { try sink.append(page) }
                    at += entry.stride
                    size += UInt64(entry.contentLength)
                }
            }
            if lends { try sink.settle() }
        } catch { throw StreamReader.wrap(error) }
        output.due = packet.hasData ? UInt64(packet.size) : 0
        let hasPages = group.entries.contains { $0.kind == .full }
        guard !hasPages || size == UInt64(packet.size) else {
            throw MigrationError(
                .corrupt, path: "packet \(packet.number)",
                expected: "\(packet.size) octets of pages", found: "\(size)")
        }
    }

    public mutating func beginDevicePacket(
        _ packet: DeviceStatePacket
    ) throws(MigrationError) {
        do { try sink.append(MultifdHeader.make(packet)) } catch { throw StreamReader.wrap(error) }
        output.due = UInt64(packet.size)
    }

    public mutating func endPacket() throws(MigrationError) {
        if let packet = output.packet {
            try packetPages(packet, RAMPageGroup(), RawSpan())
        }
        try checkDue("a packet")
    }

    private func checkDue(_ path: String) throws(MigrationError) {
        guard output.due == 0 else {
            throw MigrationError(
                .corrupt, path: path, expected: "\(output.due) octets more", found: "its end")
        }
    }

    /// Counts octets of a payload or a bitmap.
    mutating func countDue(_ count: Int) throws(MigrationError) {
        guard output.channel?.kind == .multifd || output.channel?.kind == .returnPath else {
            return
        }
        guard UInt64(count) <= output.due else {
            throw MigrationError(
                .corrupt, path: "channel", expected: "\(output.due) octets more",
                found: "\(count)")
        }
        output.due -= UInt64(count)
    }

    // MARK: Return path

    public mutating func returnMessage(_ message: ReturnMessage) throws(MigrationError) {
        do {
            switch message {
            case .shut(let value): try number(1, value)
            case .pong(let value): try number(2, value)
            case .requestPages(let start, let length, let block):
                let name = Array((block ?? "").utf8)
                let size = block == nil ? 12 : 13 + name.count
                try sink.append(bigEndian: UInt16(block == nil ? 4 : 3))
                try sink.append(bigEndian: UInt16(truncatingIfNeeded: size))
                try sink.append(bigEndian: start)
                try sink.append(bigEndian: length)
                if block != nil {
                    try sink.append(UInt8(truncatingIfNeeded: name.count))
                    try sink.append(name)
                }
            case .resumeAck(let value): try number(6, value)
            case .switchoverAck: try sink.append(bigEndian: 0x0007_0000 as UInt32)
            case .colo(let word): try sink.append(bigEndian: word)
            case .other(let type, let data):
                try sink.append(bigEndian: type)
                try sink.append(bigEndian: UInt16(truncatingIfNeeded: data.count))
                try sink.append(data)
            }
        } catch { throw StreamReader.wrap(error) }
    }

    private mutating func number(_ type: UInt16, _ value: UInt32) throws(ByteIOError) {
        try sink.append(bigEndian: type)
        try sink.append(bigEndian: 4 as UInt16)
        try sink.append(bigEndian: value)
    }

    public mutating func beginBitmap(block: String, size: UInt64) throws(MigrationError) {
        let name = Array(block.utf8)
        do {
            try sink.append(bigEndian: ReturnPathProbe.bitmap)
            try sink.append(bigEndian: UInt16(truncatingIfNeeded: name.count + 1))
            try sink.append(UInt8(truncatingIfNeeded: name.count))
            try sink.append(name)
            try sink.append(bigEndian: size)
        } catch { throw StreamReader.wrap(error) }
        output.due = size
    }

    public mutating func endBitmap(isWhole: Bool) throws(MigrationError) {
        if isWhole {
            try checkDue("a bitmap of the return path")
            do { try sink.append(bigEndian: ReturnMessage.bitmapEnd) } catch {
                throw StreamReader.wrap(error)
            }
        }
        output.due = 0
    }

    // MARK: CPR

    public mutating func cprDescriptors(_ list: [CPRDescriptor]) throws(MigrationError) {
        do {
            for descriptor in list {
                let name = Array(descriptor.name.utf8) + [0]
                try sink.append(1)
                try sink.append(bigEndian: UInt32(truncatingIfNeeded: name.count))
                try sink.append(name)
                try sink.append(bigEndian: descriptor.id)
                if let number = descriptor.number {
                    try sink.append(bigEndian: number)
                } else {
                    try sink.append(0x20)
                }
            }
            try sink.append(0)
        } catch { throw StreamReader.wrap(error) }
    }
}
