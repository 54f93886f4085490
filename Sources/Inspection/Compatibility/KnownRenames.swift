extension RenameTable {
    /// What QEMU renamed from 1.5 on without changing the wire (told by the history of its devices,
    /// and by `scripts/vmstate-static-checker.py` of 11.1, which has the names of a description in
    /// one list).
    public static let known: RenameTable = {
        var table = RenameTable()
        table.sections = [["ICH9 LPC", "ICH9-LPC"], ["e1000-82540em", "e1000"]]
        table.descriptions = [
            "ich9-ahci": [["ahci", "ich9_ahci"]],
            "ioh3420": [["PCIDevice", "PCIEDevice"]],
            "usb-mouse": [["usb-ptr-queue", "HIDPointerEventQueue"]],
            "usb-tablet": [["usb-ptr-queue", "HIDPointerEventQueue"]],
            "x3130-upstream": [["PCIDevice", "PCIEDevice"]],
            "xio3130-downstream": [["PCIDevice", "PCIEDevice"]],
        ]
        table.fields = [
            "I440FX": [["dev", "parent_obj"]],
            "PIIX3": [["pci_irq_levels", "pci_irq_levels_vmstate"]],
            "acpi-ghes": [["ghes_addr_le", "hw_error_le"]],
            "apic": [["timer", "timer_expiry"]],
            "cirrus_vga": [
                ["hw_cursor_x", "vga.hw_cursor_x"], ["hw_cursor_y", "vga.hw_cursor_y"],
            ],
            "e1000": [["dev", "parent_obj"]],
            "ehci": [["dev", "pcidev"]],
            "hpet": [["num_timers", "num_timers_save"]],
            "ich9_ahci": [["card", "parent_obj"]],
            "ioh-3240-express-root-port": expressPort,
            "lsiscsi": [["dev", "parent_obj"]],
            "mch": [["d", "parent_obj"]],
            "pci_bridge": [["bridge.dev", "parent_obj"], ["bridge.dev.shpc", "shpc"]],
            "pcnet": [["pci_dev", "parent_obj"]],
            "piix4_pm": [
                ["dev", "parent_obj"],
                ["pci0_status", "acpi_pci_hotplug.acpi_pcihp_pci_status[0x0]"],
                ["pm1a.sts", "ar.pm1.evt.sts"], ["pm1a.en", "ar.pm1.evt.en"],
                ["pm1_cnt.cnt", "ar.pm1.cnt.cnt"], ["tmr.timer", "ar.tmr.timer"],
                ["tmr.overflow_time", "ar.tmr.overflow_time"], ["gpe", "ar.gpe"],
            ],
            "qxl": [["num_surfaces", "ssd.num_surfaces"]],
            "rtl8139": [["dev", "parent_obj"]],
            "spapr_pci": [
                ["dma_liobn[0]", "mig_liobn"], ["mem_win_addr", "mig_mem_win_addr"],
                ["mem_win_size", "mig_mem_win_size"], ["io_win_addr", "mig_io_win_addr"],
                ["io_win_size", "mig_io_win_size"],
            ],
            "usb-ccid": [["abProtocolDataStructure", "abProtocolDataStructure.data"]],
            "usb-host": [["dev", "parent_obj"]],
            "vmware_vga": [["card", "parent_obj"]],
            "vmware_vga_internal": [["depth", "new_depth"]],
            "xhci": [["pci_dev", "parent_obj"]],
            "xio3130-express-downstream-port": expressPort,
            "xio3130-express-upstream-port": [
                ["br.dev", "parent_obj.parent_obj"],
                ["br.dev.exp.aer_log", "parent_obj.parent_obj.exp.aer_log"],
            ],
        ]
        return table
    }()

    private static let expressPort = [
        ["port.br.dev", "parent_obj.parent_obj.parent_obj"],
        ["port.br.dev.exp.aer_log", "parent_obj.parent_obj.parent_obj.exp.aer_log"],
    ]
}
