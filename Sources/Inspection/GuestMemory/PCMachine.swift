internal import Migration

/// The memory of x86 machines: QEMU's `pc_init1`, `pc_q35_init`, `microvm_memory_init`,
/// `pc_memory_init` and `x86_bios_rom_init`.
struct PCMachine {
    enum Chipset { case i440fx, q35, none, microvm }

    let chipset: Chipset
    /// The machine type, or nothing.
    let name: String

    static let fourGiB: UInt64 = 1 << 32
    private static let legacyEnd: UInt64 = 1 << 20
    /// The window through which video memory is seen; behind it lies what system management has.
    private static let video: Range<UInt64> = 0xa0000..<0xc0000
    /// Where AMD's HyperTransport has addresses, below 1 TiB (`AMD_HT_START`).
    private static let hyperTransport: UInt64 = 0xfd_0000_0000

    /// - Returns: `nil` if it is no such machine.
    init?(_ facts: MachineFacts) {
        name = facts.machine ?? ""
        if facts.hasSection("I440FX") {
            chipset = .i440fx
        } else if facts.hasSection("mch") {
            chipset = .q35
        } else if name == "microvm" {
            chipset = .microvm
        } else if name == "isapc" {
            chipset = .none
        } else if name.hasPrefix("pc-q35") {
            chipset = .q35
        } else if name.hasPrefix("pc-") {
            chipset = .i440fx
        } else if name.isEmpty, facts.block(named: "pc.ram") != nil {
            chipset = .none
        } else {
            return nil
        }
    }

    func place(
        _ facts: MachineFacts, _ options: GuestMemory.Options, isComplete: Bool,
        into memory: inout GuestMemory
    ) throws(MigrationError) {
        let blocks = try GuestMemory.ramBlocks(
            facts, options, usual: chipset == .microvm ? "microvm.ram" : "pc.ram")
        let size = try Self.sum(blocks)
        let low = try below4G(size, facts, options, &memory)
        let above = options.above4G ?? Self.fourGiB
        // What else may lie above: PCI's window of at most 32 GiB (`pc_max_used_gpa`).
        guard size - low <= 900 << 30 || options.above4G != nil || !isComplete else {
            throw MigrationError(
                .unsupported, path: "ram",
                expected: "RAM that ends below AMD's hole at \(Self.hyperTransport >> 30) GiB",
                found: "\(size >> 30) GiB",
                hint: "whether the RAM above 4 GiB begins there or at 1 TiB is not told; "
                    + "--above-4g 4G or --above-4g 1T says it")
        }
        _ = memory.lay(blocks, over: [0..<low, max(above, low)..<UInt64.max])
        firmware(facts, into: &memory)
        legacy(facts, isComplete: isComplete, into: &memory)
    }

    private static func sum(_ blocks: [RAMBlock]) throws(MigrationError) -> UInt64 {
        var size: UInt64 = 0
        for block in blocks {
            let (sum, overflows) = size.addingReportingOverflow(block.length)
            guard !overflows, sum <= 1 << 56 else {
                throw MigrationError(
                    .corrupt, path: "ram/\(block.name)", expected: "RAM of at most 2^56 octets",
                    found: "more")
            }
            size = sum
        }
        return size
    }

    // MARK: The hole below 4 GiB

    /// Octets of RAM that lie below 4 GiB.
    private func below4G(
        _ size: UInt64, _ facts: MachineFacts, _ options: GuestMemory.Options,
        _ memory: inout GuestMemory
    ) throws(MigrationError) -> UInt64 {
        if let low = options.below4G {
            guard low <= Self.fourGiB else {
                throw MigrationError(
                    .unsupported, path: "ram", expected: "at most 4 GiB below 4 GiB",
                    found: "\(low) octets")
            }
            return min(low, size)
        }
        let rule = min(size, usualBelow4G(size))
        guard let told = Self.toldBelow4G(size, facts) else { return rule }
        if told != rule {
            memory.notes.append(
                "\(told >> 20) MiB of RAM lie below 4 GiB, as the CMOS memory tells, where the "
                    + "machine has \(rule >> 20) MiB unless max-ram-below-4g says otherwise")
        }
        return told
    }

    /// What the machine does unless `max-ram-below-4g` says otherwise.
    private func usualBelow4G(_ size: UInt64) -> UInt64 {
        let isOld =
            name.hasPrefix("pc-0.") || name.hasPrefix("pc-1.")
            || name.hasPrefix("pc-i440fx-1.") || name.hasPrefix("pc-q35-1.")
            || name.hasPrefix("pc-i440fx-rhel6") || name.hasPrefix("rhel6")
        switch chipset {
        case .q35: return size >= 0xb000_0000 && !isOld ? 0x8000_0000 : 0xb000_0000
        case .microvm: return 0xc000_0000
        // Only PCs of 2.0 and newer put the split at a whole GiB (`gigabyte_align`).
        case .i440fx: return size >= 0xe000_0000 && !isOld ? 0xc000_0000 : 0xe000_0000
        case .none: return 0xe000_0000
        }
    }

    /// What the machine wrote into the CMOS memory (`pc_cmos_init`): it is exact, whatever options
    /// the machine had. Used only if it agrees with RAM's size, for a guest can write there.
    private static func toldBelow4G(_ size: UInt64, _ facts: MachineFacts) -> UInt64? {
        // The section begins with the 128 octets of CMOS memory.
        guard let cmos = facts.section("mc146818rtc"), cmos.count >= 128 else { return nil }
        let unit: UInt64 = 64 << 10
        let behind16M = (UInt64(cmos[0x35]) << 8 | UInt64(cmos[0x34])) * unit
        let above =
            (UInt64(cmos[0x5d]) << 16 | UInt64(cmos[0x5c]) << 8 | UInt64(cmos[0x5b])) * unit
        guard behind16M > 0, above <= size else { return nil }
        let low = size - above
        let told = behind16M + 16 << 20
        // 16 bits of 64 KiB end a little below 4 GiB + 16 MiB.
        return low >= told && low - told < unit && low <= fourGiB ? low : nil
    }

    // MARK: Firmware

    /// The firmware, which ends at 4 GiB.
    private func firmware(_ facts: MachineFacts, into memory: inout GuestMemory) {
        var end = Self.fourGiB
        for name in ["pc.bios", "system.flash0", "system.flash1"] {
            guard let block = facts.block(named: name), block.length <= 64 << 20 else { continue }
            end -= block.length
            memory.map.place(
                GuestMemoryMap.Region(
                    address: end, length: block.length, block: name, offset: 0, isROM: true))
        }
    }

    /// The firmware's copy that ends at 1 MiB, and option ROMs before it.
    private func roms(_ facts: MachineFacts) -> [GuestMemoryMap.Region] {
        var regions: [GuestMemoryMap.Region] = []
        if let block = facts.block(named: "pc.rom") {
            regions.append(
                GuestMemoryMap.Region(
                    address: 0xc0000, length: min(block.length, 0x20000), block: block.name,
                    offset: 0, isROM: true))
        }
        for name in ["isa-bios", "pc.bios", "system.flash0"] {
            guard let block = facts.block(named: name) else { continue }
            let length = min(block.length, 128 << 10)
            regions.append(
                GuestMemoryMap.Region(
                    address: Self.legacyEnd - length, length: length, block: name,
                    offset: block.length - length, isROM: true))
            break
        }
        return regions
    }

    // MARK: Below 1 MiB

    /// What is seen between 640 KiB and 1 MiB.
    private func legacy(
        _ facts: MachineFacts, isComplete: Bool, into memory: inout GuestMemory
    ) {
        let roms = roms(facts)
        switch chipset {
        case .microvm:
            for region in roms { memory.map.place(region) }
        case .none:
            if facts.blocks.contains(where: { $0.name.hasSuffix("vga.vram") }) {
                memory.map.cut(Self.video)
            }
            for region in roms { memory.map.place(region) }
        case .i440fx, .q35:
            guard let bridge = bridge(facts) else {
                memory.map.cut(Self.video)
                if isComplete {
                    memory.notes.append(
                        "the host bridge's registers are not told: 0xc0000 to 0xfffff is taken to "
                            + "be RAM")
                }
                return
            }
            if !bridge.showsManagement { memory.map.cut(Self.video) }
            for range in bridge.hidden {
                memory.map.cut(range)
                for region in roms {
                    let start = max(region.address, range.lowerBound)
                    let end = min(region.end, range.upperBound)
                    if start < end { memory.map.place(region.part(start..<end)) }
                }
            }
        }
    }

    /// The host bridge's PAM and SMRAM registers.
    private struct Bridge {
        /// Stretches of 16 or 64 KiB whose reads go to the bus, not to RAM.
        var hidden: [Range<UInt64>] = []
        /// Whether RAM is seen in the video window (D_OPEN).
        var showsManagement: Bool
    }

    private func bridge(_ facts: MachineFacts) -> Bridge? {
        let isQ35 = chipset == .q35
        // A version of four octets, then the PCI configuration space.
        let head = 4
        guard let octets = facts.section(isQ35 ? "mch" : "I440FX"), octets.count >= head + 256,
            octets[head] == 0x86, octets[head + 1] == 0x80,
            octets[head + 2] == (isQ35 ? 0xc0 : 0x37), octets[head + 3] == (isQ35 ? 0x29 : 0x12)
        else { return nil }
        let first = head + (isQ35 ? 0x90 : 0x59)
        var bridge = Bridge(
            showsManagement: octets[head + (isQ35 ? 0x9d : 0x72)] & 0x40 != 0)
        // Bit 0 of each half octet enables reading from RAM. The first register has only one.
        for register in 0..<7 {
            for half in 0..<2 where octets[first + register] >> UInt8(4 * half) & 1 == 0 {
                if register == 0 {
                    if half == 1 { bridge.hidden.append(0xf0000..<Self.legacyEnd) }
                } else {
                    let start = 0xc0000 + UInt64((register - 1) * 2 + half) * 0x4000
                    bridge.hidden.append(start..<start + 0x4000)
                }
            }
        }
        return bridge
    }
}
