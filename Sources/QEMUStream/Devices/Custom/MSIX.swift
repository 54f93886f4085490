import Migration

/// `msix state`: the table's entries, 16 octets each, then a bit for each that is pending (QEMU's
/// `hw/pci/msix.c`, `msix_save`). All as the guest sees it, least significant octet first.
extension CustomType {
    static let msixState = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        // 16 octets for each vector, and one for each eight that have begun.
        let size = decoder.remaining
        let count = size * 8 / 129
        for vectors in max(count - 1, 1)...count + 1 where 16 * vectors + (vectors + 7) / 8 == size
        {
            return try decoder.msixState(named: name, vectors: vectors)
        }
        throw decoder.misfit("no number of vectors has \(size) octets")
    }
}

extension DeviceDecoder {
    mutating func msixState(named name: Int32, vectors: Int) throws(Misfit) {
        let state = begin(.structure, named: name)
        try msixTable(vectors: vectors)
        end(state)
    }

    /// The table and the pending bits, without a structure around them.
    mutating func msixTable(vectors: Int) throws(Misfit) {
        guard vectors >= 0, vectors <= 2048 else { throw misfit("\(vectors) vectors") }
        try structures("table", count: vectors) { (decoder) throws(Misfit) in
            try decoder.numbers(.uint32le, "address", "address_upper", "data", "control")
        }
        try scalars(.uint8, "pending", count: (vectors + 7) / 8)
    }
}
