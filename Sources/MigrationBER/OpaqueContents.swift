import BER
import ByteIO
import Migration

/// An opaque section's octet string while its pieces arrive: primitive up to 1 MiB, above that in
/// segments of 1 MiB, whatever the pieces' sizes.
///
/// Where the length is known beforehand, all lengths are definite. Where it isn't, octets are held
/// until it is clear whether one primitive string holds them all.
struct OpaqueContents {
    /// Octets still to come and octets left in the segment that has begun; `nil` if the length is
    /// not known.
    private var known: (left: UInt64, segment: Int)?
    private var held: [UInt8] = []
    /// Whether the string's indefinite head has been written.
    private(set) var isStreaming = false

    /// Content octets of a section's head, with which its writer counts: the whole string.
    private(set) var size: Int

    /// The whole string's tag.
    private let tag: Tag

    /// Octets above which a piece is lent to the system where it is.
    private static let lendThreshold = 64 << 10

    init(length: UInt64?, tag: Tag = .octetString) {
        self.tag = tag
        known = length.map { ($0, 0) }
        size = length.map { Segments.size(tag, $0) } ?? 0
    }

    /// Writes the string's head, where the length is known.
    func begin(_ writer: inout BERWriter) throws(ByteIOError) {
        guard let known else { return }
        try Segments.writeHead(tag, length: known.left, to: &writer)
    }

    /// Takes a piece.
    /// - Parameter stream: writes the section's head with an indefinite length.
    mutating func append(
        _ piece: RawSpan, path: String, to writer: inout BERWriter,
        stream: (inout BERWriter) throws(ByteIOError) -> Void
    ) throws(MigrationError) {
        if let left = known?.left, UInt64(piece.byteCount) > left {
            throw MigrationError(
                .corrupt, path: path, expected: "\(left) octets more",
                found: "\(piece.byteCount)")
        }
        do {
            if known != nil {
                try appendKnown(piece, to: &writer)
            } else {
                try appendUnknown(piece, to: &writer, stream: stream)
            }
        } catch { throw BERFailure.wrap(error) }
    }

    private mutating func appendKnown(
        _ piece: RawSpan, to writer: inout BERWriter
    ) throws(ByteIOError) {
        guard var (left, segment) = known else { return }
        let isPrimitive = size <= BERSize.element(tag, FormatLimit.piece)
        var at = 0
        while at < piece.byteCount {
            if segment == 0 {
                segment = Int(min(left, UInt64(FormatLimit.piece)))
                if !isPrimitive {
                    try writer.head(.octetString, constructed: false, length: segment)
                }
            }
            let count = min(segment, piece.byteCount - at)
            let part = piece.extracting(at..<at + count)
            if count >= OpaqueContents.lendThreshold {
                try writer.sink.lend(part)
                try writer.sink.settle()
            } else {
                try writer.sink.append(part)
            }
            at += count
            segment -= count
            left -= UInt64(count)
        }
        known = (left, segment)
    }

    private mutating func appendUnknown(
        _ piece: RawSpan, to writer: inout BERWriter,
        stream: (inout BERWriter) throws(ByteIOError) -> Void
    ) throws(ByteIOError) {
        var at = 0
        while at < piece.byteCount {
            if held.count == FormatLimit.piece {
                if !isStreaming {
                    isStreaming = true
                    try stream(&writer)
                    try writer.beginIndefinite(.octetString)
                }
                try flush(&writer)
            }
            let count = min(FormatLimit.piece - held.count, piece.byteCount - at)
            held.append(contentsOf: piece.extracting(at..<at + count).octets)
            at += count
        }
    }

    /// Writes what is held.
    /// - Parameter whole: writes the section's head, for contents of so many octets, if it has not
    ///   been written.
    mutating func end(
        path: String, to writer: inout BERWriter,
        whole: (inout BERWriter, _ contentsSize: Int) throws(ByteIOError) -> Void
    ) throws(MigrationError) {
        if let known {
            guard known.left == 0 else {
                throw MigrationError(
                    .corrupt, path: path, expected: "\(known.left) octets more",
                    found: "the section's end")
            }
            return
        }
        do {
            if !isStreaming {
                try whole(&writer, BERSize.element(.octetString, held.count))
            }
            if !isStreaming || !held.isEmpty { try flush(&writer) }
            if isStreaming { try writer.endIndefinite() }
        } catch { throw BERFailure.wrap(error) }
    }

    private mutating func flush(_ writer: inout BERWriter) throws(ByteIOError) {
        try writer.head(.octetString, constructed: false, length: held.count)
        try writer.sink.append(held)
        held.removeAll(keepingCapacity: true)
    }
}
