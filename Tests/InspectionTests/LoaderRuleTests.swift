import Migration
import Testing

@testable import Inspection

/// What devices' own code refuses (QEMU's `target/arm/machine.c`, `target/ppc/machine.c`, `hw/pci/pci.c`,
/// `hw/virtio/virtio.c`). That QEMU does, Tests/Live/check_pairs.py and sweep.py show.
@Suite("Rules of the loader's own code")
struct LoaderRuleTests {
    private let header = SectionHeader(
        kind: .full, sectionID: 3, name: "dev", instanceID: 0, versionID: 1)

    /// A state that a body fills.
    private func state(
        _ body: (inout DeviceState, (String, inout DeviceState) -> Int32) -> Void
    ) -> DeviceState {
        var state = DeviceState()
        var names: [String: Int32] = [:]
        body(&state) { $1.intern($0, &names) }
        state.finish()
        return state
    }

    private func words(_ numbers: [UInt64]) -> [UInt8] {
        numbers.flatMap { number in (0..<8).map { UInt8(number >> (56 - 8 * $0) & 0xff) } }
    }

    // MARK: Arm

    private func processor(_ registers: [UInt64]) throws -> ArmSystemRegisters {
        let state = state { state, name in
            state.add(
                .scalars, of: .uint64, name: name("cpreg_vmstate_indexes", &state),
                octets: words(registers))
        }
        return try #require(ArmSystemRegisters(header, state))
    }

    @Test(
        "Registers that the target has beside those sent are no fault",
        arguments: [[2, 4], [1, 2, 3, 4, 5], [2, 3, 4]] as [[UInt64]])
    func moreRegisters(own: [UInt64]) throws {
        #expect(try processor([2, 4]).fault(header, own: processor(own)) == nil)
    }

    @Test(
        "The first register that the target lacks is told",
        arguments: [
            ([2, 3, 4], [2, 4, 5], 1), ([1, 2], [2, 3], 0), ([1, 2, 3], [1, 2], 2),
        ] as [([UInt64], [UInt64], Int)])
    func unknownRegister(sent: [UInt64], own: [UInt64], place: Int) throws {
        let fault = try #require(try processor(sent).fault(header, own: processor(own)))
        #expect(fault.path == ".cpreg_vmstate_indexes[\(place)]")
        #expect(fault.severity == .error)
        #expect(
            fault.loaderMessages == [
                "system register 0x\(sent[place]) in the incoming stream but unknown on the destination"
            ])
    }

    @Test("Behind the last register that the target has, QEMU looks at none")
    func registersBehind() throws {
        #expect(try processor([1, 9]).fault(header, own: processor([1, 2])) == nil)
    }

    // MARK: Power

    private func processor(version: UInt64, mode: UInt64? = nil) throws -> PowerProcessor {
        var registers = [UInt64](repeating: 0, count: 1024)
        registers[287] = version
        let state = state { state, name in
            state.add(
                .scalars, of: .uint64, name: name("env.spr", &state), octets: words(registers))
            guard let mode else { return }
            let section = state.beginContainer(
                .subsection, name: name("cpu/compat", &state), version: 1)
            state.add(.uint32, name: name("compat_pvr", &state), bits: mode)
            state.endContainer(section)
        }
        return try #require(PowerProcessor(header, state))
    }

    @Test(
        "A model takes the revisions that QEMU's families take",
        arguments: [
            // POWER8, POWER10: DD2.0 and DD1.0.
            (0x004d_0200, 0x004d_0100, nil), (0x0080_1200, 0x0080_1100, .error),
            // POWER9: DD2.0 for DD2.2 and DD2.1, DD2.3 for DD2.2.
            (0x004e_1200, 0x004e_1202, .error), (0x004e_1202, 0x004e_1200, .warning),
            (0x004e_1201, 0x004e_1200, nil), (0x004e_1203, 0x004e_1202, nil),
            // e500v2, which has no family of revisions.
            (0x8021_0030, 0x8021_0022, .error),
        ] as [(UInt64, UInt64, CompatibilityFinding.Severity?)])
    func revisions(sent: UInt64, own: UInt64, severity: CompatibilityFinding.Severity?) throws {
        let fault = try processor(version: sent).fault(header, own: processor(version: own))
        #expect(fault?.severity == severity)
    }

    @Test("Another model is a fault, a compatibility mode is none")
    func models() throws {
        let power10 = try processor(version: 0x0080_1200)
        let fault = try #require(
            try processor(version: 0x004e_1200, mode: 0).fault(header, own: power10))
        #expect(fault.path == ".env.spr[287]")
        #expect(fault.expected == "PVR 0x801200" && fault.found == "PVR 0x4e1200")
        #expect(try processor(version: 0x0080_1201).fault(header, own: power10) == nil)
        #expect(
            try processor(version: 0x004e_1200, mode: 0x0f00_0005).fault(header, own: power10)
                == nil)
    }

    // MARK: PCI

    private func device(id: UInt64, vectors: UInt64, status: UInt64 = 0) throws -> PCIConfigSpace {
        let state = state { state, name in
            let parent = state.beginContainer(.structure, name: name("parent_obj", &state))
            let config = state.beginContainer(.structure, name: name("config", &state))
            state.add(.uint16le, name: name("vendor_id", &state), bits: 0x8086)
            state.add(.uint16le, name: name("device_id", &state), bits: id)
            state.add(.uint16le, name: name("status", &state), bits: status)
            let capability = state.beginContainer(.structure, name: name("msix_98", &state))
            state.add(.uint8, name: name("id", &state), bits: 0x11)
            state.add(.uint8, name: name("next", &state), bits: 0)
            state.add(.uint16le, name: name("control", &state), bits: vectors - 1)
            state.endContainer(capability)
            state.endContainer(config)
            state.endContainer(parent)
        }
        return try #require(PCIConfigSpace(header, state))
    }

    @Test("Another device id, another number of vectors: QEMU's own octets are told")
    func registers() throws {
        let own = try device(id: 0x100c, vectors: 4)
        let id = try #require(try device(id: 0x100e, vectors: 8).fault(header, own: own))
        #expect(id.path == ".parent_obj.config.device_id")
        #expect(id.found == "0x100e" && id.expected == "0x100c")
        #expect(
            id.loaderMessages == ["get_pci_config_device: Bad config data: i=0x2 read: e device: c"]
        )
        let vectors = try #require(try device(id: 0x100c, vectors: 8).fault(header, own: own))
        #expect(vectors.path == ".parent_obj.config.msix_98.control")
        #expect(
            vectors.loaderMessages == [
                "get_pci_config_device: Bad config data: i=0x9a read: 7 device: 3"
            ])
        // The upper octet of 0x200c.
        let upper = try #require(try device(id: 0x200c, vectors: 4).fault(header, own: own))
        #expect(
            upper.loaderMessages == [
                "get_pci_config_device: Bad config data: i=0x3 read: 20 device: 10"
            ])
    }

    @Test("A structure that is named as no place in the configuration space is none of it")
    func noCapability() throws {
        let state = state { state, name in
            let config = state.beginContainer(.structure, name: name("config", &state))
            state.add(.uint16le, name: name("vendor_id", &state), bits: 1)
            state.add(.uint16le, name: name("device_id", &state), bits: 2)
            for place in ["ffffffffffffffff", "1000", "x"] {
                let odd = state.beginContainer(.structure, name: name("x_\(place)", &state))
                state.add(.uint8, name: name("id", &state), bits: UInt64(place.utf8.count))
                state.add(.uint8, name: name("next", &state), bits: 1)
                state.endContainer(odd)
            }
            state.endContainer(config)
        }
        let space = try #require(PCIConfigSpace(header, state))
        #expect(space.fault(header, own: space) == nil)
    }

    @Test("What a guest changes is no fault: status, and whether MSI-X is on")
    func guestRegisters() throws {
        let own = try device(id: 0x100c, vectors: 4)
        #expect(try device(id: 0x100c, vectors: 4, status: 0x10).fault(header, own: own) == nil)
        #expect(try device(id: 0x100c, vectors: 0x8004).fault(header, own: own) == nil)
    }

    // MARK: Virtio

    private func queues(_ lengths: [UInt64]) throws -> Virtqueues {
        let state = state { state, name in
            let device = state.beginContainer(.structure, name: name("virtio", &state))
            let queues = state.beginContainer(.array, name: name("vq", &state))
            for length in lengths {
                let queue = state.beginContainer(.structure, name: -1)
                state.add(.uint32, name: name("num", &state), bits: length)
                state.endContainer(queue)
            }
            state.endContainer(queues)
            state.endContainer(device)
        }
        return try #require(Virtqueues(header, state))
    }

    @Test("A queue longer than the target's is a warning, for older versions take it")
    func virtqueues() throws {
        let own = try queues([256, 64])
        #expect(try queues([128, 64]).fault(header, own: own) == nil)
        let fault = try #require(try queues([256, 1024]).fault(header, own: own))
        #expect(fault.severity == .warning)
        #expect(fault.path == ".virtio.vq[1].num")
        #expect(fault.loaderMessages == ["VQ 1 vring.num 1024 exceeds allocated max 64"])
    }

    @Test("Sections that no rule is about have none")
    func nothing() {
        let state = state { state, name in
            state.add(.uint32, name: name("n", &state), bits: 1)
        }
        #expect(ArmSystemRegisters(header, state) == nil)
        #expect(PowerProcessor(header, state) == nil)
        #expect(PCIConfigSpace(header, state) == nil)
        #expect(Virtqueues(header, state) == nil)
    }
}
