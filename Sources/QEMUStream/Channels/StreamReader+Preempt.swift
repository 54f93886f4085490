import ByteIO
import Migration

/// The channel of pages that jump the queue (`postcopy-preempt`; QEMU's `migration/ram.c`,
/// `postcopy_preempt_thread`): page records without any framing.
extension StreamReader {
    mutating func preempt<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        let header = SectionHeader(
            kind: .part, sectionID: 0, name: "preempt", instanceID: 0, versionID: 4)
        try visitor.beginChannel(.preempt, at: source.position)
        currentBlock = nil
        isPostcopy = true
        var hasMark = false
        while true {
            let count = try load(8)
            if count == 0 { break }
            guard count >= 8 else {
                try channelRest(into: &visitor)
                break
            }
            let word: UInt64 = source.window.bigEndian(at: 0)
            guard let record = RAMRecord(word, pageSize: pageSize),
                record.isPage || record.kind == .endOfSection
            else {
                throw error(
                    .corrupt, at: source.position, path: header.name,
                    expected: "a page's record", found: "the word \(hex(word))")
            }
            if record.kind == .endOfSection {
                source.consume(8)
                hasMark = true
                guard try load(1) == 0 else {
                    throw error(
                        .corrupt, at: source.position, path: header.name,
                        expected: "the end of the input behind the end-of-section record",
                        found: "more octets")
                }
                break
            }
            if try !pages(record, header, into: &visitor) {
                try channelRest(into: &visitor)
                break
            }
        }
        try visitor.endChannel(mark: hasMark)
    }

    /// The connection broke inside a record or a message.
    mutating func channelRest<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) {
        warnOfCut()
        let rest = source.available
        try visitor.channelCut(source.window.extracting(first: rest))
        source.consume(rest)
    }
}
