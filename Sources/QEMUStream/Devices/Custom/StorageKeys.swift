import Migration

/// `s390-skeys`: the guest's storage keys (QEMU's `hw/s390x/s390-skeys.c`).
///
/// Records begin with a be64 whose lower bits are flags: 2 for keys, which a be64 count and the keys
/// follow; 1 and 4 end the section.
extension CustomType {
    static let storageKeys = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        let array = decoder.begin(.array, named: name)
        while true {
            let record = decoder.begin(.structure)
            let flags = try decoder.number(.uint64, "addr_flags") & 0xfff
            switch flags {
            case 2:
                let count = try decoder.count(.uint64, "pages")
                try decoder.scalars(.uint8, "keys", count: count)
            case 1, 4: break
            default: throw decoder.misfit("a record with the flags \(flags)")
            }
            decoder.end(record)
            if flags != 2 { break }
        }
        decoder.end(array)
    }
}
