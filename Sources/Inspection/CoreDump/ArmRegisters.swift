import Migration

/// The registers of an AArch64 processor, out of QEMU's `vmstate_arm_cpu`.
struct ArmRegisters {
    /// x0 to x30, and the stack pointer.
    var general: [UInt64]
    var instruction: UInt64
    /// PSTATE.
    var status: UInt64
    var floating: FloatingPoint?

    /// - Returns: `nil` if the state has not the fields, or the processor is in AArch32 state.
    init?(_ state: DeviceState) {
        guard let general = state.numbers("env.xregs"), general.count == 32,
            let instruction = state.numbers("env.pc")?.first,
            let status = state.numbers("cpsr")?.first,
            // PSTATE.nRW
            status & 0x10 == 0
        else { return nil }
        self.general = general
        self.instruction = instruction
        self.status = status
        floating = FloatingPoint(state)
    }

    // MARK: Notes

    /// `struct elf_prstatus` of arm64 Linux: 392 octets.
    func status64(_ id: Int) -> [UInt8] {
        var octets = CoreOctets(littleEndian: true)
        octets.zeros(32)
        octets.append(UInt32(clamping: id))
        octets.zeros(76)
        for register in general { octets.append(register) }
        octets.append(instruction)
        octets.append(status)
        // pr_fpvalid
        octets.append((floating == nil ? 0 : 1) as UInt32)
        octets.zeros(4)
        return octets.octets
    }
}

extension ArmRegisters {
    /// The registers of Advanced SIMD and floating point, out of `vmstate_vfp`.
    struct FloatingPoint {
        /// v0 to v31, of each the lower 64 bits first.
        var vectors: [UInt64] = []
        var status: UInt32
        var control: UInt32

        /// What AArch32's FPSCR has of both, as in QEMU's `target/arm/cpu.h`.
        private static let statusBits: UInt64 = 0xf800_009f
        private static let controlBits: UInt64 = 0x07ff_9f00

        /// - Returns: `nil` if the processor has none, or the state has not the fields.
        init?(_ state: DeviceState) {
            guard let section = state.subsection("cpu/vfp", of: 0) else { return nil }
            for index in 0..<32 {
                guard let halves = state.numbers("env.vfp.zregs[\(index)].d", of: section),
                    halves.count == 2
                else { return nil }
                vectors += halves
            }
            // Sent apart if they have bits that FPSCR has not.
            let own = state.subsection("cpu/vfp/fpcr_fpsr", of: section)
            if let own, let status = state.numbers("fpsr", of: own)?.first,
                let control = state.numbers("fpcr", of: own)?.first
            {
                self.status = UInt32(truncatingIfNeeded: status)
                self.control = UInt32(truncatingIfNeeded: control)
            } else if let both = state.numbers("fpscr", of: section)?.first {
                status = UInt32(truncatingIfNeeded: both & Self.statusBits)
                control = UInt32(truncatingIfNeeded: both & Self.controlBits)
            } else {
                return nil
            }
        }

        /// `struct user_fpsimd_state` of arm64 Linux: 528 octets.
        var note: [UInt8] {
            var octets = CoreOctets(littleEndian: true)
            for half in vectors { octets.append(half) }
            octets.append(status)
            octets.append(control)
            octets.zeros(8)
            return octets.octets
        }
    }
}
