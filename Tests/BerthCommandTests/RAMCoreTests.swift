import SystemPackage
import TestSupport
import Testing

/// The numbers are those of the ELF specification and of Linux's `struct elf_prstatus`; that QEMU's
/// own dumps have the same notes, Tests/Oracle/guest_image.py shows.
@Suite("ram extract --format elf")
struct RAMCoreTests {
    private struct Core {
        let octets: [UInt8]

        func number(_ place: Int, _ size: Int) -> UInt64 {
            octets[place..<place + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }

        /// Type, place, address and length of each program header of a 64-bit file.
        var headers: [[UInt64]] {
            (0..<Int(number(56, 2))).map { index in
                let start = Int(number(32, 8)) + 56 * index
                return [
                    number(start, 4), number(start + 8, 8), number(start + 24, 8),
                    number(start + 32, 8),
                ]
            }
        }
    }

    /// A real machine in SeaBIOS, whose processor is in 16-bit code.
    private func core(_ form: String) throws -> Core {
        let folder = try TemporaryFolder()
        var input = Fixture.sample
        if form == "BER" {
            let ber = folder.file("a.ber")
            try succeed(berth("encode", "-q", input, "-o", ber))
            input = ber
        }
        try succeed(
            berth("ram", "extract", "--format", "elf", "-q", input, "-o", folder.file("core")))
        return Core(octets: try contents(of: folder.file("core")))
    }

    @Test(
        "The head is that of a core, and each part of memory a segment",
        arguments: ["stream", "BER"])
    func head(form: String) throws {
        let core = try core(form)
        // ELF, 64 bits because firmware ends at 4 GiB, little-endian; ET_CORE, EM_386, version 1.
        #expect(core.octets.prefix(8) == [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0])
        #expect(core.number(16, 2) == 4)
        #expect(core.number(18, 2) == 3)
        #expect(core.number(54, 2) == 56)
        let headers = core.headers
        #expect(headers[0][0] == 4)
        // `crash` takes notes that stand between the head and the first part of memory.
        #expect(headers[0][1] >= UInt64(64 + 56 * headers.count))
        #expect(headers[0][1] + headers[0][3] <= headers[1][1])
        // Memory begins at 0, has a hole from 640 KiB to 768 KiB, and firmware below 4 GiB.
        #expect(headers[1][0] == 1)
        #expect(headers[1][2] == 0)
        #expect(headers[1][3] == 0xa0000)
        #expect(headers[2][2] == 0xc0000)
        #expect(headers.last?[2] == 0xfffc_0000)
        #expect(headers.last?[3] == 0x40000)
        #expect(headers.allSatisfy { $0[1] + $0[3] <= UInt64(core.octets.count) })
    }

    @Test("The processor's registers are notes: Linux's of i386, and QEMU's own")
    func notes() throws {
        let core = try core("stream")
        let start = Int(core.headers[0][1])
        // The registers as `info` lists them: eip 47033, eflags 582, esp 28564.
        #expect(core.number(start, 4) == 5)
        #expect(core.number(start + 4, 4) == 144)
        #expect(core.number(start + 8, 4) == 1)
        #expect(core.octets[start + 12..<start + 17] == [0x43, 0x4f, 0x52, 0x45, 0])
        let status = start + 20
        #expect(core.number(status + 24, 4) == 1)
        #expect(core.number(status + 72 + 12 * 4, 4) == 47033)
        #expect(core.number(status + 72 + 14 * 4, 4) == 582)
        #expect(core.number(status + 72 + 15 * 4, 4) == 28564)
        let qemu = status + 144
        #expect(core.number(qemu, 4) == 5)
        #expect(core.number(qemu + 4, 4) == 440)
        #expect(core.number(qemu + 8, 4) == 0)
        #expect(core.octets[qemu + 12..<qemu + 17] == [0x51, 0x45, 0x4d, 0x55, 0])
        #expect(core.number(qemu + 20, 4) == 1)
        #expect(core.number(qemu + 24, 4) == 440)
        // rsp, rip, rflags; cs: 0xf000, limit, flags, base; cr0.
        let state = qemu + 28
        #expect(core.number(state + 6 * 8, 8) == 28564)
        #expect(core.number(state + 16 * 8, 8) == 47033)
        #expect(core.number(state + 17 * 8, 8) == 582)
        #expect(core.number(state + 18 * 8, 4) == 61440)
        #expect(core.number(state + 18 * 8 + 16, 8) == 983_040)
        #expect(core.number(state + 18 * 8 + 240, 8) == 16)
        #expect(Int(core.headers[0][3]) == 20 + 144 + 20 + 440)
    }

    @Test("Memory in the core is the block's")
    func memory() throws {
        let core = try core("stream")
        let block = try berth(
            "ram", "read", Fixture.sample, "pc.ram+0x100000", "1M", "-o", "-")
        let segment = try #require(core.headers.last { $0[2] <= 0x100000 && $0[0] == 1 })
        let place = Int(segment[1] + 0x100000 - segment[2])
        #expect(Array(core.octets[place..<place + (1 << 20)]) == block.output)
    }

    @Test("Where the processors have no fields, the core has none, and a note says so")
    func opaque() throws {
        let folder = try TemporaryFolder()
        let outcome = try berth(
            "ram", "extract", "--format", "elf", "--ignore-vmdesc", Fixture.sample, "-o",
            folder.file("core"))
        try succeed(outcome)
        #expect(outcome.error.contains("there are no registers"))
        #expect(Core(octets: try contents(of: folder.file("core"))).headers[0][3] == 0)
    }

    /// A PC with the device `vmcoreinfo`, whose guest has left a note of 30 octets at 0x1ff8 and says
    /// that it has `size` octets, in the format `format`.
    private static func noted(size: UInt8, format: UInt8, isThere: UInt8 = 1) -> [UInt8] {
        var pages = [UInt8](repeating: 0, count: 2 * 4096)
        let note = octets("0b000000 05000000 00000000") + Array("VMCOREINFO".utf8) + [0, 0]
        let whole = note + Array("A=1\nB".utf8)
        pages.replaceSubrange(0xff8..<0xff8 + whole.count, with: whole)
        var builder = StreamBuilder()
        builder.configuration("pc-i440fx-7.2")
        builder.startRAM(
            2, RAM.blocks([("pc.ram", 1 << 20), ("pc.bios", 0x20000)]) + RAM.endOfSection)
        builder.goOn(
            3, 2,
            RAM.page(0x1000, "pc.ram", Array(pages[..<4096]))
                + RAM.page(0x2000, nil, Array(pages[4096...])) + RAM.endOfSection)
        // has_vmcoreinfo; host_format, guest_format, size, paddr.
        builder.full(
            3, "vmcoreinfo",
            [isThere, 0, 1, 0, format, 0, 0, 0, size] + octets("00000000 00001ff8"))
        builder.end()
        return builder.octets
    }

    @Test("What the guest's kernel left for dumps is a note of the core, behind the processors'")
    func guestNote() throws {
        let folder = try TemporaryFolder()
        // 12 of head, "VMCOREINFO" and its NUL in 12, "A=1\nB" in 8; what is behind is no part of it.
        for size: UInt8 in [32, 40] {
            let input = try folder.store(Self.noted(size: size, format: 1), as: "a")
            let outcome = try berth(
                "ram", "extract", "--format", "elf", input, "-o", folder.file("core"))
            try succeed(outcome)
            let core = Core(octets: try contents(of: folder.file("core")))
            let start = Int(core.headers[0][1])
            #expect(core.headers[0][3] == 32)
            #expect(
                hex(core.octets[start..<start + 32])
                    == hex(
                        octets("0b000000 05000000 00000000") + Array("VMCOREINFO".utf8) + [0, 0]
                            + Array("A=1\nB".utf8) + [0, 0, 0]))
        }
    }

    @Test(
        "Where there is no such note, the user is told why",
        arguments: [
            (Self.noted(size: 32, format: 1, isThere: 0), "the guest left none"),
            (Self.noted(size: 32, format: 2), "the guest left another than an ELF one"),
            (Self.noted(size: 11, format: 1), "the guest tells of one of 11 octets"),
            (Self.noted(size: 28, format: 1), "there is none in the place that it tells"),
        ])
    func noGuestNote(stream: [UInt8], why: String) throws {
        let folder = try TemporaryFolder()
        let input = try folder.store(stream, as: "a")
        let outcome = try berth(
            "ram", "extract", "--format", "elf", input, "-o", folder.file("core"))
        try succeed(outcome)
        #expect(outcome.error.contains("no note of the guest's (vmcoreinfo): " + why))
        #expect(Core(octets: try contents(of: folder.file("core"))).headers[0][3] == 0)
    }

    @Test("A machine of another architecture is refused, and no file appears")
    func other() throws {
        let folder = try TemporaryFolder()
        let outcome = try berth(
            "ram", "extract", "--format", "elf", Fixture.path("s390x-ccw-keys-7.2"), "-o",
            folder.file("core"))
        #expect(outcome.status == 2)
        #expect(outcome.error.contains("an x86 or AArch64 machine for an ELF core"))
        #expect(outcome.error.contains("--format physical writes the memory alone"))
        #expect(try folder.names == [])
    }
}
