import Migration

/// The registers of an AArch64 processor, out of QEMU's `vmstate_arm_cpu`.
struct ArmRegisters {
    /// x0 to x30, and the stack pointer.
    var general: [UInt64]
    var instruction: UInt64
    /// PSTATE.
    var status: UInt64

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
    }

    /// `struct elf_prstatus` of arm64 Linux: 392 octets.
    func status64(_ id: Int) -> [UInt8] {
        var octets = CoreOctets(littleEndian: true)
        octets.zeros(32)
        octets.append(UInt32(clamping: id))
        octets.zeros(76)
        for register in general { octets.append(register) }
        octets.append(instruction)
        octets.append(status)
        // Whether floating-point registers are valid: they are not told.
        octets.zeros(8)
        return octets.octets
    }
}
