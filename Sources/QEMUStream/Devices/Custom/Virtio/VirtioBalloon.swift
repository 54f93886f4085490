import Migration

/// The balloon's part (QEMU's `hw/virtio/virtio-balloon.c`, `vmstate_virtio_balloon_device`).
enum VirtioBalloon {
    static let ways = [
        VirtioDeviceWay { (decoder, _) throws(DeviceDecoder.Misfit) in
            let part = try decoder.begin(.structure, "device")
            try decoder.numbers(.uint32, "num_pages", "actual")
            // Up to 6.0 the second one's name lacked an r.
            while let name = decoder.subsectionName(prefix: "virtio-balloon-device/")
                ?? decoder.subsectionName(prefix: "vitio-balloon-device/")
            {
                try decoder.subsection(name) { (decoder, _) throws(DeviceDecoder.Misfit) in
                    switch name.split(separator: "/").last {
                    case "free-page-report"?:
                        try decoder.numbers(
                            .uint32, "free_page_hint_cmd_id", "free_page_hint_status")
                    case "page-poison"?: try decoder.number(.uint32, "poison_val")
                    default: throw decoder.misfit("a subsection \(name)")
                    }
                }
            }
            decoder.end(part)
        }
    ]
}
