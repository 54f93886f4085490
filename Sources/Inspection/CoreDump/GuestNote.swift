internal import ByteIO
import Migration

/// The note that a guest's kernel leaves in its memory for dumps: Linux's VMCOREINFO, with what
/// `crash` wants to know. QEMU's device `vmcoreinfo` has its place from the guest
/// (`hw/misc/vmcoreinfo.c`), and `dump-guest-memory` takes it into the core (`dump/dump.c`,
/// `dump_init`).
struct GuestNote {
    /// Guest-physical.
    let address: UInt64
    let length: Int

    /// A 16-bit `FW_CFG_VMCOREINFO_FORMAT_ELF`, and a note's head of three 32-bit numbers.
    private static let elf: UInt64 = 1
    private static let headSize = 12
    /// QEMU's MAX_GUEST_NOTE_SIZE.
    private static let limit = 1 << 20

    /// Where the device says that it is.
    /// - Returns: `nil` if the machine has no such device; a text if there is no such note.
    static func find(_ facts: MachineFacts) -> Result<GuestNote, Absence>? {
        // On the wire: has_vmcoreinfo, host_format, guest_format, size, paddr.
        guard let state = facts.section("vmcoreinfo"), state.count >= 17 else { return nil }
        guard state[0] != 0 else { return .failure(Absence("the guest left none")) }
        guard number(state[3..<5]) == elf else {
            return .failure(Absence("the guest left another than an ELF one"))
        }
        let length = Int(number(state[5..<9]))
        guard (headSize...limit).contains(length) else {
            return .failure(Absence("the guest tells of one of \(length) octets"))
        }
        return .success(GuestNote(address: number(state[9..<17]), length: length))
    }

    /// Why there is no note.
    struct Absence: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    /// The note, from the file that memory is in.
    /// - Parameter places: memory, and where in the file it lies.
    /// - Returns: the note as it belongs into a core; `nil` if there is none in that place.
    func read(
        _ places: [(region: GuestMemoryMap.Region, place: UInt64)], _ file: borrowing OutputFile
    ) throws(ByteIOError) -> [UInt8]? {
        let (end, isBeyond) = address.addingReportingOverflow(UInt64(length))
        guard !isBeyond else { return nil }
        var octets: [UInt8] = []
        for (region, place) in places {
            let start = max(region.address, address)
            let stop = min(region.end, end)
            guard start < stop else { continue }
            var part = [UInt8](repeating: 0, count: Int(stop - start))
            try file.read(into: &part, at: place &+ (start - region.address))
            octets += part
        }
        guard octets.count == length else { return nil }
        // The guest's own byte order, which is little-endian on the machines that cores are made of.
        let name = Self.padded(Self.number(octets[0..<4].reversed()))
        let contents = Self.padded(Self.number(octets[4..<8].reversed()))
        let size = Self.headSize + name + contents
        guard size <= length else { return nil }
        return Array(octets[..<size])
    }

    /// Up to the next multiple of four; of 32 bits, so there is room.
    private static func padded(_ size: UInt64) -> Int { Int((size + 3) & ~3) }

    /// A number of at most eight octets, the highest first.
    private static func number(_ octets: some Sequence<UInt8>) -> UInt64 {
        octets.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
