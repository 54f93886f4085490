import ByteIO
import Migration

/// The VM state of a snapshot, read through the cluster tables as QEMU does: it stands behind the
/// disk's last cluster, as if the disk went on.
final class QCOW2VMState: ByteProducer {
    private let file: FileRange
    private let header: QCOW2Header
    private let l1: [UInt64]
    /// Where the VM state begins on the virtual disk.
    private let start: UInt64
    private let length: UInt64
    private var position: UInt64 = 0
    private var table: (index: Int, entries: [UInt64])?
    private var unpacked: (entry: UInt64, octets: [UInt8])?

    var size: UInt64? { length }

    /// Octets of L1 table that QEMU allows (`QCOW_MAX_L1_SIZE`).
    static let l1Limit = 32 << 20

    private var clusterSize: UInt64 { 1 << header.clusterBits }
    /// Entries of an L2 table, as a power of two.
    private static func l2Bits(_ header: QCOW2Header) -> UInt32 {
        header.clusterBits - (header.hasExtendedEntries ? 4 : 3)
    }

    init(
        _ file: FileRange, _ header: QCOW2Header, _ snapshot: QCOW2Header.Snapshot
    ) throws(MigrationError) {
        self.file = file
        self.header = header
        let path = "snapshot \(snapshot.facts.id)"
        let count = Int(snapshot.l1Count)
        guard count * 8 <= Self.l1Limit else {
            throw QCOW2.fault(
                .limit, at: snapshot.l1Offset, path,
                expected: "an L1 table of at most \(Self.l1Limit >> 20) MiB",
                found: "\(count) entries")
        }
        guard snapshot.l1Offset % (1 << header.clusterBits) == 0, snapshot.l1Offset > 0 else {
            throw QCOW2.fault(
                .corrupt, at: snapshot.l1Offset, path, expected: "an L1 table at a cluster",
                found: "0x\(String(snapshot.l1Offset, radix: 16))")
        }
        let octets = try QCOW2.read(file, at: snapshot.l1Offset, count: count * 8, "L1 table")
        l1 = (0..<count).map { QCOW2.number(octets, $0 * 8, 8) }
        // What one entry of L1 covers; QEMU's qcow2_vm_state_offset rounds the disk up to it.
        let unitBits = UInt64(header.clusterBits + Self.l2Bits(header))
        let disk = snapshot.facts.diskSize ?? header.diskSize
        let (raised, overflow) = disk.addingReportingOverflow((1 << unitBits) - 1)
        let start = (raised >> unitBits) << unitBits
        let length = snapshot.facts.vmStateSize
        guard !overflow, start >> unitBits <= UInt64(count),
            length <= (UInt64(count) - (start >> unitBits)) << unitBits
        else {
            throw QCOW2.fault(
                .corrupt, at: snapshot.l1Offset, path,
                expected: "an L1 table for \(length) octets of VM state",
                found: "\(count) entries, for \(UInt64(count) << unitBits) octets of disk and state"
            )
        }
        self.start = start
        self.length = length
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ByteIOError) -> Int {
        let count = try unsafe read(at: position, into: buffer)
        position += UInt64(count)
        return count
    }

    func read(
        at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ByteIOError) -> Int {
        guard offset < length else { return 0 }
        let wanted = Int(min(UInt64(buffer.count), length - offset))
        var filled = 0
        while filled < wanted {
            let place = start + offset + UInt64(filled)
            let within = Int(place & (clusterSize - 1))
            // A subcluster is the smallest unit of extended entries.
            let unit = header.hasExtendedEntries ? Int(clusterSize / 32) : Int(clusterSize)
            let count = min(wanted - filled, unit - within % unit)
            // The range lies in the buffer.
            let target = unsafe UnsafeMutableRawBufferPointer(
                rebasing: buffer[filled..<filled + count])
            try unsafe cluster(place, within, into: target)
            filled += count
        }
        return filled
    }

    // MARK: Clusters

    private func cluster(
        _ place: UInt64, _ within: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(ByteIOError) {
        let (entry, bitmap) = try entry(place)
        if (entry >> 62) & 1 == 1 { return try unsafe compressed(entry, within, into: target) }
        let offset = entry & 0x00ff_ffff_ffff_fe00
        var isZero = offset == 0 || !header.hasExtendedEntries && entry & 1 == 1
        if header.hasExtendedEntries {
            let subcluster = UInt64(within) / (clusterSize / 32)
            let isAllocated = (bitmap >> subcluster) & 1 == 1
            let isZeros = (bitmap >> (32 + subcluster)) & 1 == 1
            guard !(isAllocated && isZeros), !isAllocated || offset != 0 else {
                throw fault(
                    .corrupt, at: offset, expected: "a subcluster that is allocated or zeros",
                    found: "both, or one without a place")
            }
            isZero = !isAllocated
        }
        if isZero {
            unsafe target.initializeMemory(as: UInt8.self, repeating: 0)
            return
        }
        guard offset % clusterSize == 0 else {
            throw fault(
                .corrupt, at: offset, expected: "a cluster at a multiple of \(clusterSize)",
                found: "0x\(String(offset, radix: 16))")
        }
        // The last cluster of a file need not be whole; QEMU reads zeros behind its end.
        let from = offset + UInt64(within)
        guard offset < file.size ?? 0 else {
            throw fault(
                .corrupt, at: offset,
                expected: "a cluster within the file's \(file.size ?? 0) octets",
                found: "one at 0x\(String(offset, radix: 16))",
                hint: "the image is damaged, or was cut off")
        }
        let got = try unsafe file.read(at: from, into: target)
        // What is behind `got` is the target's own.
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[got...])
            .initializeMemory(as: UInt8.self, repeating: 0)
    }

    /// The L2 entry for a place on the disk, and its second half where there is one.
    private func entry(_ place: UInt64) throws(ByteIOError) -> (UInt64, bitmap: UInt64) {
        let l2Bits = Self.l2Bits(header)
        let number = place >> header.clusterBits
        let l1Index = Int(number >> l2Bits)
        let l2Index = Int(number & ((1 << l2Bits) - 1))
        guard l1Index < l1.count else { return (0, 0) }
        if table?.index != l1Index {
            let offset = l1[l1Index] & 0x00ff_ffff_ffff_fe00
            guard offset != 0 else { return (0, 0) }
            guard offset % clusterSize == 0 else {
                throw fault(
                    .corrupt, at: offset, expected: "an L2 table at a multiple of \(clusterSize)",
                    found: "0x\(String(offset, radix: 16))")
            }
            let octets = try file.octets(at: offset, count: Int(clusterSize))
            guard octets.count == Int(clusterSize) else {
                throw fault(
                    .corrupt, at: offset, expected: "an L2 table of \(clusterSize) octets",
                    found: "the end of the file, at 0x\(String(file.size ?? 0, radix: 16))",
                    hint: "the image is damaged, or was cut off")
            }
            table = (
                l1Index,
                (0..<octets.count / 8).map { QCOW2.number(octets, $0 * 8, 8) }
            )
        }
        guard let entries = table?.entries else { return (0, 0) }
        return header.hasExtendedEntries
            ? (entries[2 * l2Index], entries[2 * l2Index + 1]) : (entries[l2Index], 0)
    }

    private func compressed(
        _ entry: UInt64, _ within: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(ByteIOError) {
        if unpacked?.entry != entry {
            let offsetBits = UInt64(62 - (header.clusterBits - 8))
            let offset = entry & ((1 << offsetBits) - 1)
            let sectors = (entry & ((1 << 62) - 1)) >> offsetBits
            let size = Int((sectors + 1) * 512 - offset % 512)
            // The last sector may reach beyond the file's end.
            let octets = try file.octets(at: offset, count: size)
            guard
                let cluster = QCOW2Cluster.unpack(
                    octets, size: Int(clusterSize), isZstd: header.isZstd)
            else {
                throw fault(
                    .corrupt, at: offset,
                    expected: "a cluster compressed by \(header.isZstd ? "zstd" : "deflate")",
                    found: "other octets")
            }
            unpacked = (entry, cluster)
        }
        guard let octets = unpacked?.octets else { return }
        // Both ranges have the target's size, which ends within the cluster.
        unsafe octets.withUnsafeBytes {
            unsafe target.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: $0[within..<within + target.count]))
        }
    }

    private func fault(
        _ code: ContentFault.Code, at offset: UInt64, expected: String, found: String,
        hint: String? = nil
    ) -> ByteIOError {
        ByteIOError(
            ContentFault(
                code, format: "qcow2", at: offset, produced: position, expected: expected,
                found: found, hint: hint))
    }
}
