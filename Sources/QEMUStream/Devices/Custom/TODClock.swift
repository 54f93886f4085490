import Migration

/// `todclock`: an octet that tells whether a value follows; the epoch index and the clock (QEMU's
/// `hw/s390x/tod.c`, `s390_tod_save`).
extension CustomType {
    static let todClock = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        let container = decoder.begin(.structure, named: name)
        let hasValue = try decoder.number(.uint8, "has_value")
        guard hasValue <= 1 else { throw decoder.misfit("a clock of kind \(hasValue)") }
        if hasValue == 1 {
            try decoder.number(.uint8, "high")
            try decoder.number(.uint64, "low")
        }
        decoder.end(container)
    }
}
