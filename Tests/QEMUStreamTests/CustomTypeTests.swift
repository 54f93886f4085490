import Migration
import TestSupport
import Testing

/// Custom types with their octets worked out by hand from the reference (8.4 to 8.6, 6.5 to 6.7).
@Suite("Binary stream: inside opaque fields")
struct CustomTypeTests {
    /// A field of a type, its octets, and what they hold.
    static let vectors: [(String, String, String)] = [
        (
            "pci irq state", "00000001 00000000 00000000 00000002",
            "uint32s 00000001000000000000000000000002"
        ),
        // One vector: 16 octets least significant first, then one octet of pending bits.
        (
            "msix state", "0010e0fe 00000000 41000000 01000000 01",
            "{table: array[{address: uint32le 4276097024, address_upper: uint32le 0, "
                + "data: uint32le 65, control: uint32le 1}], pending: uint8s 01}"
        ),
        // 1.0 as the x87 holds it.
        ("fpreg", "8000000000000000 3fff", "{mant: uint64 9223372036854775808, exp: uint16 16383}"),
        (
            "int_state", "01 00 01",
            "{is_masked: true, is_pending: false, is_asserted: true}"
        ),
        (
            "txq_descr",
            "0000000000001000 00000020 00000010 00000003 01 "
                + "0000000000002000 00000021 00000011 00000004 00 05 0000000000003000 "
                + (1...10).map { "00000000000000" + ($0 < 10 ? "0\($0)" : "0a") }.joined(),
            "{tx_ring: {pa: uint64 4096, size: uint32 32, cell_size: uint32 16, next: uint32 3, "
                + "gen: uint8 1}, comp_ring: {pa: uint64 8192, size: uint32 33, "
                + "cell_size: uint32 17, next: uint32 4, gen: uint8 0}, intr_idx: uint8 5, "
                + "tx_stats_pa: uint64 12288, txq_stats: {TSOPktsTxOK: uint64 1, "
                + "TSOBytesTxOK: uint64 2, ucastPktsTxOK: uint64 3, ucastBytesTxOK: uint64 4, "
                + "mcastPktsTxOK: uint64 5, mcastBytesTxOK: uint64 6, bcastPktsTxOK: uint64 7, "
                + "bcastBytesTxOK: uint64 8, pktsTxError: uint64 9, pktsTxDiscard: uint64 10}}"
        ),
        (
            "rxq_descr",
            "0000000000001000 00000020 00000010 00000003 01 "
                + "0000000000002000 00000021 00000011 00000004 00 "
                + "0000000000003000 00000022 00000012 00000006 01 07 0000000000004000 "
                + (1...10).map { "00000000000000" + ($0 < 10 ? "0\($0)" : "0a") }.joined(),
            "{rx_ring: array[{pa: uint64 4096, size: uint32 32, cell_size: uint32 16, "
                + "next: uint32 3, gen: uint8 1}, {pa: uint64 8192, size: uint32 33, "
                + "cell_size: uint32 17, next: uint32 4, gen: uint8 0}], "
                + "comp_ring: {pa: uint64 12288, size: uint32 34, cell_size: uint32 18, "
                + "next: uint32 6, gen: uint8 1}, intr_idx: uint8 7, rx_stats_pa: uint64 16384, "
                + "rxq_stats: {LROPktsRxOK: uint64 1, LROBytesRxOK: uint64 2, "
                + "ucastPktsRxOK: uint64 3, ucastBytesRxOK: uint64 4, mcastPktsRxOK: uint64 5, "
                + "mcastBytesRxOK: uint64 6, bcastPktsRxOK: uint64 7, bcastBytesRxOK: uint64 8, "
                + "pktsRxOutOfBuf: uint64 9, pktsRxError: uint64 10}}"
        ),
        ("slbe", "0000000008000000 0000000000000400", "uint64s 00000000080000000000000000000400"),
        (
            "tlb_entry", "00400000 00001fff 0012 001f 0000000000002000 0000000000003000",
            "{VPN: uint32 4194304, PageMask: uint32 8191, ASID: uint16 18, flags: uint16 31, "
                + "PFN: uint64s 00000000000020000000000000003000}"
        ),
        // As QEMU 2.5 has it, of a 64-bit target.
        (
            "tlb_entry", "0000000000400000 00001fff 12 001f 0000000000002000 0000000000003000",
            "{VPN: uint64 4194304, PageMask: uint32 8191, ASID: uint8 18, flags: uint16 31, "
                + "PFN: uint64s 00000000000020000000000000003000}"
        ),
        ("usb-redir-parser", "00000003 0a0b0c", "{length: uint32 3, data: buffer 0a0b0c}"),
        (
            "usb-redir-bufpq", "00000001 00000002 ffffffff aabb",
            "{count: uint32 1, packets: array[{len: uint32 2, status: int32 -1, "
                + "data: buffer aabb}]}"
        ),
        (
            "usb-redir-packet-id-q", "00000001 0000000000000007",
            "{count: uint32 1, ids: uint64s 0000000000000007}"
        ),
        (
            "octeon_llm_tree", "00000001 0000000000000002 0000000000000003",
            "{count: uint32 1, entries: array[{key: uint64 2, value: uint64 3}]}"
        ),
        ("scsi-requests", "00", "array[{state: int8 0}]"),
        (
            // A READ(10) under way on a disk behind a plain controller, with two octets in hand.
            "scsi-requests",
            "02 28000000000800000100000000000000 00000005 00000000 "
                + "0000000000000008 00000001 00000200 00000002 beef 00",
            "array[{state: int8 2, cdb: buffer 28000000000800000100000000000000, tag: uint32 5, "
                + "lun: uint32 0, sector: uint64 8, sector_count: uint32 1, "
                + "buflen: uint32 512, len: uint32 2, data: buffer beef}, {state: int8 0}]"
        ),
        (
            // A resource of 2 × 1 pixels, then one scanout as up to 2.12.
            "virtio-gpu",
            "00000001 00000002 00000001 00000001 00000001 0000000000001000 00000008 "
                + "1122334455667788 00000000 00000001 00000001 00000001 00000002 00000001 "
                + "00000000 00000000 00000000 00000000 00000000 00000000 00000000",
            "{resources: array[{resource_id: uint32 1, width: uint32 2, height: uint32 1, "
                + "format: uint32 1, iov_cnt: uint32 1, iov: array[{addr: uint64 4096, "
                + "len: uint32 8}], pixels: buffer 1122334455667788}, {resource_id: uint32 0}], "
                + "scanouts: {enable: int32 1, conf.max_outputs: uint32 1, "
                + "scanout: array[{resource_id: uint32 1, width: uint32 2, height: uint32 1, "
                + "x: int32 0, y: int32 0, cursor.resource_id: uint32 0, cursor.hot_x: uint32 0, "
                + "cursor.hot_y: uint32 0, cursor.pos.x: uint32 0, cursor.pos.y: uint32 0}]}}"
        ),
        (
            "blob", "00000002 00001000 00000001 0000000040000000 00001000 00000000",
            "array[{resource_id: uint32 2, blob_size: uint32 4096, iov_cnt: uint32 1, "
                + "iov: array[{addr: uint64 1073741824, len: uint32 4096}]}, "
                + "{resource_id: uint32 0}]"
        ),
        (
            "virtio-fs back-end state", "00000002 0102 00000000",
            "array[{length: uint32 2, data: buffer 0102}, {length: uint32 0}]"
        ),
        (
            "shpc",
            "00000000 01000000 02000000 02 03 0100 0010 04 05 06 07 0800 "
                + "00000000 00000000 00000000 11000000 12000000",
            "{base_offset: uint32le 0, slots_33: uint32le 1, slots_66: uint32le 2, "
                + "slot_count: uint8 2, first_device: uint8 3, physical_slot: uint16le 1, "
                + "bus_config: uint16le 4096, msi_control: uint8 4, interface: uint8 5, "
                + "command: uint8 6, command_target: uint8 7, command_status: uint16le 8, "
                + "interrupt_locator: uint32le 0, error_locator: uint32le 0, "
                + "error_control: uint32le 0, slots: uint32les 1100000012000000}"
        ),
    ]

    @Test("Each type's octets become the values that QEMU put there", arguments: vectors)
    func vector(_ type: String, _ body: String, _ expected: String) throws {
        let size = octets(body).count
        #expect(try Device.line(body, Device.field("f", type, size)) == "{f: \(expected)}")
    }

    @Test("An octet more or less leaves a blob, without a warning", arguments: vectors)
    func damaged(_ type: String, _ body: String, _ expected: String) throws {
        let whole = octets(body)
        let fixed = ["pci irq state", "slbe", "msix state"]
        for piece in [whole + [0xff], Array(whole.dropLast())] where !fixed.contains(type) {
            // Its layouts differ by so little.
            if type == "tlb_entry", [27, 28, 31, 32, 36].contains(piece.count) { continue }
            let warnings = Warnings()
            let line = try Device.line(
                hex(piece), Device.field("f", type, piece.count), warnings: warnings)
            #expect(line == "{f: blob \(hex(piece))}")
            #expect(warnings.all.isEmpty)
        }
    }

    @Test(
        "Counts from the input that nothing backs are refused, not followed",
        arguments: [
            ("usb-redir-bufpq", "ffffffff 00000002"), ("octeon_llm_tree", "ffffffff 00"),
            ("virtio-gpu", "00000001 ffffffff ffffffff 00000001 00000000 0000"),
            ("usb-redir-parser", "ffffffff"), ("irqs", "ffffffffffffffff 00"),
            ("virtio-fs back-end state", "7fffffff 01"),
            ("scsi-requests", "01 2a00 00"),
        ])
    func hostile(_ type: String, _ body: String) throws {
        let size = octets(body).count
        #expect(
            try Device.line(body, Device.field("f", type, size))
                == "{f: blob \(hex(octets(body)))}")
    }

    // MARK: PCI

    /// Configuration space of a function of type 0 with an MSI-X capability at 0x40, one vector.
    static var configuration: [UInt8] {
        var space = [UInt8](repeating: 0, count: 256)
        space.replaceSubrange(0..<4, with: [0xf4, 0x1a, 0x41, 0x10])
        space[6] = 0x10
        space[0x34] = 0x40
        space.replaceSubrange(0x40..<0x4c, with: [0x11, 0, 0, 0x80, 1, 0, 0, 0, 1, 8, 0, 0])
        return space
    }

    static let configurationText =
        "{vendor_id: uint16le 6900, device_id: uint16le 4161, command: uint16le 0, "
        + "status: uint16le 16, revision_id: uint8 0, prog_if: uint8 0, sub_class: uint8 0, "
        + "base_class: uint8 0, cache_line_size: uint8 0, latency_timer: uint8 0, "
        + "header_type: uint8 0, bist: uint8 0, "
        + "bar: uint32les 000000000000000000000000000000000000000000000000, "
        + "cardbus_cis: uint32le 0, subsystem_vendor_id: uint16le 0, subsystem_id: uint16le 0, "
        + "rom_address: uint32le 0, capabilities_pointer: uint8 64, reserved: buffer 00000000000000, "
        + "interrupt_line: uint8 0, interrupt_pin: uint8 0, min_grant: uint8 0, "
        + "max_latency: uint8 0, msix_40: {id: uint8 17, next: uint8 0, control: uint16le 32768, "
        + "table: uint32le 1, pending: uint32le 2049}, device_4c: buffer "
        + String(repeating: "00", count: 180) + "}"

    @Test("PCI configuration space: the header, capabilities by their chain, the rest as buffers")
    func configurationSpace() throws {
        #expect(
            try Device.line(
                hex(Self.configuration), Device.field("config", "pci config", 256))
                == "{config: \(Self.configurationText)}")
    }

    @Test("A chain of capabilities that runs in a circle or overlaps ends there")
    func circle() throws {
        var space = Self.configuration
        space[0x41] = 0x40
        let circle = try Device.line(hex(space), Device.field("config", "pci config", 256))
        #expect(circle.contains("msix_40: {id: uint8 17, next: uint8 64, "))
        // The next begins inside it.
        space[0x41] = 0x44
        let inside = try Device.line(hex(space), Device.field("config", "pci config", 256))
        #expect(inside.contains("msix_40: {"))
        #expect(!inside.contains("_44: {"))
    }

    // MARK: virtio

    /// A `virtio` field on PCI with MSI-X, one queue, of a device that saves `part` of its own.
    static func virtio(part: String) -> String {
        "00000002" + hex(configuration)
            + "00000000 00000000 00000000 00000000"  // irq_state
            + "00000000 00000000 00000000 01000000 00"  // MSI-X: one entry, pending
            + "ffff"  // config_vector
            + "0f 00 0000 00000001"  // status, isr, queue_sel, features
            + "00000002 aabb"  // config
            + "00000001 00000100 0000000000010000 0003 0001"  // one queue
            + part + "05 15 76697274696f2f36346269745f6665617475726573 00000001"
            + "0000000100000001"  // virtio/64bit_features
    }

    static func virtioText(part: String) -> String {
        "{virtio: {pci: {version: uint32 2, config: \(configurationText), "
            + "irq_state: uint32s 00000000000000000000000000000000, "
            + "msix: {table: array[{address: uint32le 0, address_upper: uint32le 0, "
            + "data: uint32le 0, control: uint32le 1}], pending: uint8s 00}, "
            + "config_vector: uint16 65535}, status: uint8 15, isr: uint8 0, "
            + "queue_sel: uint16 0, guest_features: uint32 1, config_len: uint32 2, "
            + "config: buffer aabb, queue_count: uint32 1, vq: array[{num: uint32 256, "
            + "desc: uint64 65536, last_avail_idx: uint16 3, vector: uint16 1}]"
            + (part.isEmpty ? "" : ", " + part)
            + ", virtio/64bit_features v1 {guest_features: uint64 4294967297}}}"
    }

    /// Devices, their own part's octets, and what these hold.
    static let parts: [(String, String, String)] = [
        ("virtio-rng", "", ""),
        (
            "virtio-balloon", "00000010 00000020",
            "device: {num_pages: uint32 16, actual: uint32 32}"
        ),
        ("virtio-blk", "00", "requests: list[]"),
        (
            "virtio-console", "0050 0019 0000001f 00000003 00000001 00000001 01 00 00000000",
            "device: {cols: uint16 80, rows: uint16 25, max_nr_ports: uint32 31, "
                + "ports_map: uint32s 00000003, nr_active_ports: uint32 1, "
                + "ports: array[{id: uint32 1, guest_connected: uint8 1, "
                + "host_connected: uint8 0, elem_popped: uint32 0}]}"
        ),
        (
            "virtio-mem", "0000000040000000 0000000010000000",
            "device: {usable_region_size: uint64 1073741824, requested_size: uint64 268435456}"
        ),
        (
            "virtio-iommu",
            "00000001 01 0000000000000005 00000005 00000001 "
                + "01 0000000000000000 0000000000000fff 0000000000200000 00000003 00 "
                + "01 00000008 00 00 00 01",
            "device: {domains: tree[uint64 5, {id: uint32 5, mappings: tree[{low: uint64 0, "
                + "high: uint64 4095}, {phys_addr: uint64 2097152, flags: uint32 3}], "
                + "endpoint_list: list[{id: uint32 8}], bypass: false}], config.bypass: uint8 1}"
        ),
        // Version 1, of QEMU 5.2 to 6.2, knows no bypass.
        (
            "virtio-iommu",
            "00000001 01 0000000000000005 00000005 00000001 "
                + "01 0000000000000000 0000000000000fff 0000000000200000 00000003 00 "
                + "01 00000008 00 00",
            "device: {domains: tree[uint64 5, {id: uint32 5, mappings: tree[{low: uint64 0, "
                + "high: uint64 4095}, {phys_addr: uint64 2097152, flags: uint32 3}], "
                + "endpoint_list: list[{id: uint32 8}]}]}"
        ),
        // A device that nobody knows: everything up to the subsections is a blob.
        ("virtio-unheard-of", "deadbeef", "device: blob deadbeef"),
    ]

    private func line(_ device: String, _ body: String) throws -> String {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.startRAM(2, RAM.endOfSection)
        stream.full(0, "0000:00:05.0/\(device)", octets(body))
        let size = octets(body).count
        stream.end(
            #"{"page_size": 4096, "devices": [{"name": "0000:00:05.0/\#(device)", "#
                + #""instance_id": 0, "vmsd_name": "\#(device)", "version": 1, "fields": ["#
                + Device.field("virtio", "virtio", size) + "]}]}")
        return try events(stream.octets)[5]
    }

    @Test(
        "A virtio device: transport, queues, the device's own part, subsections", arguments: parts)
    func virtio(_ device: String, _ part: String, _ expected: String) throws {
        #expect(
            try line(device, Self.virtio(part: part)) == Self.virtioText(part: expected))
    }

    @Test("Of a device that nobody knows, all subsections are read, not the last alone")
    func unknownVirtio() throws {
        // virtio/started and virtio/disabled behind it.
        let more =
            "05 0e 76697274696f2f73746172746564 00000001 01"
            + "05 0f 76697274696f2f64697361626c6564 00000001 00"
        let expected = Self.virtioText(part: "device: blob deadbeef").dropLast(2)
        #expect(
            try line("virtio-unheard-of", Self.virtio(part: "deadbeef") + more)
                == expected
                + ", virtio/started v1 {started: true}, virtio/disabled v1 {disabled: false}}}")
    }

    @Test("What does not end where the virtio field does leaves it a blob", arguments: parts)
    func damagedVirtio(_ device: String, _ part: String, _ expected: String) throws {
        let whole = octets(Self.virtio(part: part))
        for piece in [whole + [0], Array(whole.dropLast()), Array(whole.dropFirst())] {
            #expect(try line(device, hex(piece)) == "{virtio: blob \(hex(piece))}")
        }
        // One vector more than the table has.
        var more = whole
        more[4 + 0x42] = 1
        #expect(try line(device, hex(more)) == "{virtio: blob \(hex(more))}")
    }

    @Test("The network card's part depends on features and pairs of queues")
    func net() throws {
        let head = "525400123456 00000000 00000001 0001 01 00 00000001 333300000001"
        let vlans = String(repeating: "ff", count: 512)
        let rest = "00000001 00 00 00 00 00 00 00"
        let headText =
            "device: {mac: uint8s 525400123456, tx_waiting: uint32 0, "
            + "mergeable_rx_bufs: uint32 1, status: uint16 1, promisc: uint8 1, allmulti: uint8 0, "
            + "mac_table.in_use: uint32 1, mac_table.macs: array[uint8s 333300000001], "
            + "vlans: uint8s \(vlans), has_vnet_hdr: uint32 1, "
            + "mac_table.multi_overflow: uint8 0, mac_table.uni_overflow: uint8 0, "
            + "alluni: uint8 0, nomulti: uint8 0, nouni: uint8 0, nobcast: uint8 0, "
            + "has_ufo: uint8 0"
        #expect(
            try line("virtio-net", Self.virtio(part: head + vlans + rest))
                == Self.virtioText(part: headText + "}"))
        // Four pairs can be, two are: one further queue.
        #expect(
            try line("virtio-net", Self.virtio(part: head + vlans + rest + "0004 0002 00000007"))
                == Self.virtioText(
                    part: headText + ", max_queue_pairs: uint16 4, curr_queue_pairs: uint16 2, "
                        + "vqs_1.tx_waiting: uint32s 00000007}"))
        let rss =
            "05 15 76697274696f2d6e65742d6465766963652f727373 00000001 01 01 00 0000003f 0002 0000"
            + String(repeating: "6d", count: 40) + "0000 0001"
        #expect(
            try line("virtio-net", Self.virtio(part: head + vlans + rest + rss))
                == Self.virtioText(
                    part: headText + ", virtio-net-device/rss v1 {enabled: true, redirect: true, "
                        + "populate_hash: false, hash_types: uint32 63, "
                        + "indirections_len: uint16 2, default_queue: uint16 0, key: uint8s "
                        + String(repeating: "6d", count: 40)
                        + ", indirections_table: uint16s 00000001}}"))
    }

    @Test("A request under way: the queue's element in the host's order of octets")
    func element() throws {
        // index 7, one piece out and one in, addresses and lengths.
        func element(_ number: (Int, Int) -> String) -> String {
            let zeros = String(repeating: number(0, 8), count: 1023)
            let pieces = String(repeating: number(0, 8) + number(0, 8), count: 1023)
            return number(7, 4) + number(1, 4) + number(1, 4) + "00000000"
                + number(0x1000, 8) + zeros + number(0x2000, 8) + zeros
                + number(0x7f00, 8) + number(512, 8) + pieces
                + number(0x7f80, 8) + number(16, 8) + pieces
        }
        func big(_ value: Int, _ width: Int) -> String {
            hex((0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * (width - 1 - $0))) })
        }
        func little(_ value: Int, _ width: Int) -> String {
            hex((0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
        }
        for (order, kind) in [(little, "uint32le"), (big, "uint32")] {
            let text = try line("virtio-blk", Self.virtio(part: "01" + element(order) + "00"))
            #expect(
                text.contains(
                    "requests: list[{element: {index: \(kind) 7, out_num: \(kind) 1, "
                        + "in_num: \(kind) 1, padding: buffer 00000000, "))
            let queued = try line(
                "virtio-blk", Self.virtio(part: "01 00000001" + element(order) + "00"))
            #expect(
                queued.contains("requests: list[{queue: uint32 1, element: {index: \(kind) 7, "))
        }
    }

    // MARK: Sections without a description

    /// Handlers, their octets, what these hold.
    static let handlers: [(String, String, String)] = [
        (
            "todclock", "01 00 d9a4c6f0e1b20000",
            "{has_value: uint8 1, high: uint8 0, low: uint64 15682878540291899392}"
        ),
        ("todclock", "00", "{has_value: uint8 0}"),
        (
            "s390-skeys", "0000000000000002 0000000000000003 061016 0000000000000001",
            "array[{addr_flags: uint64 2, pages: uint64 3, keys: uint8s 061016}, "
                + "{addr_flags: uint64 1}]"
        ),
        (
            "slirp", "00 0102" + String(repeating: "0000 000000000000", count: 16),
            "{sockets: array[{mark: uint8 0}], ip_id: uint16 258, bootp_clients: array["
                + Array(
                    repeating: "{allocated: uint16 0, macaddr: buffer 000000000000}", count: 16
                ).joined(separator: ", ") + "]}"
        ),
    ]

    private func oldStyle(_ name: String, _ body: [UInt8]) throws -> String {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.startRAM(2, RAM.endOfSection)
        stream.full(0, name, body)
        stream.end(
            #"{"page_size": 4096, "devices": [{"name": "\#(name)", "instance_id": 0, "#
                + #""size": \#(body.count), "fields": ["#
                + Device.field("data", "buffer", body.count) + "]}]}")
        return try events(stream.octets)[5]
    }

    @Test("Old handlers' sections have fields", arguments: handlers)
    func handler(_ name: String, _ body: String, _ expected: String) throws {
        let whole = octets(body)
        #expect(try oldStyle(name, whole) == "{data: \(expected)}")
        #expect(try oldStyle(name, whole + [1]) == "{data: blob \(hex(whole))01}")
    }
}
