public import ByteIO
public import Migration
import MigrationBER
public import QEMUStream

/// Channels octet by octet, as QEMU writes them: the reference's sections 2.5 and 5.
public enum Multifd {
    public static let magic = octets("11223344 00000001")

    /// 5.2: what opens a channel.
    public static func opening(
        id: UInt8, uuid: [UInt8] = [UInt8](repeating: 0, count: 16),
        reserved: [UInt8] = [UInt8](repeating: 0, count: 39)
    ) -> [UInt8] {
        magic + uuid + [id] + reserved
    }

    /// 5.3: the header of a packet. `stale` stands behind the offsets, as QEMU up to 8.2 leaves it.
    public static func header(
        flags: UInt32, number: UInt64, room: Int, normal: [UInt64] = [], zero: [UInt64] = [],
        size: UInt32 = 0, block: String = "", alloc: UInt32? = nil, stale: [UInt64] = []
    ) -> [UInt8] {
        var octets = magic + bigEndian(flags) + bigEndian(alloc ?? UInt32(room))
        octets += bigEndian(UInt32(normal.count)) + bigEndian(size) + bigEndian(number)
        octets += bigEndian(UInt32(zero.count)) + [UInt8](repeating: 0, count: 28)
        octets += Array(block.utf8) + [UInt8](repeating: 0, count: 256 - block.utf8.count)
        for offset in normal + zero + stale { octets += bigEndian(offset) }
        return octets + [UInt8](repeating: 0, count: 320 + 8 * room - octets.count)
    }

    /// 9.0 and newer: a mark of synchronization is zeros but for magic, version, flags and number.
    public static func mark(number: UInt64, room: Int) -> [UInt8] {
        header(flags: 1, number: number, room: room, alloc: 0)
    }

    /// 5.7: a packet of device state.
    public static func device(
        _ name: String, instance: UInt32, _ data: [UInt8], flags: UInt32 = 0x40
    ) -> [UInt8] {
        magic + bigEndian(flags) + Array(name.utf8)
            + [UInt8](repeating: 0, count: 256 - name.utf8.count) + bigEndian(instance)
            + bigEndian(UInt32(data.count)) + data
    }
}

/// 2.5: messages of the return path.
public enum Return {
    public static func message(_ type: UInt16, _ data: [UInt8]) -> [UInt8] {
        bigEndian(type) + bigEndian(UInt16(data.count)) + data
    }

    public static func bitmap(_ block: String, _ bits: [UInt8]) -> [UInt8] {
        message(5, StreamBuilder.counted(block)) + bigEndian(UInt64(bits.count)) + bits
            + octets("0123456789abcdef")
    }
}

/// What a channel alone holds, told line by line, without its beginning and its end.
public func channelEvents(
    _ source: consuming ByteSource, _ kind: ChannelKind, pageSize: UInt64? = nil,
    context: StreamContext = StreamContext(), warnings: Warnings = Warnings()
) throws(MigrationError) -> [String] {
    var options = StreamOptions()
    options.pageSize = pageSize
    options.warn = { warnings.add($0) }
    var reader = StreamReader(source, options: options, context: context)
    var recorder = Recorder()
    try reader.readChannel(kind, into: &recorder)
    return recorder.lines
}

/// A migration's recordings: the main channel, if it is there, and the others.
public struct Recordings: Equatable {
    public var main: [UInt8]?
    public var channels: [[UInt8]]

    public init(main: [UInt8]? = nil, channels: [[UInt8]]) {
        self.main = main
        self.channels = channels
    }

    /// As version 4.
    /// - Parameter source: makes the source of a channel's octets.
    public func encoded(
        _ kinds: [ChannelKind], warnings: Warnings = Warnings(),
        source: ([UInt8]) -> ByteSource = { ByteSource(octets: $0) }
    ) throws -> [UInt8] {
        var writer = Version4Writer(.inMemory(), producer: "test")
        var options = StreamOptions()
        options.warn = { warnings.add($0) }
        var context = StreamContext()
        let count = UInt32(channels.count)
        if let main {
            var reader = StreamReader(ByteSource(octets: main), options: options)
            try reader.readMain(channels: count, into: &writer)
            context = reader.context
        } else {
            try writer.begin(StreamHeader(fileVersion: 0, channels: count))
        }
        for (channel, kind) in zip(channels, kinds) {
            var reader = StreamReader(source(channel), options: options, context: context)
            try reader.readChannel(kind, into: &writer)
        }
        try writer.end()
        var sink = writer.takeSink()
        return try sink.takeOctets()
    }

    /// From a file of version 4.
    /// - Parameter count: the channels that it has.
    public init(decoding file: [UInt8], channels count: Int, hasMain: Bool) throws {
        let targets = [ChannelTarget](repeating: .memory, count: hasMain ? count : count - 1)
        var writer = StreamWriter(.inMemory(), channels: targets)
        try MigrationFileReader(ByteSource(octets: file)).read(into: &writer)
        channels = writer.channelOctets
        let held = writer.mainOctets
        var sink = writer.takeSink()
        let first = try held ?? sink.takeOctets()
        if hasMain {
            main = first
        } else {
            channels.insert(first, at: 0)
        }
    }
}
