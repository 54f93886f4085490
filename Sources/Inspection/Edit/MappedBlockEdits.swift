internal import ByteIO
internal import Migration

/// Blocks of a mapped-ram stream under other names and with other lengths, or moved by what became
/// longer or shorter before them.
///
/// Headers tell where bitmap and pages stand in the file. Both are moved to where QEMU would have
/// placed them: the bitmap behind the header, the pages at the next MiB, or where they were not at
/// one, at the next multiple of the page size, which is what its loader wants.
struct MappedBlockEdits {
    /// QEMU's `MAPPED_RAM_FILE_OFFSET_ALIGNMENT`.
    private static let alignment: UInt64 = 1 << 20

    /// Octets by which all that comes has moved.
    private var shift: Int64
    private var name = ""
    private var old: MappedRAMLayout?
    private var new: MappedRAMLayout?

    /// - Parameter shift: octets by which the stream before the block list has become longer.
    init(shift: Int64) { self.shift = shift }

    /// A block with its new name, length and places.
    mutating func block(
        _ block: RAMBlock, named name: String, length: UInt64
    ) throws(MigrationError) -> RAMBlock {
        self.name = name
        old = nil
        new = nil
        var result = block
        result.name = name
        result.length = length
        let moved = shift.addingReportingOverflow(
            Int64(name.utf8.count) - Int64(block.name.utf8.count))
        guard !moved.overflow else { throw tooFar() }
        shift = moved.partialValue
        guard var header = block.mapped, !header.hasNoPages else { return result }
        let before = try layout(block)
        guard shift != 0 || length != block.length else { return result }
        header.bitmapOffset = try shifted(header.bitmapOffset)
        let pages = length / header.pageSize
        let bitmapSize = (pages / 64 + (pages % 64 > 0 ? 1 : 0)) * 8
        let step =
            header.pagesOffset % Self.alignment == 0 ? Self.alignment : header.pageSize
        let (need, overflow) = header.bitmapOffset.addingReportingOverflow(bitmapSize + step - 1)
        guard !overflow else { throw tooFar() }
        header.pagesOffset = need / step * step
        result.mapped = header
        let after = try layout(result)
        old = before
        new = after
        // Layouts are within 2^63 octets.
        shift =
            Int64(clamping: header.pagesOffset + after.pagesSize)
            - Int64(clamping: (block.mapped?.pagesOffset ?? 0) + before.pagesSize)
        return result
    }

    /// What goes on of a piece of the bitmap or the gap; `nil` for nothing.
    /// - Throws: `unsupported` if the bitmap tells pages behind the block's new end.
    func octets(
        _ part: MappedRAMPart, at offset: UInt64, _ octets: RawSpan
    ) throws(MigrationError) -> Range<Int>? {
        guard let old, let new else { return 0..<octets.byteCount }
        switch part {
        case .bitmap:
            let kept = Int(clamping: new.bitmapSize - min(new.bitmapSize, offset))
            guard kept < octets.byteCount else { return 0..<octets.byteCount }
            for at in kept..<octets.byteCount where octets.octet(at: at) != 0 {
                throw behindTheEnd((offset &+ UInt64(at)) &* 8)
            }
            return kept > 0 ? 0..<kept : nil
        case .gap:
            // What a gap holds besides zeros was never the VM's.
            return old.gapSize == new.gapSize ? 0..<octets.byteCount : nil
        }
    }

    /// Proves that a group's pages are within the block's new end.
    func check(_ group: borrowing RAMPageGroup) throws(MigrationError) {
        guard let new else { return }
        for entry in group.entries {
            let pages = entry.offset / max(group.pageSize, 1)
            guard pages < new.pages, entry.count <= new.pages - pages else {
                throw behindTheEnd(max(pages, new.pages))
            }
        }
    }

    private func layout(_ block: RAMBlock) throws(MigrationError) -> MappedRAMLayout {
        guard let header = block.mapped else { throw tooFar() }
        do { return try MappedRAMLayout(block, header) } catch {
            throw MigrationError(
                .unsupported, path: "ram/\(name)/\(error.field.rawValue)", expected: error.expected,
                found: error.found)
        }
    }

    private func shifted(_ offset: UInt64) throws(MigrationError) -> UInt64 {
        let (sum, overflow) = Int64(clamping: offset).addingReportingOverflow(shift)
        guard !overflow, sum >= 0 else { throw tooFar() }
        return UInt64(sum)
    }

    private func tooFar() -> MigrationError {
        MigrationError(
            .unsupported, path: "ram/\(name)", expected: "blocks that end below 2^63 octets",
            found: "more")
    }

    private func behindTheEnd(_ page: UInt64) -> MigrationError {
        MigrationError(
            .unsupported, path: "ram/\(name)",
            expected: "nothing but zeros behind the block's new end",
            found: "page \(page) or one near it",
            hint: "a block can't be made shorter than what it holds")
    }
}
