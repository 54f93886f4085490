import ByteIO
import Migration

/// Reads one block of a mapped-ram stream's list, up to its bitmap (QEMU's
/// `mapped_ram_setup_ramblock`).
struct MappedBlockParser {
    /// Whether addresses are sent (capability `x-ignore-shared`); `nil` if no configuration tells.
    var hasAddresses: Bool?

    enum Outcome {
        case complete(RAMBlock, size: Int)
        case needsMore
        case fault(at: Int, MigrationError.Code, expected: String, found: String)
    }

    /// The version of headers that QEMU writes.
    static let version: UInt32 = 1
    /// Octets of a header.
    static let headerSize = 28
    /// Octets that a block may take up to its bitmap.
    static let limit = 1 + 255 + 8 + 8 + headerSize

    /// - Parameters:
    ///   - window: begins with the block's name.
    ///   - left: what the blocks from this one on have to add up to.
    func parse(_ window: RawSpan, left: UInt64) -> Outcome {
        guard window.byteCount >= 1 else { return .needsMore }
        let nameLength = Int(window.octet(at: 0))
        guard nameLength > 0 else {
            return .fault(
                at: 0, .corrupt, expected: "a RAM block's name", found: "an empty one")
        }
        var at = 1 + nameLength
        guard window.byteCount >= at + 8 else { return .needsMore }
        guard let name = window.text(at: 1, count: nameLength) else {
            return .fault(
                at: 1, .corrupt, expected: "a RAM block's name in UTF-8", found: "other octets")
        }
        var block = RAMBlock(name: name, length: window.bigEndian(at: at))
        guard block.length <= left else {
            return .fault(
                at: at, .corrupt, expected: "block lengths that add up: \(hex(left)) more",
                found: "\(name) of \(hex(block.length))")
        }
        at += 8
        let sizes = hasAddresses.map { [$0 ? 8 : 0] } ?? [0, 8]
        var addressSize = sizes[0]
        for size in sizes {
            guard window.byteCount >= at + size + MappedBlockParser.headerSize else {
                return .needsMore
            }
            if MappedBlockParser.header(window, at: at + size) != nil {
                addressSize = size
                break
            }
        }
        if addressSize > 0 {
            block.address = window.bigEndian(at: at)
            at += addressSize
        }
        guard let header = MappedBlockParser.header(window, at: at) else {
            let version: UInt32 = window.bigEndian(at: at)
            return .fault(
                at: at, version == 0 || version > 0xffff ? .corrupt : .unsupported,
                expected: "a mapped-ram header of version \(MappedBlockParser.version)",
                found: "version \(hex(UInt64(version)))")
        }
        block.mapped = header
        return .complete(block, size: at + MappedBlockParser.headerSize)
    }

    /// The header at `at`, if one of QEMU's version stands there; the window must have it whole.
    private static func header(_ window: RawSpan, at: Int) -> MappedRAMHeader? {
        guard window.bigEndian(at: at, as: UInt32.self) == version else { return nil }
        return MappedRAMHeader(
            pageSize: window.bigEndian(at: at + 4), bitmapOffset: window.bigEndian(at: at + 12),
            pagesOffset: window.bigEndian(at: at + 20))
    }

    /// Whether a block list of mapped-ram stands in the window: for streams without a configuration
    /// section, which would say so. No other list has a header's version behind the first block's
    /// length: there stands a name, a record's word with a flag, or a page size.
    static func begins(_ window: RawSpan, total: UInt64) -> Bool {
        switch MappedBlockParser().parse(window, left: total) {
        case .complete(let block, _):
            guard let header = block.mapped, (try? MappedRAMLayout(block, header)) != nil else {
                return false
            }
            return !header.hasNoPages || block.address != nil
        case .needsMore:
            // The input ends here: if in such a header, its reader tells so.
            guard window.byteCount >= 1 else { return false }
            let at = 1 + Int(window.octet(at: 0)) + 8
            guard window.byteCount >= at + 4 else { return false }
            return window.bigEndian(at: at, as: UInt32.self) == version
        case .fault: return false
        }
    }
}
