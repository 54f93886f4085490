import ByteIO
import Migration

/// The main channel's connection after a recovery of post-copy (QEMU's `migration/savevm.c`,
/// `qemu_savevm_state_resume_prepare`): items without a header before them.
extension StreamReader {
    mutating func continued<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        try visitor.beginChannel(.continued, at: source.position)
        // QEMU forgets the remembered block when it recovers.
        currentBlock = nil
        isPostcopy = true
        infersSections = true
        try items(into: &visitor)
        try visitor.endChannel(mark: false)
    }

    /// What a PART or END goes on with whose START was in a connection that is not at hand: RAM, by
    /// the record that it begins with. Nothing else goes on after a recovery.
    /// The window has the section's header and eight octets of its payload.
    mutating func inferredSection(_ id: UInt32) -> SectionHeader? {
        guard
            let record = RAMRecord(source.window.bigEndian(at: 5), pageSize: pageSize),
            record.kind != .memSize, record.offset < StreamReader.unknownLength
        else { return nil }
        let header = SectionHeader(
            kind: .start, sectionID: id, name: "ram", instanceID: 0, versionID: 4)
        started[id] = header
        return header
    }
}
