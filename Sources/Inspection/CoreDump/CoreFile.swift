import Migration

/// What an ELF core has beside memory: the file's head, and the notes of the processors, as QEMU's
/// `dump-guest-memory` writes them (`dump/dump.c`, `target/*/arch_dump.c`).
struct CoreFile {
    /// ELF's numbers of machines.
    private enum Machine {
        static let i386: UInt16 = 3
        static let x86: UInt16 = 62
        static let arm: UInt16 = 183
    }

    let is64: Bool
    private let machine: UInt16
    private(set) var notes: [UInt8]
    /// Processors whose registers are there.
    let processors: Int

    /// Octets in front of memory, a hole but for the head and the notes. `crash` reads notes only
    /// from there; a thousand processors' find room.
    static let frontSize: UInt64 = 1 << 20
    /// Octets that the head may take, of them.
    private static let headSize: UInt64 = 4096

    /// Where the notes belong, in octets from the start of the file.
    /// - Parameter end: the octet behind all memory, where notes stand that the front can't take.
    func notesPlace(end: UInt64) -> UInt64 {
        UInt64(notes.count) <= Self.frontSize - Self.headSize ? Self.headSize : end
    }

    /// Segments that have room in the head, beside the notes'.
    private static let segmentLimit = 70

    /// A part of memory in the file.
    struct Segment {
        var address: UInt64
        var length: UInt64
        /// Octets from the start of the file.
        var place: UInt64
    }

    /// - Parameter end: the address behind all memory.
    /// - Throws: ``MigrationError`` `unsupported` for a machine that no notes are known for.
    init(_ facts: MachineFacts, end: UInt64) throws(MigrationError) {
        let states = facts.processors.sorted { $0.key < $1.key }.map(\.value)
        let x86 = states.compactMap(X86Registers.init)
        let arm = states.compactMap(ArmRegisters.init)
        var notes = CoreOctets(littleEndian: true)
        if PCMachine(facts) != nil {
            processors = x86.count
            // The first processor decides, as in QEMU. Without any, addresses do.
            let isLong = x86.first?.isLong ?? (end > 1 << 32)
            machine = isLong ? Machine.x86 : Machine.i386
            // Firmware ends at 4 GiB sharp, which QEMU takes for more than 32 bits have room for.
            is64 = isLong || end > UInt64(UInt32.max)
            for (index, registers) in x86.enumerated() {
                let status =
                    isLong ? registers.status64(index + 1) : registers.status32(index + 1)
                Self.add(status, "CORE", type: 1, to: &notes)
            }
            for registers in x86 { Self.add(registers.qemuState, "QEMU", type: 0, to: &notes) }
        } else if !arm.isEmpty || facts.block(named: "mach-virt.ram") != nil {
            processors = arm.count
            machine = Machine.arm
            is64 = true
            for (index, registers) in arm.enumerated() {
                Self.add(registers.status64(index + 1), "CORE", type: 1, to: &notes)
                if let floating = registers.floating {
                    Self.add(floating.note, "CORE", type: 2, to: &notes)
                }
            }
        } else {
            throw MigrationError(
                .unsupported, expected: "an x86 or AArch64 machine for an ELF core",
                found: facts.machine.map { "the machine \"\($0)\"" } ?? "another",
                hint: "--format physical writes the memory alone")
        }
        self.notes = notes.octets
    }

    private static func add(
        _ contents: [UInt8], _ name: String, type: UInt32, to notes: inout CoreOctets
    ) {
        notes.append(UInt32(name.utf8.count + 1))
        notes.append(UInt32(contents.count))
        notes.append(type)
        notes.append(Array(name.utf8))
        // The name's NUL, and up to a multiple of four.
        notes.zeros(4 - name.utf8.count % 4)
        notes.append(contents)
        notes.zeros((4 - contents.count % 4) % 4)
    }

    /// Adds a note of the guest's own, behind the processors'.
    mutating func add(_ note: [UInt8]) { notes += note }

    /// The file's head.
    /// - Parameter notesPlace: where the notes stand, in octets from the start of the file.
    func head(_ segments: [Segment], notesPlace: UInt64) throws(MigrationError) -> [UInt8] {
        guard segments.count <= Self.segmentLimit else {
            throw MigrationError(
                .limit, path: "ram", expected: "at most \(Self.segmentLimit) parts of memory",
                found: "\(segments.count)")
        }
        var octets = CoreOctets(littleEndian: true)
        octets.append([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, 1, 1, 0])
        octets.zeros(8)
        // ET_CORE
        octets.append(4 as UInt16)
        octets.append(machine)
        octets.append(1 as UInt32)
        word(0, &octets)
        word(is64 ? 64 : 52, &octets)
        word(0, &octets)
        octets.append(0 as UInt32)
        octets.append(UInt16(is64 ? 64 : 52))
        octets.append(UInt16(is64 ? 56 : 32))
        octets.append(UInt16(segments.count + 1))
        octets.zeros(6)
        header(4, notesPlace, 0, UInt64(notes.count), &octets)
        for segment in segments {
            header(1, segment.place, segment.address, segment.length, &octets)
        }
        return octets.octets
    }

    private func word(_ number: UInt64, _ octets: inout CoreOctets) {
        if is64 { octets.append(number) } else { octets.append(UInt32(clamping: number)) }
    }

    /// A program header: PT_LOAD is 1, PT_NOTE 4. Virtual addresses are the physical ones.
    private func header(
        _ type: UInt32, _ place: UInt64, _ address: UInt64, _ length: UInt64,
        _ octets: inout CoreOctets
    ) {
        octets.append(type)
        if is64 { octets.append(0 as UInt32) }
        word(place, &octets)
        word(address, &octets)
        word(address, &octets)
        word(length, &octets)
        word(length, &octets)
        if !is64 { octets.append(0 as UInt32) }
        word(0, &octets)
    }
}
