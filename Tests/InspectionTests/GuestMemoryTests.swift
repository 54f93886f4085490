import Migration
import Testing

@testable import Inspection

/// The numbers are those of the comment in QEMU's `pc_init1`, of `pc_q35_init` and
/// `microvm_memory_init`; Tests/Oracle/guest_image.py holds the same against QEMU itself.
@Suite("Where a machine has its memory")
struct GuestMemoryTests {
    private static let mib: UInt64 = 1 << 20
    private static let gib: UInt64 = 1 << 30

    private func facts(
        _ machine: String?, _ blocks: [(String, UInt64)], sections: [(String, [UInt8])] = []
    ) -> MachineFacts {
        var facts = MachineFacts()
        facts.machine = machine
        facts.blocks = blocks.map { RAMBlock(name: $0.0, length: $0.1) }
        for (name, octets) in sections {
            facts.beginSection(
                SectionHeader(
                    kind: .full, sectionID: 1, name: name, instanceID: 0, versionID: 1))
            // An array of octets has no padding that could be read.
            unsafe facts.opaque(octets.span.bytes)
            facts.endSection()
        }
        return facts
    }

    /// RAM as (address, length, offset in the block).
    private func ram(
        _ facts: MachineFacts, _ options: GuestMemory.Options = GuestMemory.Options()
    ) throws -> [[UInt64]] {
        try GuestMemory(facts, options: options).ram.map { [$0.address, $0.length, $0.offset] }
    }

    /// A host bridge's registers, all of RAM shown, as the section has them.
    private static func bridge(_ id: [UInt8], pam: Int, _ registers: [UInt8]? = nil) -> [UInt8] {
        var octets: [UInt8] = [0, 0, 0, 2] + [UInt8](repeating: 0, count: 256)
        octets.replaceSubrange(4..<8, with: [0x86, 0x80] + id)
        octets.replaceSubrange(
            4 + pam..<4 + pam + 7, with: registers ?? [0x30] + [UInt8](repeating: 0x33, count: 6))
        return octets
    }

    private static func cmos(below16M units: UInt16, above: UInt32) -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: 130)
        octets[0x34] = UInt8(units & 0xff)
        octets[0x35] = UInt8(units >> 8)
        octets[0x5b] = UInt8(above & 0xff)
        octets[0x5c] = UInt8(above >> 8 & 0xff)
        octets[0x5d] = UInt8(above >> 16)
        return octets
    }

    @Test(
        "RAM is split at 4 GiB as the machine type does it",
        arguments: [
            ("pc-i440fx-1.7", "pc.ram", 4 * gib, 3584 * mib),
            ("pc-1.3", "pc.ram", 4 * gib, 3584 * mib),
            ("pc-i440fx-2.0", "pc.ram", 4 * gib, 3072 * mib),
            ("pc-i440fx-10.0", "pc.ram", 3584 * mib, 3072 * mib),
            ("pc-i440fx-10.0", "pc.ram", 3583 * mib, 3583 * mib),
            ("pc-i440fx-rhel7.6.0", "pc.ram", 8 * gib, 3072 * mib),
            ("pc-q35-1.4", "pc.ram", 4 * gib, 2816 * mib),
            ("pc-q35-10.0", "pc.ram", 4 * gib, 2048 * mib),
            ("pc-q35-10.0", "pc.ram", 2816 * mib, 2048 * mib),
            ("pc-q35-10.0", "pc.ram", 2815 * mib, 2815 * mib),
            ("isapc", "pc.ram", 4 * gib, 3584 * mib),
            ("microvm", "microvm.ram", 4 * gib, 3072 * mib),
        ])
    func split(machine: String, block: String, size: UInt64, low: UInt64) throws {
        let expected =
            size == low
            ? [[0, size, 0]] : [[0, low, 0], [4 * Self.gib, size - low, low]]
        #expect(try ram(facts(machine, [(block, size), ("pc.bios", 0x40000)])) == expected)
    }

    @Test("What the machine wrote into the CMOS memory counts more than its type")
    func cmos() throws {
        // max-ram-below-4g=1G and 3 GiB: 0x3f00 units of 64 KiB behind 16 MiB, 0x8000 above.
        let told = facts(
            "pc-i440fx-7.2", [("pc.ram", 3 * Self.gib)],
            sections: [("mc146818rtc", Self.cmos(below16M: 0x3f00, above: 0x8000))])
        #expect(try ram(told) == [[0, Self.gib, 0], [4 * Self.gib, 2 * Self.gib, Self.gib]])
        // A guest wrote something else there: the sum is wrong.
        let wrong = facts(
            "pc-i440fx-7.2", [("pc.ram", 3 * Self.gib)],
            sections: [("mc146818rtc", Self.cmos(below16M: 0x3f00, above: 0x7000))])
        #expect(try ram(wrong) == [[0, 3 * Self.gib, 0]])
    }

    @Test("The user's word counts most")
    func options() throws {
        var options = GuestMemory.Options()
        options.below4G = 2 * Self.gib
        options.above4G = 1 << 40
        #expect(
            try ram(facts("pc-i440fx-7.2", [("pc.ram", 4 * Self.gib)]), options)
                == [[0, 2 * Self.gib, 0], [1 << 40, 2 * Self.gib, 2 * Self.gib]])
    }

    @Test("RAM of several nodes stands one behind the other, over the hole")
    func nodes() throws {
        let nodes = facts(
            "pc-q35-7.2",
            [("ram-node1", 3 * Self.gib), ("ram-node0", Self.gib), ("pc.bios", 0x40000)])
        let memory = try GuestMemory(nodes, options: GuestMemory.Options())
        #expect(
            memory.ram == [
                .init(address: 0, length: Self.gib, block: "ram-node0", offset: 0),
                .init(address: Self.gib, length: Self.gib, block: "ram-node1", offset: 0),
                .init(
                    address: 4 * Self.gib, length: 2 * Self.gib, block: "ram-node1",
                    offset: Self.gib),
            ])
    }

    @Test("Between 640 KiB and 1 MiB is what the host bridge's registers show")
    func shadow() throws {
        // PAM0: f0000 is firmware; PAM1: c0000 is RAM, c4000 not; all others are RAM; SMRAM closed.
        let registers: [UInt8] = [0x00, 0x03, 0x33, 0x33, 0x33, 0x33, 0x33]
        let blocks = [("pc.ram", 16 * Self.mib), ("pc.bios", 0x40000), ("pc.rom", 0x20000)]
        for (section, octets) in [
            ("0000:00:00.0/I440FX", Self.bridge([0x37, 0x12], pam: 0x59, registers)),
            ("0000:00:00.0/mch", Self.bridge([0xc0, 0x29], pam: 0x90, registers)),
        ] {
            let memory = try GuestMemory(
                facts("pc-x", blocks, sections: [(section, octets)]),
                options: GuestMemory.Options())
            #expect(
                memory.map.regions == [
                    .init(address: 0, length: 0xa0000, block: "pc.ram", offset: 0),
                    .init(address: 0xc0000, length: 0x4000, block: "pc.ram", offset: 0xc0000),
                    .init(
                        address: 0xc4000, length: 0x4000, block: "pc.rom", offset: 0x4000,
                        isROM: true),
                    .init(address: 0xc8000, length: 0x28000, block: "pc.ram", offset: 0xc8000),
                    .init(
                        address: 0xf0000, length: 0x10000, block: "pc.bios", offset: 0x30000,
                        isROM: true),
                    .init(
                        address: 0x100000, length: 0xf00000, block: "pc.ram", offset: 0x100000),
                    .init(
                        address: 0xfffc_0000, length: 0x40000, block: "pc.bios", offset: 0,
                        isROM: true),
                ])
            #expect(memory.notes == [])
        }
    }

    @Test("RAM that system management has open is shown")
    func management() throws {
        var octets = Self.bridge([0x37, 0x12], pam: 0x59)
        octets[4 + 0x72] = 0x4a
        let memory = try GuestMemory(
            facts("pc-x", [("pc.ram", 16 << 20)], sections: [("0000:00:00.0/I440FX", octets)]),
            options: GuestMemory.Options())
        #expect(
            memory.map.regions
                == [.init(address: 0, length: 16 << 20, block: "pc.ram", offset: 0)])
    }

    @Test("A machine that nobody knows is refused, unless the user places its blocks")
    func unknown() throws {
        let board = facts("vexpress-a9", [("vexpress.highmem", 1 << 20)])
        #expect {
            try GuestMemory(board, options: GuestMemory.Options())
        } throws: { error in
            (error as? MigrationError)?.found == "the machine \"vexpress-a9\""
        }
        var options = GuestMemory.Options()
        options.placed = [.init(block: "vexpress.highmem", address: 0x6000_0000)]
        #expect(try ram(board, options) == [[0x6000_0000, 1 << 20, 0]])
    }

    @Test("Several backends without a name that tells are not guessed at; a DIMM is told")
    func backends() throws {
        #expect(throws: MigrationError.self) {
            try ram(facts("pc-q35-7.2", [("b", 1 << 20), ("a", 1 << 20)]))
        }
        let dimm = facts("pc-q35-7.2", [("pc.ram", 1 << 24), ("dimm0", 1 << 24)])
        let memory = try GuestMemory(dimm, options: GuestMemory.Options())
        #expect(memory.ram.map(\.block) == ["pc.ram"])
        #expect(memory.notes.contains { $0.contains("the block dimm0 is not told") })
    }

    @Test("RAM that may lie behind AMD's hole is refused until the user says where")
    func hole() throws {
        let large = facts("pc-q35-10.0", [("pc.ram", 1 << 40)])
        #expect(throws: MigrationError.self) { try ram(large) }
        var options = GuestMemory.Options()
        options.above4G = 1 << 40
        #expect(try ram(large, options).last?.first == 1 << 40)
    }

    @Test(
        "Machines with one stretch of RAM",
        arguments: [
            ("virt-10.0", "mach-virt.ram", UInt64(0x4000_0000)),
            ("virt", "riscv_virt_board.ram", 0x8000_0000),
            ("pseries-7.2", "ppc_spapr.ram", 0), ("s390-ccw-virtio-7.2", "s390.ram", 0),
        ])
    func plain(machine: String, block: String, base: UInt64) throws {
        #expect(try ram(facts(machine, [(block, 1 << 28)])) == [[base, 1 << 28, 0]])
    }
}
