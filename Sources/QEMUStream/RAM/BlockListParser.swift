import ByteIO
import Migration

/// Reads the block list of a MEM_SIZE record (QEMU's `ram_save_setup`).
///
/// A block's page size is there only if post-copy is on and the size is an unusual one; nothing
/// marks it. The octets behind tell: a page size begins with zeros, where a name begins with its
/// length and a record's word has a flag.
struct BlockListParser {
    /// Whether addresses are sent (capability `x-ignore-shared`).
    var hasAddresses: Bool
    /// The sum of all lengths, which the record's word states.
    var total: UInt64

    enum Outcome {
        case complete([RAMBlock], size: Int)
        case needsMore
        /// More blocks than ``StreamLimit/blocks``.
        case tooMany
        case fault(at: Int, expected: String, found: String)
    }

    /// Octets that a block list may take.
    static let limit = 16 << 20

    /// - Parameters:
    ///   - window: begins behind the record's word.
    ///   - isWhole: whether the window reaches to the end of the input.
    func parse(_ window: RawSpan, isWhole: Bool) -> Outcome {
        var blocks: [RAMBlock] = []
        var at = 0
        var sum: UInt64 = 0
        while sum < total {
            guard window.byteCount - at >= 1 else { return .needsMore }
            let nameLength = Int(window.octet(at: at))
            guard window.byteCount - at >= 1 + nameLength + 8 else { return .needsMore }
            guard let name = window.text(at: at + 1, count: nameLength) else {
                return .fault(
                    at: at + 1, expected: "a RAM block's name in UTF-8", found: "other octets")
            }
            let length: UInt64 = window.bigEndian(at: at + 1 + nameLength)
            var block = RAMBlock(name: name, length: length)
            guard block.isPlausible else {
                return .fault(at: at, expected: "a RAM block's name", found: "an empty one")
            }
            let (next, overflow) = sum.addingReportingOverflow(length)
            guard !overflow, next <= total else {
                return .fault(
                    at: at + 1 + nameLength,
                    expected: "block lengths that add up to \(hex(total))",
                    found: "\(name) of \(hex(length)) behind \(hex(sum))")
            }
            at += 1 + nameLength + 8
            sum = next
            let optional = optionalFields(window, at: at, isLast: sum == total, isWhole: isWhole)
            guard let optional else { return .needsMore }
            if optional.hasPageSize {
                block.pageSize = window.bigEndian(at: at)
                at += 8
            }
            if hasAddresses {
                block.address = window.bigEndian(at: at)
                at += 8
            }
            guard blocks.count < StreamLimit.blocks else { return .tooMany }
            blocks.append(block)
        }
        return .complete(blocks, size: at)
    }

    /// - Returns: `nil` if the window is too short to tell.
    private func optionalFields(
        _ window: RawSpan, at: Int, isLast: Bool, isWhole: Bool
    ) -> (hasPageSize: Bool, Void)? {
        let needed = hasAddresses ? 8 : 0
        guard window.byteCount - at >= needed else { return nil }
        switch goesOn(window, at: at + needed, isLast: isLast) {
        case true: return (false, ())
        case nil where !isWhole: return nil
        default: break
        }
        guard window.byteCount - at >= needed + 8 else { return nil }
        let pageSize: UInt64 = window.bigEndian(at: at)
        guard pageSize >= 1024, pageSize & (pageSize - 1) == 0 else { return (false, ()) }
        switch goesOn(window, at: at + needed + 8, isLast: isLast) {
        case let result?: return (result, ())
        case nil: return isWhole ? (false, ()) : nil
        }
    }

    /// Whether a record (behind the last block) or a block can begin here; `nil` if the window is
    /// too short to tell.
    private func goesOn(_ window: RawSpan, at: Int, isLast: Bool) -> Bool? {
        let left = window.byteCount - at
        if isLast {
            guard left >= 8 else { return nil }
            return RAMRecord(window.bigEndian(at: at), pageSize: nil) != nil
        }
        guard left >= 1 else { return nil }
        let length = Int(window.octet(at: at))
        guard length > 0 else { return false }
        for index in at + 1..<at + 1 + min(length, left - 1) {
            guard (0x20..<0x7f).contains(window.octet(at: index)) else { return false }
        }
        return left >= 1 + length ? true : nil
    }
}
