import Migration

/// `scsi-requests`: requests under way (QEMU's `hw/scsi/scsi-bus.c`, `put_scsi_requests`).
///
/// An octet before each, 1 for one to be retried and 2 for another; then its command block, tag and
/// LUN, and what the controller and the device keep of it; 00 behind the last. Which controller it
/// hangs on, the field doesn't tell; whatever fits to the end, and alone, is believed.
extension CustomType {
    static let scsiRequests = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        if decoder.remaining == 1 {
            return try decoder.scsiRequests(named: name, SCSIRequestForm.all[0])
        }
        try decoder.onlyWay(SCSIRequestForm.all) { (decoder, form) throws(DeviceDecoder.Misfit) in
            try decoder.scsiRequests(named: name, form)
        }
    }
}

/// What stands behind a request's head.
struct SCSIRequestForm: Sendable {
    /// Whether the controller is a virtio one, which keeps the queue's element.
    var isVirtio: Bool
    /// Whether the device is a disk, which keeps its place and buffer.
    var isDisk: Bool
    /// Whether a packed ring's count stands before the element.
    var isPacked = false

    static let all = [
        SCSIRequestForm(isVirtio: true, isDisk: true),
        SCSIRequestForm(isVirtio: true, isDisk: true, isPacked: true),
        SCSIRequestForm(isVirtio: true, isDisk: false),
        SCSIRequestForm(isVirtio: false, isDisk: true),
        SCSIRequestForm(isVirtio: false, isDisk: false),
    ]
}

extension DeviceDecoder {
    fileprivate mutating func scsiRequests(
        named name: Int32, _ form: SCSIRequestForm
    ) throws(Misfit) {
        let array = begin(.array, named: name)
        while true {
            let request = begin(.structure)
            let state = try number(.int8, "state")
            guard state <= 2 else { throw misfit("a request's state, or 0") }
            if state > 0 { try scsiRequest(form, isRetry: state == 1) }
            end(request)
            if state == 0 { break }
        }
        end(array)
    }

    private mutating func scsiRequest(
        _ form: SCSIRequestForm, isRetry: Bool
    ) throws(Misfit) {
        let command = octet() ?? 0
        try buffer("cdb", 16)
        try numbers(.uint32, "tag", "lun")
        if form.isVirtio {
            try number(.uint32, "queue")
            try virtqueueElement("element", isPacked: form.isPacked)
        }
        if form.isDisk {
            try number(.uint64, "sector")
            let sectors = try number(.uint32, "sector_count")
            let length = try number(.uint32, "buflen")
            guard length > 0 else { return }
            if SCSIRequestForm.writes(command) {
                try data(min(512 * sectors, length))
            } else if !isRetry {
                try data(try number(.uint32, "len"))
            }
        } else {
            let length = try number(.uint32, "buflen")
            if length > 0, SCSIRequestForm.writes(command), remaining > 1 { try data(length) }
        }
    }

    private mutating func data(_ length: UInt64) throws(Misfit) {
        guard length <= UInt64(max(remaining, 0)) else { throw misfit("\(length) octets of data") }
        try buffer("data", Int(length))
    }
}

extension SCSIRequestForm {
    /// Whether a command moves data to the device (QEMU's `scsi_cmd_xfer_mode`).
    fileprivate static func writes(_ command: UInt8) -> Bool {
        switch command {
        case 0x0a, 0x2a, 0xaa, 0x8a, 0x2e, 0xae, 0x8e, 0x41, 0x93, 0x15, 0x55, 0x3b, 0x04, 0x42,
            0x07, 0x1b, 0x24, 0x39, 0x3a, 0x3d, 0x3f, 0x40, 0x4c, 0x5d, 0x5f, 0x1d, 0xbf, 0x5b,
            0xa5, 0xb6, 0xa3, 0x18:
            true
        default: false
        }
    }
}
