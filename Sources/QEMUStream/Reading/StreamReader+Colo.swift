import ByteIO
import Migration

/// COLO's rounds, which follow the migration in the same channel (QEMU's `migration/colo.c`).
///
///     be32 1  be32 3            CHECKPOINT_REQUEST, VMSTATE_SEND
///       sections of RAM, 00
///     be32 4  be64 size         VMSTATE_SIZE
///       FULL sections, 00       of so many octets
///
/// The words are told as raw octets, between them sections and end marks like the stream's own.
extension StreamReader {
    private static let request: UInt64 = 0x0000_0001_0000_0003
    private static let vmstateSize: UInt32 = 4

    /// Tells all rounds that follow; what is none of them stays unread.
    mutating func coloRounds<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        while try beginsRound() {
            isColo = true
            try words(8, into: &visitor)
            guard try coloSections(into: &visitor), try load(12) >= 12,
                source.window.bigEndian(at: 0, as: UInt32.self) == StreamReader.vmstateSize
            else { return }
            let size: UInt64 = source.window.bigEndian(at: 4)
            try words(12, into: &visitor)
            guard size <= UInt64(options.waitLimit) else { return }
            let count = Int(size)
            guard try load(count) >= count else { return warnOfCut() }
            fullCount = 0
            if isDescribed(count) {
                guard try coloSections(into: &visitor) else { return }
            } else {
                if count > 0 { try visitor.raw(source.window.extracting(first: count)) }
                source.consume(count)
            }
        }
    }

    private mutating func words<V: MigrationVisitor & ~Copyable>(
        _ count: Int, into visitor: inout V
    ) throws(MigrationError) {
        try visitor.raw(source.window.extracting(first: count))
        source.consume(count)
    }

    /// Whether a round begins here: the words, and then what can be sections or their end.
    private mutating func beginsRound() throws(MigrationError) -> Bool {
        let count = try load(13)
        guard count >= 9, source.window.bigEndian(at: 0, as: UInt64.self) == StreamReader.request
        else { return false }
        switch source.window.octet(at: 8) {
        case 0: return true
        case 2, 3:
            return count >= 13 && started[source.window.bigEndian(at: 9, as: UInt32.self)] != nil
        default: return false
        }
    }

    /// Tells sections up to the end mark.
    /// - Returns: whether it came; if not, the connection broke.
    private mutating func coloSections<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) -> Bool {
        while true {
            guard try load(1) >= 1 else {
                warnOfCut()
                return false
            }
            let type = source.window.octet(at: 0)
            switch type {
            case 0:
                source.consume(1)
                try visitor.endOfStream()
                return true
            case 2, 3: try partOrEnd(into: &visitor)
            case 4: guard try full(into: &visitor) else { return false }
            default:
                throw error(
                    .corrupt, at: source.position, path: "COLO",
                    expected: "a section or the end mark",
                    found: "an item of type \(hex(UInt64(type)))")
            }
            if carriesRest {
                carriesRest = false
                return false
            }
        }
    }

    /// Whether the window's first `count` octets are the devices that the vmdesc lists, each with
    /// its footer, and the end mark.
    private func isDescribed(_ count: Int) -> Bool {
        guard let description else { return false }
        let window = source.window.extracting(first: count)
        var at = 0
        for device in description.devices {
            guard let header = SectionProbe.header(window, at: at), header.kind == .full,
                header.name == device.name, header.instanceID == device.instanceID,
                let total = device.body.total, total < UInt64(count - at)
            else { return false }
            at += header.size + Int(total)
            guard SectionProbe.footer(window, at: at, id: header.sectionID) else { return false }
            at += 5
        }
        return at == count - 1 && window.octet(at: at) == 0
    }
}
