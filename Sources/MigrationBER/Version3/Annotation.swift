import BER
import ByteIO
import Migration

/// What the schema of 2014 has no place for, as `SecFull` entries whose names begin with `berth:`.
///
/// A reader that doesn't know them sees unknown sections with an octet string each. Their contents
/// are BER again: elements of version 4, where it has one for the purpose.
enum Annotation: String {
    /// First of all: `StreamInfo`. Its presence says that the file is annotated.
    case stream
    /// `Configuration`.
    case configuration
    /// The kind of the section that follows, where it is not the usual one: one octet.
    case section
    /// The section that follows is none of these, though its name begins like theirs.
    case literal
    /// The section that follows is the one before, gone on: pages behind `records`.
    case continued
    /// RAM records that the schema lacks: `RAMRecord`s of version 4.
    case records
    /// A PART or END that is not RAM: its payload. The section id is the annotation's own.
    case part, end
    /// Octets behind an iterator's records that are none, in place of the end of its payload.
    case rest
    /// Names and widths of the device's fields that follows.
    case fields
    /// The section before has a footer, or none, unlike the one before it.
    case footer
    case noFooter = "no-footer"
    /// `Command`.
    case command
    /// A package begins: its length, an INTEGER's four octets; and ends.
    case package
    case packageEnd = "package-end"
    /// The end-of-stream mark.
    case eof
    /// The vmdesc.
    case description
    /// Octets that are carried as they are.
    case raw
    /// The container's octets: `size`, `length` and `crc` of version 4's `PackedOctets`.
    case packed
    /// A piece of them.
    case packedOctets = "packed-octets"

    static let prefix = "berth:"

    var name: String { Annotation.prefix + rawValue }
}

/// `SecFull` and `SecMin` of version 3, and annotations.
enum Version3Coding {
    /// Writes an annotation.
    static func annotate(
        _ annotation: Annotation, sectionID: UInt32 = 0, _ octets: RawSpan,
        to writer: inout BERWriter
    ) throws(ByteIOError) {
        let header = SectionHeader(
            kind: .full, sectionID: sectionID, name: annotation.name, instanceID: 0, versionID: 0)
        try writeSecFull(
            header, contentsSize: Segments.size(.octetString, UInt64(octets.byteCount)),
            to: &writer)
        try Segments.write(.octetString, octets, to: &writer)
    }

    /// Writes an annotation whose contents a writer of BER makes.
    static func annotate(
        _ annotation: Annotation, to writer: inout BERWriter,
        _ body: (inout BERWriter) throws(ByteIOError) -> Void
    ) throws(ByteIOError) {
        var inner = BERWriter(.inMemory())
        try body(&inner)
        let octets = try inner.sink.takeOctets()
        try annotate(annotation, unsafe octets.span.bytes, to: &writer)
    }

    /// Writes a `SecFull` up to its contents, which take so many octets.
    static func writeSecFull(
        _ header: SectionHeader, contentsSize: Int, to writer: inout BERWriter
    ) throws(ByteIOError) {
        let size =
            BERSize.element(.utf8String, header.name.utf8.count)
            + BERSize.integer(.integer, UInt64(header.sectionID))
            + BERSize.integer(.integer, UInt64(header.instanceID))
            + BERSize.integer(.integer, UInt64(header.versionID)) + contentsSize
        try writer.head(SchemaTag.secFull, constructed: true, length: size)
        try writeNumbers(header, to: &writer)
    }

    /// Begins a `SecFull` of indefinite length.
    static func beginSecFull(
        _ header: SectionHeader, to writer: inout BERWriter
    ) throws(ByteIOError) {
        try writer.beginIndefinite(SchemaTag.secFull)
        try writeNumbers(header, to: &writer)
    }

    private static func writeNumbers(
        _ header: SectionHeader, to writer: inout BERWriter
    ) throws(ByteIOError) {
        try writer.string(.utf8String, header.name)
        try writer.integer(.integer, UInt64(header.sectionID))
        try writer.integer(.integer, UInt64(header.instanceID))
        try writer.integer(.integer, UInt64(header.versionID))
    }
}
