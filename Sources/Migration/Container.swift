/// The file that a stream came in, as far as a BER file keeps it.
public enum Container: Hashable, Sendable {
    /// Nothing but compression, by the program of this name.
    case compressed(String)
    case libvirt(LibvirtImage)
    /// A snapshot inside a disk image. The image itself is not kept.
    case snapshot(VMSnapshot)
}

/// An image that libvirt saved (its `qemu_saveimage.c`): a header of 92 octets in the byte order of
/// the host, data (the domain's XML, a cookie, zeros), and the stream.
public struct LibvirtImage: Hashable, Sendable {
    /// A piece of the data behind the header.
    public enum Part: Hashable, Sendable {
        /// The domain's XML, up to its NUL, which follows as a zero.
        case xml([UInt8])
        /// What libvirt keeps for itself; XML too.
        case cookie([UInt8])
        /// So many octets of zero.
        case zeros(UInt32)
        case other([UInt8])
    }

    /// Octets of a header.
    public static let headerSize = 92
    /// How a complete image begins.
    public static let magic = Array("LibvirtQemudSave".utf8)
    /// How one begins that libvirt has not finished.
    public static let partialMagic = Array("LibvirtQemudPart".utf8)
    /// What a number for the format means, from 0 on.
    public static let formats = ["raw", "gzip", "bzip2", "xz", "lzop", "zstd", "sparse"]

    public var isPartial = false
    public var isBigEndian = false
    public var version: UInt32 = 2
    /// 1: the guest ran when it was saved.
    public var wasRunning: UInt32 = 0
    /// An index into ``formats``.
    public var format: UInt32 = 0
    /// Octets from the data's start to the cookie; 0: there is none.
    public var cookieOffset: UInt32 = 0
    /// The header's last 56 octets, if they are not zeros.
    public var reserved: [UInt8]?
    public var data: [Part] = []

    public init() {}

    /// Whether the stream is compressed.
    public var isCompressed: Bool { (1...5).contains(format) }

    /// Octets of the data.
    public var dataLength: UInt64 {
        data.reduce(0) { sum, part in
            switch part {
            case .xml(let octets), .cookie(let octets), .other(let octets):
                sum + UInt64(octets.count)
            case .zeros(let count): sum + UInt64(count)
            }
        }
    }

    /// The header's octets.
    public var header: [UInt8] {
        var octets = isPartial ? Self.partialMagic : Self.magic
        for number in [
            version, UInt32(truncatingIfNeeded: dataLength), wasRunning, format, cookieOffset,
        ] {
            for index in 0..<4 {
                let shift = UInt32(isBigEndian ? 24 - 8 * index : 8 * index)
                octets.append(UInt8(truncatingIfNeeded: number >> shift))
            }
        }
        return octets + (reserved ?? [UInt8](repeating: 0, count: 56))
    }
}

extension LibvirtImage {
    /// All that stands before the stream.
    public var octets: [UInt8] {
        var result = header
        for part in data {
            switch part {
            case .xml(let octets), .cookie(let octets), .other(let octets): result += octets
            case .zeros(let count): result += [UInt8](repeating: 0, count: Int(count))
            }
        }
        return result
    }
}

/// A snapshot of a VM in a disk image (QEMU's `savevm`).
public struct VMSnapshot: Hashable, Sendable {
    public var id: String
    public var name: String
    /// Seconds since 1970 in UTC, and nanoseconds.
    public var seconds: UInt32
    public var nanoseconds: UInt32
    /// How long the guest had run, in nanoseconds.
    public var vmClock: UInt64
    /// In octets.
    public var vmStateSize: UInt64
    /// Of the virtual disk, in octets; `nil` if the image doesn't say.
    public var diskSize: UInt64?

    public init(
        id: String, name: String, seconds: UInt32, nanoseconds: UInt32, vmClock: UInt64,
        vmStateSize: UInt64, diskSize: UInt64?
    ) {
        self.id = id
        self.name = name
        self.seconds = seconds
        self.nanoseconds = nanoseconds
        self.vmClock = vmClock
        self.vmStateSize = vmStateSize
        self.diskSize = diskSize
    }
}

/// A container's own octets that a BER file keeps: what compression made of the stream.
public struct PackedOctets: Hashable, Sendable {
    /// How many there are.
    public var length: UInt64
    /// Octets of the stream that they unpack to, and its CRC-32C.
    public var streamLength: UInt64
    public var streamChecksum: UInt32

    public init(length: UInt64, streamLength: UInt64, streamChecksum: UInt32) {
        self.length = length
        self.streamLength = streamLength
        self.streamChecksum = streamChecksum
    }
}
