import ByteIO
import Migration

/// The header of a qcow2 image, and the table of its snapshots (QEMU's `docs/interop/qcow2.txt`).
struct QCOW2Header {
    static let magic: [UInt8] = [0x51, 0x46, 0x49, 0xfb]
    /// Snapshots that QEMU allows (`QCOW_MAX_SNAPSHOTS`).
    static let snapshotLimit = 65536
    /// Octets of the table that QEMU allows (`QCOW_MAX_SNAPSHOTS_SIZE`).
    static let tableLimit: UInt64 = 64 << 20
    /// Extra data of a snapshot that QEMU allows.
    static let extraLimit = 1024

    /// A snapshot, and where its tables are.
    struct Snapshot {
        var facts: VMSnapshot
        var l1Offset: UInt64
        var l1Count: UInt32
    }

    var version: UInt32
    var clusterBits: UInt32
    /// Of the disk as it is now, in octets.
    var diskSize: UInt64
    var hasExtendedEntries = false
    /// Whether compressed clusters are zstd's, not deflate's.
    var isZstd = false
    var snapshotCount: UInt32
    var snapshotOffset: UInt64

    // MARK: Header

    init(_ file: FileRange) throws(MigrationError) {
        let octets = try QCOW2.read(file, at: 0, count: 72, "the header")
        func number(_ at: Int, _ size: Int) -> UInt64 { QCOW2.number(octets, at, size) }
        version = UInt32(number(4, 4))
        clusterBits = UInt32(number(20, 4))
        diskSize = number(24, 8)
        snapshotCount = UInt32(number(60, 4))
        snapshotOffset = number(64, 8)
        guard version == 2 || version == 3 else {
            throw QCOW2.fault(
                .unsupported, at: 4, "header", expected: "version 2 or 3", found: "\(version)",
                hint: version == 1 ? "qcow, the format before qcow2, has no snapshots" : nil)
        }
        guard (9...21).contains(clusterBits) else {
            throw QCOW2.fault(
                .corrupt, at: 20, "header", expected: "clusters of 2^9 to 2^21 octets",
                found: "2^\(clusterBits)")
        }
        let encryption = number(32, 4)
        guard encryption == 0 else {
            let name = encryption == 1 ? "AES" : encryption == 2 ? "LUKS" : "method \(encryption)"
            throw QCOW2.fault(
                .unsupported, at: 32, "header", expected: "an image that is not encrypted",
                found: "one that is: \(name)",
                hint: "qemu-img can't copy a snapshot's VM state; load the snapshot in QEMU and "
                    + "save it with: migrate \"exec:berth encode -o vm.ber\"")
        }
        if version == 3 { try features(file) }
    }

    private mutating func features(_ file: FileRange) throws(MigrationError) {
        let octets = try QCOW2.read(file, at: 72, count: 32, "the header")
        let incompatible = QCOW2.number(octets, 0, 8)
        let length = QCOW2.number(octets, 28, 4)
        guard length >= 104, length <= 1 << clusterBits, length % 8 == 0 else {
            throw QCOW2.fault(
                .corrupt, at: 100, "header", expected: "a header of 104 octets or more",
                found: "\(length)")
        }
        guard incompatible & 4 == 0 else {
            throw QCOW2.fault(
                .unsupported, at: 72, "header", expected: "an image that holds its data itself",
                found: "one with an external data file",
                hint: "such images have no internal snapshots")
        }
        // Dirty, corrupt, compression type, extended entries; data file was looked at above.
        guard incompatible & ~0x1f == 0 else {
            throw QCOW2.fault(
                .unsupported, at: 72, "header", expected: "features 0 to 4",
                found: "0x\(String(incompatible, radix: 16))", hint: "a newer Berth may know it")
        }
        hasExtendedEntries = incompatible & 16 != 0
        guard !hasExtendedEntries || clusterBits >= 14 else {
            throw QCOW2.fault(
                .corrupt, at: 20, "header",
                expected: "clusters of 2^14 octets or more, with extended L2 entries",
                found: "2^\(clusterBits)")
        }
        if incompatible & 8 != 0 {
            let type = try QCOW2.read(file, at: 104, count: 1, "the compression type")[0]
            guard length > 104, type == 1 else {
                throw QCOW2.fault(
                    .unsupported, at: 104, "header",
                    expected: "clusters compressed by zlib or zstd",
                    found: "type \(type)")
            }
            isZstd = true
        }
    }

    // MARK: Snapshots

    /// Reads the table of snapshots.
    func snapshots(_ file: FileRange) throws(MigrationError) -> [Snapshot] {
        guard snapshotCount > 0 else { return [] }
        guard Int(snapshotCount) <= Self.snapshotLimit else {
            throw QCOW2.fault(
                .limit, at: 60, "header", expected: "at most \(Self.snapshotLimit) snapshots",
                found: "\(snapshotCount)")
        }
        guard snapshotOffset > 0, snapshotOffset % (1 << clusterBits) == 0,
            snapshotOffset < file.size ?? 0
        else {
            throw QCOW2.fault(
                .corrupt, at: 64, "header",
                expected: "the table of snapshots at a cluster of the file",
                found: "0x\(String(snapshotOffset, radix: 16))")
        }
        var result: [Snapshot] = []
        var at = snapshotOffset
        for index in 0..<snapshotCount {
            result.append(try entry(file, &at, "snapshots[\(index)]"))
            guard at - snapshotOffset <= Self.tableLimit else {
                throw QCOW2.fault(
                    .limit, at: at, "snapshots[\(index)]",
                    expected: "a table of at most \(Self.tableLimit >> 20) MiB", found: "more")
            }
        }
        return result
    }

    private func entry(
        _ file: FileRange, _ at: inout UInt64, _ path: String
    ) throws(MigrationError) -> Snapshot {
        let start = at
        let head = try QCOW2.read(file, at: start, count: 40, path)
        let idSize = Int(QCOW2.number(head, 12, 2))
        let nameSize = Int(QCOW2.number(head, 14, 2))
        let extraSize = Int(QCOW2.number(head, 36, 4))
        guard extraSize <= Self.extraLimit else {
            throw QCOW2.fault(
                .corrupt, at: start + 36, path,
                expected: "at most \(Self.extraLimit) octets of extra data", found: "\(extraSize)")
        }
        let size = 40 + extraSize + idSize + nameSize
        let octets = try QCOW2.read(file, at: start, count: size, path)
        at = start + UInt64((size + 7) / 8 * 8)
        let id = octets[(40 + extraSize)..<(40 + extraSize + idSize)]
        let name = octets[(40 + extraSize + idSize)..<size]
        let facts = VMSnapshot(
            id: String(decoding: id, as: UTF8.self), name: String(decoding: name, as: UTF8.self),
            seconds: UInt32(QCOW2.number(octets, 16, 4)),
            nanoseconds: UInt32(QCOW2.number(octets, 20, 4)),
            vmClock: QCOW2.number(octets, 24, 8),
            vmStateSize: extraSize >= 8
                ? QCOW2.number(octets, 40, 8) : QCOW2.number(octets, 32, 4),
            diskSize: extraSize >= 16 ? QCOW2.number(octets, 48, 8) : nil)
        return Snapshot(
            facts: facts, l1Offset: QCOW2.number(octets, 0, 8),
            l1Count: UInt32(QCOW2.number(octets, 8, 4)))
    }
}

/// What reading an image's structures has in common.
enum QCOW2 {
    static func number(_ octets: [UInt8], _ at: Int, _ size: Int) -> UInt64 {
        octets[at..<at + size].reduce(0) { $0 << 8 | UInt64($1) }
    }

    static func read(
        _ file: FileRange, at offset: UInt64, count: Int, _ path: String
    ) throws(MigrationError) -> [UInt8] {
        let octets: [UInt8]
        do { octets = try file.octets(at: offset, count: count) } catch {
            throw MigrationError(error)
        }
        guard octets.count == count else {
            throw fault(
                .truncated, at: min(offset, file.size ?? offset) + UInt64(octets.count), path,
                expected: "\(count) octets at 0x\(String(offset, radix: 16))",
                found: "the end of the file", hint: "the image was cut off: the copy is incomplete")
        }
        return octets
    }

    static func fault(
        _ code: MigrationError.Code, at offset: UInt64, _ path: String, expected: String,
        found: String, hint: String? = nil
    ) -> MigrationError {
        MigrationError(
            code, at: offset, path: "qcow2/" + path, expected: expected, found: found, hint: hint)
    }
}
