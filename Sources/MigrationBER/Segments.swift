import BER
import ByteIO

/// Octet strings of any length: primitive up to 1 MiB, in segments of 1 MiB above.
enum Segments {
    /// Octets of the whole element.
    static func size(_ tag: Tag, _ length: UInt64) -> Int {
        let length = Int(clamping: length)
        return BERSize.element(tag, contentSize(length))
    }

    /// Octets of the whole element's content.
    static func contentSize(_ length: Int) -> Int {
        if length <= FormatLimit.piece { return length }
        let (whole, rest) = length.quotientAndRemainder(dividingBy: FormatLimit.piece)
        return whole * BERSize.element(.octetString, FormatLimit.piece)
            + (rest > 0 ? BERSize.element(.octetString, rest) : 0)
    }

    /// Writes the head of the whole. Above 1 MiB the caller writes the segments' heads too.
    static func writeHead(
        _ tag: Tag, length: UInt64, to writer: inout BERWriter
    ) throws(ByteIOError) {
        let length = Int(clamping: length)
        try writer.head(
            tag, constructed: length > FormatLimit.piece, length: contentSize(length))
    }

    static func write(
        _ tag: Tag, _ octets: RawSpan, to writer: inout BERWriter
    ) throws(ByteIOError) {
        try writeHead(tag, length: UInt64(octets.byteCount), to: &writer)
        guard octets.byteCount > FormatLimit.piece else { return try writer.sink.append(octets) }
        var at = 0
        while at < octets.byteCount {
            let count = min(FormatLimit.piece, octets.byteCount - at)
            try writer.string(.octetString, octets.extracting(at..<at + count))
            at += count
        }
    }
}
