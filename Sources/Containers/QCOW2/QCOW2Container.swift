import ByteIO
import Migration

/// A disk image with internal snapshots (`savevm`), each perhaps with a VM's state.
enum QCOW2Container: ContainerFormat {
    static let name = "qcow2 image"

    static func begins(_ start: RawSpan) -> Bool {
        start.byteCount >= 8 && start.extracting(first: 4).octets == QCOW2Header.magic
            && start.octet(at: 4) == 0
    }

    static func open(
        _ source: consuming ByteSource, _ opening: inout ContainerOpening
    ) throws(MigrationError) -> ByteSource {
        guard let file = source.range() else {
            throw QCOW2.fault(
                .unsupported, at: 0, "header", expected: "a file, to be read here and there",
                found: opening.layers.isEmpty ? "a pipe" : "octets that are unpacked meanwhile",
                hint: opening.layers.isEmpty
                    ? "name the image in place of piping it" : "unpack the image into a file first")
        }
        let header = try QCOW2Header(file)
        let snapshots = try header.snapshots(file)
        let choice = choose(snapshots, opening.options.snapshot)
        opening.layers.append(layer(header, snapshots, try? choice.get()))
        let chosen = snapshots[try choice.get()]
        let state = try QCOW2VMState(file, header, chosen)
        if opening.options.keeping != .nothing, opening.mayKeep {
            opening.container = .snapshot(chosen.facts)
        }
        return ByteSource(producer: state, path: source.path)
    }

    // MARK: Choosing

    /// By ID, else by name, else the only one that has VM state.
    private static func choose(
        _ snapshots: [QCOW2Header.Snapshot], _ wanted: String?
    ) -> Result<Int, MigrationError> {
        func fault(_ expected: String, _ found: String, _ hint: String?) -> MigrationError {
            QCOW2.fault(
                .unsupported, at: 0, "snapshots", expected: expected, found: found, hint: hint)
        }
        let list = snapshots.indices.filter { snapshots[$0].facts.vmStateSize > 0 }
        let names =
            list.prefix(8).map {
                "\(snapshots[$0].facts.id) (\(printable(snapshots[$0].facts.name)))"
            }.joined(separator: ", ") + (list.count > 8 ? ", …" : "")
        let hint = list.isEmpty ? nil : "--snapshot takes one of: \(names)"
        guard let wanted else {
            if list.count == 1 { return .success(list[0]) }
            guard list.isEmpty else {
                return .failure(
                    fault("one snapshot with VM state", "\(list.count) of them", hint))
            }
            return .failure(
                fault(
                    "a snapshot with VM state",
                    snapshots.isEmpty
                        ? "an image without snapshots" : "snapshots of the disk alone",
                    "savevm makes one; qemu-img snapshot -c leaves the VM's state out"))
        }
        let found =
            snapshots.firstIndex { $0.facts.id == wanted }
            ?? snapshots.firstIndex { $0.facts.name == wanted }
        guard let found else {
            return .failure(
                fault("a snapshot \(printable(wanted))", "none of that name or ID", hint))
        }
        guard snapshots[found].facts.vmStateSize > 0 else {
            return .failure(
                fault("a snapshot with VM state", "\(printable(wanted)), which has none", hint))
        }
        return .success(found)
    }

    // MARK: Telling

    private static func layer(
        _ header: QCOW2Header, _ snapshots: [QCOW2Header.Snapshot], _ chosen: Int?
    ) -> ContainerLayer {
        var details = [
            ContainerLayer.Detail("version", "\(header.version)"),
            .init("cluster size", "\(1 << header.clusterBits) octets"),
            .init("disk size", "\(header.diskSize) octets"),
        ]
        if header.hasExtendedEntries { details.append(.init("L2 entries", "extended")) }
        let list = snapshots.indices.map { index in
            let facts = snapshots[index].facts
            return ContainerLayer.Snapshot(
                facts, diskSize: facts.diskSize ?? header.diskSize, isChosen: index == chosen)
        }
        return ContainerLayer(name, details, snapshots: list)
    }

    /// Without what a terminal would obey.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map {
                    $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) ? "?" : $0
                }))
    }
}

extension ContainerLayer.Snapshot {
    init(_ facts: VMSnapshot, diskSize: UInt64, isChosen: Bool) {
        id = facts.id
        name = facts.name
        date = UTCTime.text(facts.seconds)
        vmClock = facts.vmClock
        vmStateSize = facts.vmStateSize
        self.diskSize = diskSize
        self.isChosen = isChosen
    }
}

/// Seconds since 1970 as a date of the Gregorian calendar, in UTC.
enum UTCTime {
    static func text(_ seconds: UInt32) -> String {
        var days = Int(seconds / 86400)
        let rest = Int(seconds % 86400)
        var year = 1970
        while true {
            let length = isLeap(year) ? 366 : 365
            if days < length { break }
            days -= length
            year += 1
        }
        var month = 1
        for length in [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
            if days < length { break }
            days -= length
            month += 1
        }
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
        return "\(year)-\(two(month))-\(two(days + 1))T"
            + "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }

    private static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }
}
