internal import Migration

/// A machine whose RAM is one stretch of addresses (each machine's `memmap` in QEMU's `hw`).
struct PlainMachine {
    /// Its name, for people.
    let title: String
    /// What its type's name begins with.
    let prefix: String
    /// Its RAM block, which tells machines of one name and different architectures apart.
    let block: String
    /// Where RAM begins.
    let base: UInt64

    static let all = [
        PlainMachine(title: "Arm virt", prefix: "virt", block: "mach-virt.ram", base: 1 << 30),
        PlainMachine(
            title: "RISC-V virt", prefix: "virt", block: "riscv_virt_board.ram", base: 1 << 31),
        PlainMachine(title: "pseries", prefix: "pseries", block: "ppc_spapr.ram", base: 0),
        PlainMachine(
            title: "s390-ccw-virtio", prefix: "s390-ccw-virtio", block: "s390.ram", base: 0),
    ]

    static func find(_ facts: MachineFacts) -> PlainMachine? {
        guard let name = facts.machine else { return nil }
        return all.first { machine in
            name.hasPrefix(machine.prefix) && facts.block(named: machine.block) != nil
        }
    }

    func place(
        _ facts: MachineFacts, _ options: GuestMemory.Options, into memory: inout GuestMemory
    ) throws(MigrationError) {
        let blocks = try GuestMemory.ramBlocks(facts, options, usual: block)
        _ = memory.lay(blocks, over: [base..<UInt64.max])
    }
}
