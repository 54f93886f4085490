import Migration
import Testing

@testable import Inspection

/// Layouts: Linux's `struct elf_prstatus` and `struct user_fpsimd_state` of arm64. That QEMU's own dumps have the same
/// octets, Tests/Oracle/guest_image.py shows with a guest that fills all vector registers.
@Suite("Registers of AArch64")
struct ArmRegistersTests {
    /// A processor as QEMU describes it: x5 is 5, v3's halves are 0x…06 and 0x…07, and so on.
    private func processor(
        vectors: Int, fpscr: UInt64, own: (status: UInt64, control: UInt64)? = nil
    ) -> DeviceState {
        var state = DeviceState()
        var names: [String: Int32] = [:]
        func name(_ text: String) -> Int32 { state.intern(text, &names) }
        func octets(_ numbers: [UInt64]) -> [UInt8] {
            numbers.flatMap { number in (0..<8).map { UInt8(number >> (56 - 8 * $0) & 0xff) } }
        }
        state.add(.scalars, of: .uint64, name: name("env.xregs"), octets: octets(Array(0..<32)))
        state.add(.uint64, name: name("env.pc"), bits: 0x4000_1000)
        state.add(.uint32, name: name("cpsr"), bits: 0x6000_03c5)
        let section = state.beginContainer(.subsection, name: name("cpu/vfp"), version: 3)
        for index in 0..<UInt64(vectors) {
            state.add(
                .scalars, of: .uint64, name: name("env.vfp.zregs[\(index)].d"),
                octets: octets([0xab00 + 2 * index, 0xab01 + 2 * index]))
        }
        state.add(.uint32, name: name("fpscr"), bits: fpscr)
        if let own {
            let inner = state.beginContainer(
                .subsection, name: name("cpu/vfp/fpcr_fpsr"), version: 1)
            state.add(.uint64, name: name("fpcr"), bits: own.control)
            state.add(.uint64, name: name("fpsr"), bits: own.status)
            state.endContainer(inner)
        }
        state.endContainer(section)
        state.finish()
        return state
    }

    private func number(_ octets: [UInt8], _ place: Int, _ size: Int) -> UInt64 {
        octets[place..<place + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    @Test("The status has the general registers, and says that those of floating point are there")
    func status() throws {
        let registers = try #require(ArmRegisters(processor(vectors: 32, fpscr: 0)))
        let note = registers.status64(7)
        #expect(note.count == 392)
        #expect(number(note, 32, 4) == 7)
        for index in 0..<32 { #expect(number(note, 112 + 8 * index, 8) == UInt64(index)) }
        #expect(number(note, 368, 8) == 0x4000_1000)
        #expect(number(note, 376, 8) == 0x6000_03c5)
        #expect(number(note, 384, 4) == 1)
    }

    @Test("Of FPSCR, flags are FPSR's, and modes FPCR's")
    func halves() throws {
        let state = processor(vectors: 32, fpscr: 0xffff_ffff)
        let note = try #require(ArmRegisters(state)?.floating?.note)
        #expect(note.count == 528)
        for index in 0..<64 { #expect(number(note, 8 * index, 8) == 0xab00 + UInt64(index)) }
        #expect(number(note, 512, 4) == 0xf800_009f)
        #expect(number(note, 516, 4) == 0x07ff_9f00)
        #expect(number(note, 520, 8) == 0)
    }

    @Test("Where FPSR and FPCR have a subsection of their own, it is what counts")
    func apart() throws {
        let state = processor(vectors: 32, fpscr: 0, own: (0x8000_0010, 0x0200_0007))
        let note = try #require(ArmRegisters(state)?.floating?.note)
        #expect(number(note, 512, 4) == 0x8000_0010)
        #expect(number(note, 516, 4) == 0x0200_0007)
    }

    @Test("Without all vector registers none are told, and the status says so")
    func missing() throws {
        let registers = try #require(ArmRegisters(processor(vectors: 31, fpscr: 0)))
        #expect(registers.floating == nil)
        #expect(number(registers.status64(1), 384, 4) == 0)
    }
}
