import Migration

/// Types that are a row of numbers.
extension CustomType {
    /// `bitmap`: be64 words, whatever the host's word is.
    static let bitmap = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        try decoder.scalars(.uint64, named: name, count: decoder.remaining / 8)
    }

    /// Registers of two be64: `fpr` of MIPS, `avr` and `slbe` of PowerPC.
    static let registerPair = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        try decoder.scalars(.uint64, named: name, count: 2)
    }

    /// `fpreg` of x86 in QEMU up to 2.8 (`put_fpreg`): be64 mantissa, be16 exponent with the sign.
    static let x87Register = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        let container = decoder.begin(.structure, named: name)
        try decoder.number(.uint64, "mant")
        try decoder.number(.uint16, "exp")
        decoder.end(container)
    }

    /// `usb-redir-parser`, `GByteArray`: be32 count, octets.
    static let countedBuffer = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        let container = decoder.begin(.structure, named: name)
        let count = try decoder.count(.uint32, "length")
        try decoder.buffer("data", count)
        decoder.end(container)
    }

    /// `octeon_llm_tree`: be32 count, pairs of be64.
    static let octeonTree = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        let container = decoder.begin(.structure, named: name)
        let count = try decoder.count(.uint32, "count", least: 16)
        try decoder.structures("entries", count: count) {
            (decoder) throws(DeviceDecoder.Misfit) in
            try decoder.numbers(.uint64, "key", "value")
        }
        decoder.end(container)
    }

    /// `tlb entry` of HPPA: four be32.
    static let hppaTLBEntry = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        let isWide = decoder.remaining == 32
        try decoder.scalars(isWide ? .uint64 : .uint32, named: name, count: 4)
    }

    /// `irqs` of the floating interrupt controller: be64 count, 72 octets of the kernel's structure
    /// for each.
    static let floatingInterrupts = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        let container = decoder.begin(.structure, named: name)
        let count = try decoder.count(.uint64, "count", least: 72)
        let array = try decoder.begin(.array, "interrupts")
        for _ in 0..<count { try decoder.buffer(named: -1, 72) }
        decoder.end(array)
        decoder.end(container)
    }
}
