import Migration

/// `tlb_entry` of MIPS (QEMU's `target/mips/sysemu/machine.c`, `put_tlb`): VPN, mask, ASID
/// (of one octet up to 2.5), MMID (since 5.2), flags, two physical page numbers.
extension CustomType {
    static let mipsTLBEntry = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        // VPN of 4 or 8 octets, with the MMID or without, with a short ASID or not.
        let (vpn, hasMMID): (DeviceState.Kind, Bool)
        switch decoder.remaining {
        case 27: (vpn, hasMMID) = (.uint32, false)
        case 31: (vpn, hasMMID) = (.uint64, false)
        case 28: (vpn, hasMMID) = (.uint32, false)
        case 32: (vpn, hasMMID) = decoder.isVPNWide ? (.uint64, false) : (.uint32, true)
        case 36: (vpn, hasMMID) = (.uint64, true)
        default: throw decoder.misfit("a TLB entry of \(decoder.remaining) octets")
        }
        let asid: DeviceState.Kind = decoder.remaining % 2 == 1 ? .uint8 : .uint16
        let entry = decoder.begin(.structure, named: name)
        try decoder.number(vpn, "VPN")
        try decoder.number(.uint32, "PageMask")
        try decoder.number(asid, "ASID")
        if hasMMID { try decoder.number(.uint32, "MMID") }
        try decoder.number(.uint16, "flags")
        try decoder.scalars(.uint64, "PFN", count: 2)
        decoder.end(entry)
    }
}

extension DeviceDecoder {
    /// Of the two entries that have 32 octets, a 64-bit target's is the older. The general registers
    /// stand before the TLB and tell the target.
    fileprivate var isVPNWide: Bool {
        state.nodes.contains { node in
            node.kind == .scalars && node.elementKind == .uint64 && state.name(of: node) == "gpr"
        }
    }
}
