internal import ByteIO

/// What a command's payload says (QEMU's `migration/savevm.c`, `qemu_savevm_send_…`).
///
/// A payload is only believed to say something if it is just the octets that would be written for it;
/// QEMU 3.0 had other numbers for some commands, and those of a newer one are not known.
public enum CommandPayload: Hashable, Sendable {
    /// A range of octets in a block.
    public struct Range: Hashable, Sendable {
        public var start: UInt64
        public var length: UInt64

        public init(start: UInt64, length: UInt64) {
            self.start = start
            self.length = length
        }
    }

    /// PING: the number that the PONG will have.
    case ping(UInt32)
    /// POSTCOPY_ADVISE of RAM.
    /// - Parameters:
    ///   - pageSizes: the page sizes of the memory behind all blocks, in octets, by bitwise OR.
    ///   - pageSize: the target's, in octets.
    case advise(pageSizes: UInt64, pageSize: UInt64)
    /// POSTCOPY_RAM_DISCARD: what was sent of these ranges is out of date.
    case discard(block: String, ranges: [Range])
    /// RECV_BITMAP: which pages of a block have come?
    case receivedBitmap(block: String)

    private enum Code {
        static let ping: UInt16 = 2
        static let advise: UInt16 = 3
        static let discard: UInt16 = 6
        static let receivedBitmap: UInt16 = 10
    }

    /// The command's number.
    public var code: UInt16 {
        switch self {
        case .ping: Code.ping
        case .advise: Code.advise
        case .discard: Code.discard
        case .receivedBitmap: Code.receivedBitmap
        }
    }

    /// - Returns: `nil` if these octets say nothing that is known of this command.
    public init?(_ code: UInt16, _ octets: RawSpan) {
        guard let found = Self.find(code, octets), found.octets == octets.octets else {
            return nil
        }
        self = found
    }

    private static func find(_ code: UInt16, _ octets: RawSpan) -> CommandPayload? {
        let count = octets.byteCount
        switch code {
        case Code.ping where count == 4: return .ping(octets.bigEndian(at: 0))
        case Code.advise where count == 16:
            return .advise(
                pageSizes: octets.bigEndian(at: 0), pageSize: octets.bigEndian(at: 8))
        case Code.discard:
            // A version and the name; a zero, then ranges.
            guard count > 2, let name = name(octets, at: 1) else { return nil }
            let first = 3 + name.utf8.count
            guard count > first, (count - first) % rangeSize == 0 else { return nil }
            var ranges: [Range] = []
            for at in stride(from: first, to: count, by: rangeSize) {
                ranges.append(
                    Range(
                        start: octets.bigEndian(at: at), length: octets.bigEndian(at: at + 8)))
            }
            return .discard(block: name, ranges: ranges)
        case Code.receivedBitmap:
            guard count > 1, let name = name(octets, at: 0) else { return nil }
            return .receivedBitmap(block: name)
        default: return nil
        }
    }

    private static let rangeSize = 16

    private static func name(_ octets: RawSpan, at place: Int) -> String? {
        let length = Int(octets.octet(at: place))
        guard length > 0, place + 1 + length <= octets.byteCount else { return nil }
        return octets.text(at: place + 1, count: length)
    }

    /// The payload on the wire.
    public var octets: [UInt8] {
        var octets: [UInt8] = []
        switch self {
        case .ping(let number): Self.put(number, &octets)
        case .advise(let pageSizes, let pageSize):
            Self.put(pageSizes, &octets)
            Self.put(pageSize, &octets)
        case .discard(let block, let ranges):
            octets.append(0)
            Self.put(block, &octets)
            octets.append(0)
            for range in ranges {
                Self.put(range.start, &octets)
                Self.put(range.length, &octets)
            }
        case .receivedBitmap(let block): Self.put(block, &octets)
        }
        return octets
    }

    private static func put(_ value: some FixedWidthInteger, _ octets: inout [UInt8]) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            octets.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    private static func put(_ name: String, _ octets: inout [UInt8]) {
        octets.append(UInt8(truncatingIfNeeded: name.utf8.count))
        octets += Array(name.utf8)
    }
}
