import ByteIO
import Migration

/// What channels without a magic number look like at their start. All of them look at octets that
/// no stream, no page record and no message of another kind begins with.
extension StreamReader {
    /// Whether messages of the return path begin here: as many as the window has, up to 64.
    public static func isReturnPath(_ window: RawSpan) -> Bool {
        var at = 0
        var count = 0
        while window.byteCount - at >= 4, count < 64 {
            let type: UInt16 = window.bigEndian(at: at)
            let length = Int(window.bigEndian(at: at + 2, as: UInt16.self))
            if type == 0 {
                // COLO speaks only behind a message.
                guard count > 0, length <= Int(ReturnMessage.coloLimit) else { return false }
                at += 4
            } else {
                // Types that no QEMU has yet don't prove what a file is.
                guard type <= 7, ReturnPathProbe.isPlausible(type: type, length: length) else {
                    return false
                }
                at += 4 + length
                if type == ReturnPathProbe.bitmap {
                    guard window.byteCount - at >= 8 else { return true }
                    let size: UInt64 = window.bigEndian(at: at)
                    guard size & 7 == 0, size < 1 << 40 else { return false }
                    at += 16 + Int(size)
                }
            }
            count += 1
        }
        return count > 0
    }

    /// Whether a page's record begins here that spells the name of its block.
    public static func isPreempt(_ window: RawSpan) -> Bool {
        guard window.byteCount >= 10 else { return false }
        let word: UInt64 = window.bigEndian(at: 0)
        guard let record = RAMRecord(word, pageSize: nil), record.isPage, !record.isContinued,
            record.offset < 1 << 52
        else { return false }
        let length = Int(window.octet(at: 8))
        guard length > 0, window.byteCount >= 9 + length else { return false }
        for index in 9..<9 + length {
            guard (0x20..<0x7f).contains(window.octet(at: index)) else { return false }
        }
        return true
    }

    /// Whether the items of a recovery begin here: a command of QEMU's that something plausible
    /// follows, or a PART of RAM.
    public static func isContinued(_ window: RawSpan) -> Bool {
        guard window.byteCount >= 5 else { return false }
        switch window.octet(at: 0) {
        case 2:
            guard window.byteCount >= 13,
                let record = RAMRecord(window.bigEndian(at: 5), pageSize: nil)
            else { return false }
            return record.kind != .memSize && record.offset < 1 << 52
        case 8:
            guard let size = SectionProbe.command(window, at: 0) else { return false }
            return window.byteCount <= size || [0, 1, 2, 3, 4, 8].contains(window.octet(at: size))
        default: return false
        }
    }
}
