import Migration

/// What the USB redirection keeps in queues (QEMU's `hw/usb/redirect.c`).
extension CustomType {
    /// `usb-redir-bufpq`: be32 count; be32 length, be32 status and octets for each packet.
    static let redirectedPackets = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        let container = decoder.begin(.structure, named: name)
        let count = try decoder.count(.uint32, "count", least: 8)
        try decoder.structures("packets", count: count) {
            (decoder) throws(DeviceDecoder.Misfit) in
            let length = try decoder.number(.uint32, "len")
            try decoder.number(.int32, "status")
            guard length <= UInt64(decoder.remaining) else {
                throw decoder.misfit("a packet of \(length) octets")
            }
            try decoder.buffer("data", Int(length))
        }
        decoder.end(container)
    }

    /// `usb-redir-packet-id-q`: be32 count, be64 for each.
    static let redirectedPacketIDs = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        let container = decoder.begin(.structure, named: name)
        let count = try decoder.count(.uint32, "count", least: 8)
        try decoder.scalars(.uint64, "ids", count: count)
        decoder.end(container)
    }
}
