import Migration

/// The registers of an x86 processor, out of QEMU's `vmstate_x86_cpu`.
struct X86Registers {
    struct Segment {
        var selector: UInt32 = 0
        var base: UInt64 = 0
        var limit: UInt32 = 0
        var flags: UInt32 = 0

        /// - Parameter numbers: selector, base, limit and flags.
        init(_ numbers: ArraySlice<UInt64>) {
            let all = Array(numbers)
            guard all.count == 4 else { return }
            selector = UInt32(truncatingIfNeeded: all[0])
            base = all[1]
            limit = UInt32(truncatingIfNeeded: all[2])
            flags = UInt32(truncatingIfNeeded: all[3])
        }
    }

    /// rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 to r15; the last eight are 0 in a 32-bit target.
    var general: [UInt64]
    var instruction: UInt64
    var flags: UInt64
    /// es, cs, ss, ds, fs, gs.
    var segments: [Segment]
    /// ldt, tr, gdt, idt.
    var tables: [Segment]
    var control: [UInt64]
    var kernelGSBase: UInt64
    /// Whether long mode is active (HF_LMA).
    var isLong: Bool

    /// - Returns: `nil` if the state has not the fields.
    init?(_ state: DeviceState) {
        guard let general = state.numbers("env.regs"), general.count >= 8,
            let instruction = state.numbers("env.eip")?.first,
            let flags = state.numbers("env.eflags")?.first,
            let hidden = state.numbers("env.hflags")?.first,
            let segments = state.numbers("env.segs"), segments.count == 24
        else { return nil }
        self.general = general + Array(repeating: 0, count: 16 - min(general.count, 16))
        self.instruction = instruction
        self.flags = flags
        isLong = hidden & 1 << 14 != 0
        self.segments = (0..<6).map { Segment(segments[4 * $0..<4 * $0 + 4]) }
        tables = ["ldt", "tr", "gdt", "idt"].map {
            Segment((state.numbers("env.\($0)") ?? [])[...])
        }
        control = (0..<5).map { state.numbers("env.cr[\($0)]")?.first ?? 0 }
        kernelGSBase = state.numbers("env.kernelgsbase")?.first ?? 0
    }

    // MARK: Notes

    /// `struct elf_prstatus` of x86-64 Linux: 336 octets.
    func status64(_ id: Int) -> [UInt8] {
        var octets = CoreOctets(littleEndian: true)
        octets.zeros(32)
        octets.append(UInt32(clamping: id))
        octets.zeros(76)
        let order = [15, 14, 13, 12, 5, 3, 11, 10, 9, 8, 0, 1, 2, 6, 7]
        for register in order { octets.append(general[register]) }
        // orig_rax
        octets.append(0 as UInt64)
        octets.append(instruction)
        octets.append(UInt64(segments[1].selector))
        octets.append(flags)
        octets.append(general[4])
        octets.append(UInt64(segments[2].selector))
        octets.append(segments[4].base)
        octets.append(segments[5].base)
        for segment in [3, 0, 4, 5] { octets.append(UInt64(segments[segment].selector)) }
        octets.zeros(8)
        return octets.octets
    }

    /// `struct elf_prstatus` of i386 Linux: 144 octets.
    func status32(_ id: Int) -> [UInt8] {
        var octets = CoreOctets(littleEndian: true)
        octets.zeros(24)
        octets.append(UInt32(clamping: id))
        octets.zeros(44)
        for register in [3, 1, 2, 6, 7, 5, 0] {
            octets.append(UInt32(truncatingIfNeeded: general[register]))
        }
        for segment in [3, 0, 4, 5] { octets.append(segments[segment].selector & 0xffff) }
        // orig_eax
        octets.append(0 as UInt32)
        octets.append(UInt32(truncatingIfNeeded: instruction))
        octets.append(segments[1].selector & 0xffff)
        octets.append(UInt32(truncatingIfNeeded: flags))
        octets.append(UInt32(truncatingIfNeeded: general[4]))
        octets.append(segments[2].selector & 0xffff)
        octets.zeros(4)
        return octets.octets
    }

    /// QEMU's own note, `QEMUCPUState` of version 1, which `crash` reads.
    var qemuState: [UInt8] {
        var octets = CoreOctets(littleEndian: true)
        octets.append(1 as UInt32)
        octets.append(440 as UInt32)
        for register in [0, 3, 1, 2, 6, 7, 4, 5] + Array(8..<16) {
            octets.append(general[register])
        }
        octets.append(instruction)
        octets.append(flags)
        for segment in [1, 3, 0, 4, 5, 2].map({ segments[$0] }) + tables {
            octets.append(segment.selector)
            octets.append(segment.limit)
            octets.append(segment.flags)
            octets.zeros(4)
            octets.append(segment.base)
        }
        for value in control { octets.append(value) }
        octets.append(kernelGSBase)
        return octets.octets
    }
}
