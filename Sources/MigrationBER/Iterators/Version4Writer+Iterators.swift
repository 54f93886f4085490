import BER
import ByteIO
import Migration

/// The section of an iterator that is being written.
///
/// Its records are held until it is clear whether they are few: then all lengths are definite.
struct IteratorSection {
    let encoder: IteratorRecordEncoder
    let tag: Tag
    /// Octets of the records that are held.
    var held = 0
    var isStreaming = false
    /// The data of the record that was begun last.
    var data = OpaqueContents(length: 0)
    var dataLeft: UInt64 = 0

    /// Octets of records that are held at most.
    static let heldLimit = 64 << 10

    init(_ layout: IteratorLayout) {
        encoder = IteratorRecordEncoder(layout)
        tag = IteratorCoding.tag(layout)
    }
}

/// Iterators other than RAM.
extension Version4Writer {
    /// A record; its data follows in pieces.
    mutating func write(_ record: borrowing IteratorRecord) throws(MigrationError) {
        guard var open = iterator.take() else { return }
        defer { iterator = open }
        let size = open.encoder.size(record)
        try begin(size, &open)
        open.data = OpaqueContents(length: record.dataLength)
        open.dataLeft = record.dataLength
        let encoder = open.encoder
        do {
            if open.isStreaming {
                try encoder.writeHead(record, to: &writer)
            } else {
                try encoder.writeHead(record, to: &held)
            }
        } catch { throw BERFailure.wrap(error) }
        if open.dataLeft == 0, open.isStreaming { try checkpointIfDue() }
    }

    mutating func writeData(_ piece: RawSpan) throws(MigrationError) {
        guard var open = iterator.take() else { return }
        defer { iterator = open }
        let path = sectionName
        if open.isStreaming {
            try open.data.append(piece, path: path, to: &writer) { _ in }
        } else {
            try open.data.append(piece, path: path, to: &held) { _ in }
        }
        open.dataLeft -= UInt64(piece.byteCount)
        if open.dataLeft == 0, open.isStreaming { try checkpointIfDue() }
    }

    mutating func writeRest(_ octets: RawSpan) throws(MigrationError) {
        guard var open = iterator.take() else { return }
        defer { iterator = open }
        try begin(Segments.size(.octetString, UInt64(octets.byteCount)), &open)
        do {
            if open.isStreaming {
                try Segments.write(.octetString, octets, to: &writer)
            } else {
                try Segments.write(.octetString, octets, to: &held)
            }
        } catch { throw BERFailure.wrap(error) }
    }

    /// Makes place for a record of `size` octets: held, or behind the section's head.
    private mutating func begin(
        _ size: Int, _ open: inout IteratorSection
    ) throws(MigrationError) {
        if !open.isStreaming, open.held + size > IteratorSection.heldLimit {
            try stream(&open)
        }
        if open.isStreaming {
            indexRecord()
        } else {
            open.held += size
        }
    }

    /// Begins the section in the file, since it is going to have many octets.
    private mutating func stream(_ open: inout IteratorSection) throws(MigrationError) {
        guard let header = openHeader else { return }
        do {
            try SectionCoding.beginIndefinite(header, to: &writer)
            try writer.beginIndefinite(open.tag)
            try writer.sink.append(try held.sink.takeOctets())
        } catch { throw BERFailure.wrap(error) }
        open.isStreaming = true
        open.held = 0
    }

    /// Ends the contents.
    /// - Returns: whether the section's length is indefinite.
    mutating func endIterator(_ header: SectionHeader) throws(MigrationError) -> Bool {
        guard let open = iterator.take() else { return false }
        do {
            if open.isStreaming {
                try writer.endIndefinite()
            } else {
                try SectionCoding.writeHead(
                    header, contentsSize: BERSize.element(open.tag, open.held), to: &writer)
                try writer.head(open.tag, constructed: true, length: open.held)
                try writer.sink.append(try held.sink.takeOctets())
            }
        } catch { throw BERFailure.wrap(error) }
        return open.isStreaming
    }
}
