import BER
import ByteIO
import Migration

/// Iterators' records of version 4, as their layouts tell.
///
/// A record is an alternative with its place in the layout as context tag: a SEQUENCE of its parts
/// in the order of the wire, or, if it has one part alone, that part, or NULL if it has none.
/// Counts of data are left out. Texts that may be missing have context tags.
enum IteratorCoding {
    /// A part of a record that has a value in the file.
    enum Component {
        case number(Int)
        /// - Parameter tag: the context tag's number, if the text may be missing.
        case text(Int, tag: UInt64?)
        case data
    }

    /// The tag of a section's contents: its digits spell the layout's letters.
    static func tag(_ layout: IteratorLayout) -> Tag {
        .application(layout.letters.utf8.reduce(0) { $0 << 7 | UInt64($1 & 0x7f) })
    }

    /// The layout of a section's contents.
    static func layout(for tag: Tag) -> IteratorLayout? {
        IteratorRegistry.all.first { self.tag($0) == tag }
    }

    static func components(_ record: IteratorLayout.Record) -> [Component] {
        var result: [Component] = []
        var numbers = 0
        var texts = 0
        for part in record.parts {
            switch part {
            case .leading, .number:
                result.append(.number(numbers))
                numbers += 1
            case .text(_, let flag):
                result.append(.text(texts, tag: flag == nil ? nil : UInt64(texts)))
                texts += 1
            case .length: break
            case .data: result.append(.data)
            }
        }
        return result
    }

    /// Whether the record's one part stands for it, under its tag.
    static func isBare(_ components: [Component]) -> Bool {
        guard components.count == 1 else { return false }
        if case .text = components[0] { return false }
        return true
    }
}

/// Writes records of one iterator.
struct IteratorRecordEncoder {
    private let layout: IteratorLayout
    private let components: [[IteratorCoding.Component]]

    init(_ layout: IteratorLayout) {
        self.layout = layout
        components = layout.records.map(IteratorCoding.components)
    }

    /// Octets of a whole record with its data.
    func size(_ record: borrowing IteratorRecord) -> Int {
        let tag = Tag.context(UInt64(record.kind))
        let parts = components[record.kind]
        if parts.isEmpty { return BERSize.element(tag, 0) }
        if IteratorCoding.isBare(parts) { return size(parts[0], tag, record) }
        return BERSize.element(tag, contentSize(record))
    }

    private func contentSize(_ record: borrowing IteratorRecord) -> Int {
        var size = 0
        for part in components[record.kind] { size += self.size(part, nil, record) }
        return size
    }

    private func size(
        _ part: IteratorCoding.Component, _ tag: Tag?, _ record: borrowing IteratorRecord
    ) -> Int {
        switch part {
        case .number(let index): BERSize.integer(tag ?? .integer, record.numbers[index])
        case .text(let index, let optional):
            record.texts[index].map {
                BERSize.element(optional.map(Tag.context) ?? .utf8String, $0.utf8.count)
            } ?? 0
        case .data: Segments.size(tag ?? .octetString, record.dataLength)
        }
    }

    /// Writes a record up to its data's octets; segments' heads are written with these.
    func writeHead(
        _ record: borrowing IteratorRecord, to writer: inout BERWriter
    ) throws(ByteIOError) {
        let tag = Tag.context(UInt64(record.kind))
        let parts = components[record.kind]
        if parts.isEmpty { return try writer.null(tag) }
        if IteratorCoding.isBare(parts) { return try write(parts[0], tag, record, to: &writer) }
        try writer.head(tag, constructed: true, length: contentSize(record))
        for part in parts { try write(part, nil, record, to: &writer) }
    }

    private func write(
        _ part: IteratorCoding.Component, _ tag: Tag?, _ record: borrowing IteratorRecord,
        to writer: inout BERWriter
    ) throws(ByteIOError) {
        switch part {
        case .number(let index): try writer.integer(tag ?? .integer, record.numbers[index])
        case .text(let index, let optional):
            guard let text = record.texts[index] else { return }
            try writer.string(optional.map(Tag.context) ?? .utf8String, text)
        case .data:
            try Segments.writeHead(tag ?? .octetString, length: record.dataLength, to: &writer)
        }
    }
}
