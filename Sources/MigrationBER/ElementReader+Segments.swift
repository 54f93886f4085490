import BER
import ByteIO
import Migration

extension ElementReader {
    /// How many octets a string has whose element was just opened: a primitive one's length, or that
    /// of one in segments of 1 MiB, as writers make them.
    /// - Returns: `nil` for other segments. What looks like those of 1 MiB at first must be that.
    mutating func stringLength(_ element: BERElement) throws(MigrationError) -> UInt64? {
        if !element.isConstructed { return element.length }
        guard let content = element.length else { return nil }
        let segment = BERSize.element(.octetString, FormatLimit.piece)
        guard content > UInt64(segment) else { return nil }
        let (whole, last) = content.quotientAndRemainder(dividingBy: UInt64(segment))
        var length = whole * UInt64(FormatLimit.piece)
        if last > 0 {
            // The last segment's head takes 2 to 4 octets.
            guard
                let head = (2...5).first(where: {
                    last > UInt64($0)
                        && BERSize.element(.octetString, Int(last) - $0) == Int(last)
                })
            else { return nil }
            length += last - UInt64(head)
        }
        return try startsSegment(FormatLimit.piece) ? length : nil
    }

    /// Whether a primitive OCTET STRING of `length` octets comes next.
    mutating func startsSegment(_ length: Int) throws(MigrationError) -> Bool {
        let size = BERSize.element(.octetString, length) - length
        do {
            while reader.loadedCount < size {
                guard try reader.extendWindow() else { return false }
            }
            let head = reader.window
            var expected = BERWriter(.inMemory())
            try expected.head(.octetString, constructed: false, length: length)
            let octets = try expected.sink.takeOctets()
            return head.extracting(first: size).octets == octets
        } catch let error as BERError {
            throw BERFailure.wrap(error, path: pathText)
        } catch let error as ByteIOError {
            throw BERFailure.wrap(error)
        } catch {
            return false
        }
    }
}
