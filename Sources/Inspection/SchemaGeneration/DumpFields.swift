internal import Migration

/// What `-dump-vmstate` doesn't tell of a field, and QEMU's sources do.
enum DumpFields {
    /// Whether a field is an array whose length the device knows: one of no elements is not sent
    /// (`VMSTATE_VARRAY_…`, `VMSTATE_STRUCT_VARRAY_…`).
    static func isVariableArray(_ field: Substring, of body: String) -> Bool {
        variableArrays[body]?.contains(String(field)) == true
    }

    /// Octets on the wire of numbers that C has with others (`VMSTATE_SINGLE` with a `VMStateInfo`
    /// of its own).
    static func width(_ field: Substring, of body: String) -> Int? {
        switch (body, field) {
        // hw/nvram/fw_cfg.c: before version 2.
        case ("fw_cfg", "cur_offset"): 2
        // hw/rtc/twl92230.c: the parts of a `struct tm`.
        case ("menelaus_tm", _): 2
        default: nil
        }
    }

    /// By the description's name: from the sources of QEMU 7.2 and 10.0, and as streams of 11.1 show.
    private static let variableArrays: [String: Set<String>] = [
        "ahci": ["dev"],
        "arm.cortex-a9-global-timer": ["per_cpu"],
        "arm_gicv3": ["cpu"],
        "arm_mptimer": ["timerblock"],
        "CPU hotplug state": ["devs"],
        "hpet": ["timer"],
        "ibex-spi": ["config_opts"],
        "ics": ["irqs"],
        "ide_drive/pio_state": ["io_buffer"],
        "loongarch.extioi": ["cpu"],
        "loongson_ipi": ["cpu"],
        "memory hotplug state": ["devs"],
        "mps2-scc": ["oscclk"],
        "nvram": ["contents"],
        "nvme": ["aer_reqs", "cq", "sq"],
        "openpic": ["dst", "src"],
        "or-irq-extras": ["levels"],
        "PCIE_AER_ERROR_LOG": ["log"],
        "pl330": ["chan"],
        "pl330_queue": ["queue"],
        "pxa2xx_dma": ["chan"],
        "qxl": ["guest_surfaces.cmds"],
        "realview_sysctl": ["db_clock"],
        "riscv_aplic": ["idelivery", "iforce", "ithreshold", "sourcecfg", "state", "target"],
        "riscv_imsic": ["eidelivery", "eistate", "eithreshold"],
        "riscv_mtimer": ["timecmp"],
        "riscv_sifive_plic": [
            "claimed", "enable", "pending", "source_priority", "target_priority",
        ],
        "spapr-xive": ["eat", "endt"],
        "spapr_pci": ["msi_devs"],
        "stellaris_gamepad": ["buttons", "pressed"],
        "tz-mpc": ["blk_lut"],
        "virtio-net-device": ["unused"],
        "virtio-net-device/rss": ["rss_data.indirections_table"],
        "virtio-net-tx_waiting": ["vqs_1"],
        "vmbus-dev": ["channels"],
        "vmbus/gpadl": ["gfns"],
        "vmware_vga_internal": ["scratch"],
        "xen_evtchn": ["pirq_inuse_bitmap", "port_table"],
        "xen_gnttab": ["gnt_frame_gpas"],
        "xen_xenstore": ["impl_state"],
        "xhci-core": ["intr", "ports", "slots"],
    ]

    /// `sizeof(QEMUTimer)` on hosts of 64 bits; 8 octets on the wire (`VMSTATE_TIMER`).
    static let timerSize: UInt64 = 48

    /// The description of CPUs, where they are in a dump at all. Many of their registers have a
    /// `VMStateInfo` of their own: their size in C doesn't tell what is sent.
    static let cpu = "cpu"

    static let allScalars: Set<DeviceState.Kind> = [
        .bool, .uint8, .uint16, .uint32, .uint64, .int8, .int16, .int32, .int64,
    ]

    /// Numbers of so many octets: a dump tells neither signs nor BOOLEANs.
    static func scalars(width: Int) -> Set<DeviceState.Kind> {
        allScalars.filter { $0.width == width }
    }
}
