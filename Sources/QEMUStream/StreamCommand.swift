/// The commands of a stream (QEMU's `migration/savevm.c`, MIG_CMD_…).
public enum StreamCommand {
    public static let postcopyListen: UInt16 = 4
    public static let postcopyRun: UInt16 = 5
    public static let packaged: UInt16 = 7

    /// The command's name in QEMU.
    public static func name(_ code: UInt16) -> String? {
        switch code {
        case 1: "OPEN_RETURN_PATH"
        case 2: "PING"
        case 3: "POSTCOPY_ADVISE"
        case 4: "POSTCOPY_LISTEN"
        case 5: "POSTCOPY_RUN"
        case 6: "POSTCOPY_RAM_DISCARD"
        case 7: "PACKAGED"
        case 8: "ENABLE_COLO"
        case 9: "POSTCOPY_RESUME"
        case 10: "RECV_BITMAP"
        case 11: "SWITCHOVER_START"
        default: nil
        }
    }

    /// Whether QEMU sends this command with so long a payload.
    static func isPlausible(code: UInt16, length: UInt16) -> Bool {
        switch code {
        case 1, 4, 5, 8, 11: length == 0
        case 2, 7: length == 4
        case 3: length == 0 || length == 16
        case 6: length >= 20
        // 3.0 used 9 for RECV_BITMAP.
        case 9: length <= 256
        case 10: (2...256).contains(length)
        default: false
        }
    }
}
