import Migration

/// A vhost-user back end's state: be32 length and so many octets, until a length of 0 (QEMU's
/// `hw/virtio/vhost.c`, `vhost_save_backend_state`).
extension CustomType {
    static let backEndState = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        try decoder.backEndState(named: name)
    }
}

extension DeviceDecoder {
    mutating func backEndState(named name: Int32) throws(Misfit) {
        let array = begin(.array, named: name)
        while true {
            let chunk = begin(.structure)
            let length = try count(.uint32, "length")
            if length > 0 { try buffer("data", length) }
            end(chunk)
            if length == 0 { break }
        }
        end(array)
    }
}
