internal import BER
public import ByteIO
internal import Migration

/// The head of a version 4 file that was written before its channels were counted.
public enum RecordedHeader {
    /// Enters the number of channels, in the room of spaces behind the producer's name.
    /// - Parameters:
    ///   - producer: the name without the spaces.
    ///   - padding: how many spaces were written; 4 have room for any number.
    ///   - checkpoint: where the file's first checkpoint begins, whose checksum goes over the head.
    public static func patch(
        _ file: borrowing OutputFile, producer: String, padding: Int, channels: Int,
        checkpoint: UInt64
    ) throws(ByteIOError) {
        var padded = BERWriter(.inMemory())
        try head(producer + spaces(padding), nil, to: &padded)
        let before = try padded.sink.takeOctets()
        // An INTEGER of one octet leaves one space.
        let number = BERSize.integer(.context(1), UInt64(clamping: channels))
        guard number <= padding else { return }
        var counted = BERWriter(.inMemory())
        try head(
            producer + spaces(padding - number), UInt32(clamping: channels), to: &counted)
        let after = try counted.sink.takeOctets()
        var there = [UInt8](repeating: 0, count: before.count)
        try file.read(into: &there, at: 0)
        guard before.count == after.count, there == before else {
            throw ByteIOError(.write, offset: 0)
        }
        // An array of octets has no padding that could be read.
        try file.write(unsafe after.span.bytes, at: 0)
        var sum = CRC32C()
        var at: UInt64 = 0
        while at < checkpoint {
            var piece = [UInt8](repeating: 0, count: Int(min(checkpoint - at, 1 << 20)))
            try file.read(into: &piece, at: at)
            sum.update(unsafe piece.span.bytes)
            at += UInt64(piece.count)
        }
        let value = sum.value
        let octets = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
        // Behind the checkpoint's tag and length.
        try file.write(unsafe octets.span.bytes, at: checkpoint + 4)
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    private static func head(
        _ producer: String, _ channels: UInt32?, to writer: inout BERWriter
    ) throws(ByteIOError) {
        try writer.beginIndefinite(SchemaTag.qemuFile)
        try writer.integer(.integer, 4 as UInt64)
        try StreamInfo.write(
            StreamHeader(fileVersion: 3, channels: channels), producer: producer, to: &writer)
    }
}
