import Migration

/// `virtio-gpu`: resources with their memory and pixels, then the scanouts (QEMU's
/// `hw/display/virtio-gpu.c`, `virtio_gpu_save`).
extension CustomType {
    static let virtioGPU = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        try decoder.onlyWay([1, 2]) { (decoder, version) throws(DeviceDecoder.Misfit) in
            let gpu = decoder.begin(.structure, named: name)
            try decoder.gpuResources()
            try decoder.gpuScanouts(version: version)
            decoder.end(gpu)
        }
    }

    /// `blob`: resources that lie in the guest's memory alone.
    static let virtioGPUBlobs = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        let array = decoder.begin(.array, named: name)
        while true {
            let resource = decoder.begin(.structure)
            let id = try decoder.number(.uint32, "resource_id")
            if id != 0 {
                try decoder.number(.uint32, "blob_size")
                try decoder.gpuMemory(count: try decoder.count(.uint32, "iov_cnt", least: 12))
            }
            decoder.end(resource)
            if id == 0 { break }
        }
        decoder.end(array)
    }
}

extension DeviceDecoder {
    fileprivate mutating func gpuMemory(count: Int) throws(Misfit) {
        try structures("iov", count: count) { (decoder) throws(Misfit) in
            try decoder.number(.uint64, "addr")
            try decoder.number(.uint32, "len")
        }
    }

    fileprivate mutating func gpuResources() throws(Misfit) {
        let array = try begin(.array, "resources")
        while true {
            let resource = begin(.structure)
            let id = try number(.uint32, "resource_id")
            if id != 0 {
                let width = try number(.uint32, "width")
                let height = try number(.uint32, "height")
                try number(.uint32, "format")
                try gpuMemory(count: try count(.uint32, "iov_cnt", least: 12))
                // All formats that QEMU takes have four octets a pixel.
                let (pixels, overflow) = (4 * width).multipliedReportingOverflow(by: height)
                guard !overflow, pixels <= UInt64(remaining) else {
                    throw misfit("an image of \(width) × \(height)")
                }
                try buffer("pixels", Int(pixels))
            }
            end(resource)
            if id == 0 { break }
        }
        end(array)
    }

    fileprivate mutating func gpuScanouts(version: Int) throws(Misfit) {
        let container = try begin(.structure, "scanouts")
        try number(.int32, "enable")
        let most = try number(.uint32, "conf.max_outputs")
        guard (1...16).contains(most) else { throw misfit("\(most) outputs") }
        try structures("scanout", count: Int(most)) { (decoder) throws(Misfit) in
            try decoder.numbers(.uint32, "resource_id", "width", "height")
            try decoder.numbers(.int32, "x", "y")
            try decoder.numbers(
                .uint32, "cursor.resource_id", "cursor.hot_x", "cursor.hot_y", "cursor.pos.x",
                "cursor.pos.y")
            guard version >= 2 else { return }
            try decoder.number(.uint32, "fb.format")
            try decoder.buffer("fb.bytes_pp", 4)
            try decoder.numbers(.uint32, "fb.width", "fb.height", "fb.stride", "fb.offset")
        }
        end(container)
    }
}
