public import ByteIO
public import Migration
internal import MigrationBER

/// What a file is, told by its first octets, when its containers have been opened.
public enum FileKind: String, Hashable, Sendable, CaseIterable {
    /// QEMU's binary stream, perhaps behind octets of zero.
    case binaryStream = "binary stream"
    /// A BER file of Berth's, of version 3 or 4.
    case migrationBER = "BER file"
    case multifdChannel = "multifd channel"
    case preemptChannel = "preempt channel"
    case returnPath = "return path"
    case continuedConnection = "continued connection"
    case cprState = "CPR state"
    case elf = "ELF file"
    /// JSON: what QEMU's `-dump-vmstate` writes.
    case vmstateDump = "-dump-vmstate file"
    case unknown
    case empty

    /// Octets that tell the kind.
    public static let probeSize = 16
    /// Octets that tell channels without a magic.
    private static let channelProbeSize = 1024

    public init(_ channel: ChannelKind) {
        switch channel {
        case .multifd: self = .multifdChannel
        case .preempt: self = .preemptChannel
        case .returnPath: self = .returnPath
        case .continued: self = .continuedConnection
        case .cprState: self = .cprState
        }
    }

    /// The channel that a file of this kind is, if it is one.
    public var channel: ChannelKind? {
        ChannelKind.allCases.first { FileKind($0) == self }
    }

    /// Tells what the input is. Reads no more of it than needed, and consumes nothing.
    ///
    /// - Parameter zerosLimit: octets of zero that are looked through for a stream behind them.
    public static func detect(
        _ source: inout ByteSource, zerosLimit: Int = 1 << 20
    ) throws(ByteIOError) -> FileKind {
        try source.ensure(probeSize)
        if source.available == 0 { return .empty }
        for (kind, magic) in magics where begins(source.window, magic) { return kind }
        // Some channels have no magic: their first messages or records tell.
        try source.ensure(channelProbeSize)
        if let channel = ChannelProbe.kind(source.window) { return FileKind(channel) }
        if source.window.octet(at: 0) == 0 {
            // `file:…,offset=N` leaves zeros before the stream.
            let count = try source.ensure(zerosLimit)
            var at = 0
            while at < count, source.window.octet(at: at) == 0 { at += 1 }
            let isLong = at == count && count >= zerosLimit
            return isLong || begins(source.window.extracting(at..<count), [0x51, 0x45, 0x56, 0x4d])
                ? .binaryStream : .unknown
        }
        if isJSONObject(source.window) { return .vmstateDump }
        // What ends within the magic was cut off: its reader tells so.
        if source.available < 4 {
            let start = source.window.octets
            for (kind, magic) in magics.prefix(2) where magic.starts(with: start) { return kind }
        }
        return .unknown
    }

    private static let magics: [(FileKind, [UInt8])] = [
        (.binaryStream, [0x51, 0x45, 0x56, 0x4d]),
        (.migrationBER, MigrationFileReader.magic),
        (.multifdChannel, [0x11, 0x22, 0x33, 0x44]),
        (.cprState, [0x51, 0x43, 0x50, 0x52]),
        (.elf, [0x7f, 0x45, 0x4c, 0x46]),
    ]

    /// Whether it begins as an object does: no other kind has a brace and a name in front.
    private static func isJSONObject(_ window: RawSpan) -> Bool {
        var at = 0
        for wanted in [UInt8(ascii: "{"), UInt8(ascii: "\"")] {
            while at < window.byteCount, [0x20, 0x09, 0x0a, 0x0d].contains(window.octet(at: at)) {
                at += 1
            }
            guard at < window.byteCount, window.octet(at: at) == wanted else { return false }
            at += 1
        }
        return true
    }

    private static func begins(_ window: RawSpan, _ magic: [UInt8]) -> Bool {
        guard window.byteCount >= magic.count else { return false }
        for (index, octet) in magic.enumerated() where window.octet(at: index) != octet {
            return false
        }
        return true
    }
}
