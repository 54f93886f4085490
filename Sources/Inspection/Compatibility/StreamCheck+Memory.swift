internal import Migration

/// RAM blocks and page records (QEMU's `ram_load`, `parse_ramblock`, `qemu_ram_resize`).
extension StreamCheck {
    mutating func checkMemory() {
        let place = CompatibilityFinding.Place.stream(stream.blocksOffset)
        for block in stream.blocks {
            guard let length = target.blocks[block.name] else {
                if target.knowsAllBlocks {
                    verdict.add(
                        CompatibilityFinding(
                            .unknownBlock, path: "ram/\(block.name)",
                            "the target has no such RAM block",
                            found: "\(block.length) octets",
                            loaderMessages: LoaderMessage.unknownBlock(block.name), place: place))
                }
                continue
            }
            check(block, length: length, place)
        }
        checkPageSizes(place)
        checkRecords()
        guard target.knowsAllBlocks, let other = target.other else { return }
        let sent = Set(stream.blocks.map(\.name))
        for block in other.blocks where !sent.contains(block.name) && !stream.blocks.isEmpty {
            verdict.add(
                CompatibilityFinding(
                    .blockNotSent, path: "ram/\(block.name)",
                    "the target's RAM block is not in the stream", found: "\(block.length) octets",
                    place: place))
        }
    }

    private mutating func check(
        _ block: RAMBlock, length: UInt64, _ place: CompatibilityFinding.Place
    ) {
        guard block.length != length else { return }
        guard !stream.isMapped else { return checkMapped(block, length: length, place) }
        // Blobs that the machine makes itself take whatever length comes, up to a maximum.
        let isResizable = block.name.hasPrefix("/rom@")
        verdict.add(
            CompatibilityFinding(
                .blockLength, isResizable ? .warning : .error, path: "ram/\(block.name)",
                isResizable
                    ? "the RAM block has another length; the target resizes it, if it can grow so far"
                    : "the RAM block has another length",
                expected: Self.octets(length), found: Self.octets(block.length),
                loaderMessages: isResizable
                    ? [] : LoaderMessage.blockLength(block.name, block.length, local: length),
                place: place))
    }

    /// With mapped-ram lengths are not compared (`parse_ramblock_mapped_ram`).
    private mutating func checkMapped(
        _ block: RAMBlock, length: UInt64, _ place: CompatibilityFinding.Place
    ) {
        let isShorter = length < block.length
        verdict.add(
            CompatibilityFinding(
                .blockLength, .warning, path: "ram/\(block.name)",
                isShorter
                    ? "the target's RAM block is shorter: mapped-ram takes it if no page lies behind its end"
                    : "the target's RAM block is longer: mapped-ram leaves what is behind as it is",
                expected: Self.octets(length), found: Self.octets(block.length),
                loaderMessages: isShorter ? LoaderMessage.pageOutside(block.name) : [],
                place: place))
    }

    private mutating func checkPageSizes(_ place: CompatibilityFinding.Place) {
        guard let other = target.other else { return }
        var sizes: [String: UInt64] = [:]
        for block in other.blocks { sizes[block.name] = block.pageSize }
        for block in stream.blocks {
            guard let size = block.pageSize, let local = sizes[block.name], size != local else {
                continue
            }
            verdict.add(
                CompatibilityFinding(
                    .blockPageSize, path: "ram/\(block.name)",
                    "the memory behind the block has another page size",
                    expected: "\(local) octets", found: "\(size) octets",
                    loaderMessages: LoaderMessage.blockPageSize(block.name, size, local: local),
                    place: place))
        }
    }

    private mutating func checkRecords() {
        if let (value, offset) = stream.records.fill {
            verdict.add(
                CompatibilityFinding(
                    .pageRecord, path: "ram",
                    "pages filled with 0x\(String(value, radix: 16)): QEMU 8.2 and newer refuse them",
                    loaderMessages: LoaderMessage.fillValue(value), place: .stream(offset)))
        }
        if let (flags, offset) = stream.records.compressed {
            verdict.add(
                CompatibilityFinding(
                    .pageRecord, path: "ram",
                    "pages compressed by zlib: QEMU 9.1 and newer refuse them",
                    loaderMessages: LoaderMessage.recordFlags(flags),
                    place: .stream(offset)))
        }
    }

    /// `0x1000000 (16 MiB)`
    private static func octets(_ count: UInt64) -> String {
        let text = "0x" + String(count, radix: 16)
        for (shift, unit) in [(30 as UInt64, "GiB"), (20, "MiB"), (10, "KiB")]
        where count >= 1 << shift && count & (1 << shift - 1) == 0 {
            return "\(text) (\(count >> shift) \(unit))"
        }
        return text
    }
}
