import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("ram extract --format physical")
struct RAMPhysicalTests {
    private static let gib: UInt64 = 1 << 30

    private static func pages(_ fill: UInt8, _ count: Int = 1) -> [UInt8] {
        (0..<count).flatMap { _ in Samples.page(fill) }
    }

    /// A `pc` with 5 GiB, of which 1 GiB is below 4 GiB (max-ram-below-4g): the CMOS memory tells.
    private static func stream(cmosAbove: UInt32) -> [UInt8] {
        var builder = StreamBuilder()
        builder.configuration("pc-i440fx-7.2")
        builder.startRAM(
            2,
            RAM.blocks([("pc.ram", 5 * gib), ("pc.bios", 0x20000), ("pc.rom", 0x20000)])
                + RAM.endOfSection)
        var records = RAM.page(0x1000, "pc.ram", pages(1))
        records += RAM.page(0xa0000, nil, pages(2)) + RAM.page(0xf0000, nil, pages(3))
        records += RAM.page(gib - 0x1000, nil, pages(4)) + RAM.page(gib, nil, pages(5))
        records += RAM.page(3 * gib, nil, pages(6)) + RAM.page(5 * gib - 0x1000, nil, pages(7))
        records += RAM.page(0x10000, "pc.bios", pages(8))
        builder.goOn(3, 2, records + RAM.endOfSection)
        var bridge: [UInt8] = [0, 0, 0, 2, 0x86, 0x80, 0x37, 0x12]
        bridge += [UInt8](repeating: 0, count: 0x55)
        // PAM0 to PAM6: f0000 is firmware, the rest RAM.
        bridge += [0] + [UInt8](repeating: 0x33, count: 6)
        bridge += [UInt8](repeating: 0, count: 260 - bridge.count)
        builder.full(3, "0000:00:00.0/I440FX", version: 3, bridge)
        var cmos = [UInt8](repeating: 0, count: 160)
        // 1 GiB less 16 MiB in units of 64 KiB.
        let below: UInt32 = cmosAbove == 0x10000 ? 0x3f00 : 0xbf00
        cmos[0x34] = UInt8(below & 0xff)
        cmos[0x35] = UInt8(below >> 8)
        cmos[0x5b] = UInt8(cmosAbove & 0xff)
        cmos[0x5c] = UInt8(cmosAbove >> 8 & 0xff)
        cmos[0x5d] = UInt8(cmosAbove >> 16)
        builder.full(4, "mc146818rtc", version: 3, cmos)
        builder.end()
        return builder.octets
    }

    private static func octets(_ path: String, at place: UInt64, _ count: Int) throws -> [UInt8] {
        let file = try FileDescriptor.open(FilePath(path), .readOnly)
        defer { try? file.close() }
        var octets = [UInt8](repeating: 0, count: count)
        let read = try unsafe octets.withUnsafeMutableBytes {
            // Within the array.
            unsafe try file.read(fromAbsoluteOffset: Int64(place), into: $0)
        }
        return Array(octets.prefix(read))
    }

    @Test(
        "Each octet stands at its physical address, over the machine's holes",
        arguments: [UInt32(0x10000), 0x8000], [false, true])
    func places(above: UInt32, encoded: Bool) throws {
        let folder = try TemporaryFolder()
        // The usual 3 GiB below, or 1 GiB as an option made it.
        let low = above == 0x8000 ? 3 * Self.gib : Self.gib
        var input = try folder.store(Self.stream(cmosAbove: above), as: "a")
        if encoded {
            let ber = folder.file("a.ber")
            try succeed(berth("encode", "-q", input, "-o", ber))
            input = ber
        }
        let image = folder.file("image")
        let outcome = try berth(
            "ram", "extract", "--format", "physical", "--quiet", input, "-o", image, "--json")
        try succeed(outcome)
        let size = try FileManager.default.attributesOfItem(atPath: image)[.size] as? UInt64
        #expect(size == 4 * Self.gib + 5 * Self.gib - low)
        func address(_ offset: UInt64) -> UInt64 {
            offset < low ? offset : 4 * Self.gib + offset - low
        }
        for (offset, fill) in [
            (0x1000, UInt8(1)), (Self.gib - 0x1000, 4), (Self.gib, 5), (3 * Self.gib, 6),
            (5 * Self.gib - 0x1000, 7),
        ] {
            #expect(
                try Self.octets(image, at: address(offset), 4096) == Self.pages(fill),
                "\(offset)")
        }
        // System management's memory is not seen; firmware hides RAM, and ends at 4 GiB.
        #expect(try Self.octets(image, at: 0xa0000, 4096) == [UInt8](repeating: 0, count: 4096))
        #expect(try Self.octets(image, at: 0xf0000, 4096) == Self.pages(8))
        #expect(try Self.octets(image, at: 4 * Self.gib - 0x10000, 4096) == Self.pages(8))
        // A place in the hole between.
        #expect(
            try Self.octets(image, at: 3 * Self.gib + 0x1000, 4096)
                == [UInt8](repeating: 0, count: 4096))
        // Holes take no room: 11 pages.
        var status = stat()
        #expect(unsafe stat(image, &status) == 0)
        #expect(status.st_blocks * 512 < 4 << 20)
        // `read` finds the same.
        let read = try berth(
            "ram", "read", "--quiet", input, "\(address(3 * Self.gib))", "4096", "-o", "-")
        #expect(read.output == Self.pages(6))
        let hidden = try berth("ram", "read", "--quiet", input, "0xefff8", "16", "-o", "-")
        #expect(hidden.output == [UInt8](repeating: 0, count: 8) + [UInt8](repeating: 8, count: 8))
    }

    @Test("Octets that are no memory are told")
    func hole() throws {
        let folder = try TemporaryFolder()
        let path = try folder.store(Self.stream(cmosAbove: 0x8000), as: "a")
        let outcome = try berth("ram", "read", path, "0x9fff0..0xa0010")
        try succeed(outcome)
        #expect(
            outcome.error.hasSuffix(
                "berth: note: 16 of these octets are no memory: they read as zeros\n"))
        let none = try berth("ram", "read", path, "0xa0000", "16")
        #expect(none.status == 2)
        #expect(none.error.contains("hint: there is: 0x0..0xa0000, 0xc0000..0xf0000, "))
    }

    @Test("The parts are told with their blocks")
    func listing() throws {
        let folder = try TemporaryFolder()
        let outcome = try berth(
            "ram", "extract", "--format", "physical",
            try folder.store(Self.stream(cmosAbove: 0x8000), as: "a"), "-o", folder.file("image"))
        #expect(
            outcome.text == """
                0x0 0xa0000 pc.ram+0x0
                0xc0000 0x30000 pc.ram+0xc0000
                0xf0000 0x10000 pc.bios+0x10000 (firmware)
                0x100000 0xbff00000 pc.ram+0x100000
                0xfffe0000 0x20000 pc.bios+0x0 (firmware)
                0x100000000 0x80000000 pc.ram+0xc0000000

                """)
    }

    /// SHA-256 of what Tests/Oracle/guest_memory.py, a reader of its own, makes of the same stream.
    @Test("A real microvm's memory is what another reader makes of it")
    func microvm() throws {
        let folder = try TemporaryFolder()
        let outcome = try berth(
            "ram", "read", Fixture.path("x86-microvm-guest-11.1"), "0x100000..0x800000", "-o",
            folder.file("ram"))
        try succeed(outcome)
        let sum = try run("/usr/bin/sha256sum", [folder.file("ram")])
        #expect(
            sum.text.hasPrefix(
                "4ec714a92d249be267f343e98c1f0388a718313d8e9bf3b572849450213a040b"))
    }

    @Test("A machine that nobody knows is refused with what can be done, and no file appears")
    func unknown() throws {
        let folder = try TemporaryFolder()
        let path = Fixture.path("avr-uno-7.2")
        let outcome = try berth(
            "ram", "extract", "--format", "physical", path, "-o", folder.file("image"))
        #expect(outcome.status == 2)
        #expect(outcome.error.contains("expected a machine whose memory map is known"))
        #expect(outcome.error.contains("--place BLOCK=ADDRESS"))
        #expect(try folder.names == [])
    }

    @Test("--block is of blocks alone")
    func usage() throws {
        let outcome = try berth(
            "ram", "extract", "--format", "physical", "--block", "m", "a", "-o", "b")
        #expect(outcome.status == 64)
    }
}
