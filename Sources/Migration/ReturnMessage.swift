/// A message of the return path (MIG_RP_MSG_… in QEMU's `migration/migration.h`), but for a bitmap
/// of received pages, which can be large.
public enum ReturnMessage: Hashable, Sendable {
    /// The destination is done: 0 if all went well.
    case shut(UInt32)
    /// The answer to a PING.
    case pong(UInt32)
    /// A request for pages. Without a block's name it is that of the request before.
    /// - Parameters:
    ///   - start: octets from the start of the block.
    ///   - length: octets.
    case requestPages(start: UInt64, length: UInt32, block: String?)
    case resumeAck(UInt32)
    case switchoverAck
    /// A word of COLO (`COLOMessage` in QEMU's `qapi/migration.json`), once both sides speak it.
    case colo(UInt32)
    /// A message of a type that Berth does not know.
    case other(type: UInt16, data: [UInt8])

    /// Octets of a message's data.
    public static let dataLimit = 512
    /// The largest word of COLO.
    public static let coloLimit: UInt32 = 6
    /// The word behind a bitmap of received pages.
    public static let bitmapEnd: UInt64 = 0x0123_4567_89ab_cdef

    /// The message's name in QEMU.
    public var name: String {
        switch self {
        case .shut: "SHUT"
        case .pong: "PONG"
        case .requestPages(_, _, let block): block == nil ? "REQ_PAGES" : "REQ_PAGES_ID"
        case .resumeAck: "RESUME_ACK"
        case .switchoverAck: "SWITCHOVER_ACK"
        case .colo(let word): ReturnMessage.coloName(word)
        case .other(let type, _): "type \(type)"
        }
    }

    private static func coloName(_ word: UInt32) -> String {
        switch word {
        case 0: "COLO checkpoint-ready"
        case 1: "COLO checkpoint-request"
        case 2: "COLO checkpoint-reply"
        case 3: "COLO vmstate-send"
        case 4: "COLO vmstate-size"
        case 5: "COLO vmstate-received"
        case 6: "COLO vmstate-loaded"
        default: "COLO \(word)"
        }
    }
}
