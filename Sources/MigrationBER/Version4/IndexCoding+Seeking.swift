import BER
import ByteIO
import Migration

extension IndexCoding {
    /// `crc`, `here` and the two ends, which close every file with an index.
    private static let tail = 20
    /// Octets of an index of 65 536 entries, and as many rows of totals, with the longest names.
    private static let limit: UInt64 = 65_536 * 640

    /// Whether a file ends with an index that has its checksum and tells its own place.
    ///
    /// The source's window stays where it is. It is no fault if there is none: whoever reads the
    /// whole file finds what is wrong with it.
    static func isAtEnd(of source: borrowing ByteSource) -> Bool { atEnd(of: source) != nil }

    /// What a file's groups of pages hold, if it ends with such an index that tells it.
    static func totals(atEndOf source: borrowing ByteSource) -> RAMTotalsCoding.Read? {
        guard let octets = atEnd(of: source) else { return nil }
        var input = ElementReader(ByteSource(octets: octets))
        do throws(MigrationError) {
            _ = try input.next(SchemaTag.index, constructed: true, "the index")
            _ = try input.next(.sequence, constructed: true, "entries")
            try input.skipRest()
            guard let element = try input.next(), element.tag == .context(0),
                element.isConstructed
            else { return nil }
            return try RAMTotalsCoding.read(&input)
        } catch {
            return nil
        }
    }

    /// The octets of that index, up to its checksum.
    private static func atEnd(of source: borrowing ByteSource) -> [UInt8]? {
        guard let size = source.size, size > UInt64(tail) else { return nil }
        do throws(ByteIOError) {
            let crcAt = size - UInt64(tail)
            guard let end = try source.octets(at: crcAt, count: tail), end.count == tail,
                end[0] == 4, end[1] == 4, end[6] == 4, end[7] == 8,
                end[16...].allSatisfy({ $0 == 0 })
            else { return nil }
            let here = end[8..<16].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard here < crcAt, crcAt - here <= limit,
                let octets = try source.octets(at: here, count: Int(crcAt - here)),
                octets.count == Int(crcAt - here)
            else { return nil }
            var checksum = CRC32C()
            // An array of octets has no padding that could be read.
            checksum.update(unsafe octets.span.bytes)
            let stated = end[2..<6].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return checksum.value == stated ? octets : nil
        } catch {
            return nil
        }
    }
}
