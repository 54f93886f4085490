internal import Migration

/// An Arm processor's system registers: the loader must know each that was sent (`cpu_post_load` in
/// QEMU's `target/arm/machine.c`). It may have more.
struct ArmSystemRegisters: LoaderRule {
    /// KVM's numbers of the registers, ascending.
    private let registers: [UInt64]

    static let variableFields: Set<String> = ["cpreg_vmstate_indexes", "cpreg_vmstate_values"]

    init?(_ header: SectionHeader, _ state: DeviceState) {
        guard let registers = state.numbers("cpreg_vmstate_indexes") else { return nil }
        self.registers = registers
    }

    func fault(_ header: SectionHeader, own: ArmSystemRegisters) -> LoaderFault? {
        guard let place = unknown(to: own) else { return nil }
        let name = "0x" + String(registers[place], radix: 16)
        return LoaderFault(
            path: ".cpreg_vmstate_indexes[\(place)]",
            message: "the target's processor has no such system register",
            expected: "registers that the target's processor has, \(own.registers.count)",
            found: "register \(name), of \(registers.count)",
            loaderMessages: [
                "system register \(name) in the incoming stream but unknown on the destination"
            ])
    }

    /// The first register that the loader stops at: it goes through both lists side by side.
    private func unknown(to own: ArmSystemRegisters) -> Int? {
        var place = 0
        for known in own.registers {
            guard place < registers.count else { return nil }
            if registers[place] < known { return place }
            if registers[place] == known { place += 1 }
        }
        // What is left is looked at by nobody, unless the list is too long altogether.
        return registers.count > own.registers.count ? place : nil
    }
}
