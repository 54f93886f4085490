public import Migration

extension ContainerLayer {
    /// What is told of an image. The XML has secrets: only its length and its hash are shown.
    public init(_ image: LibvirtImage) {
        var details = [
            Detail("complete", image.isPartial ? "no: libvirt was still saving" : "yes"),
            Detail("byte order", image.isBigEndian ? "big-endian" : "little-endian"),
            Detail("version", "\(image.version)"),
            Detail("was running", image.wasRunning == 0 ? "no" : "yes"),
            Detail(
                "format",
                Int(image.format) < LibvirtImage.formats.count
                    ? LibvirtImage.formats[Int(image.format)] : "\(image.format)"),
        ]
        for part in image.data {
            switch part {
            case .xml(let octets):
                details.append(Detail("XML", "\(octets.count) octets"))
                details.append(Detail("XML SHA-256", SHA256.hex(octets)))
            case .cookie(let octets):
                details.append(Detail("cookie", "\(octets.count) octets"))
                details.append(Detail("cookie SHA-256", SHA256.hex(octets)))
            case .zeros(let count): details.append(Detail("zeros", "\(count) octets"))
            case .other(let octets): details.append(Detail("other", "\(octets.count) octets"))
            }
        }
        details.append(
            Detail("stream at", "\(UInt64(LibvirtImage.headerSize) + image.dataLength)"))
        self.init(LibvirtContainer.name, details)
    }

    /// What is told of a container that a BER file keeps.
    public init(_ container: Container) {
        switch container {
        case .compressed(let name): self.init(name)
        case .libvirt(let image): self.init(image)
        case .snapshot(let facts):
            self.init(
                QCOW2Container.name,
                snapshots: [Snapshot(facts, diskSize: facts.diskSize ?? 0, isChosen: true)])
        }
    }
}
