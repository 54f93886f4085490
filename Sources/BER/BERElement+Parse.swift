internal import ByteIO

extension BERElement {
    /// Reads the head of an element that lies in octets at hand, content and all.
    ///
    /// - Parameters:
    ///   - window: the octets.
    ///   - at: where in them the element begins.
    ///   - end: where in them the element around it ends.
    ///   - base: octets from the start of the input to the window.
    /// - Throws: ``BERError`` if no element of definite length lies there whole.
    @inline(__always)
    public static func parse(
        _ window: RawSpan, at: Int, end: Int, base: UInt64
    ) throws(BERError) -> BERElement {
        let start = base + UInt64(at)
        switch ElementHead.parse(window, at: at) {
        case .complete(let head):
            guard let length = head.length else {
                throw BERError(
                    head.isConstructed ? .indefiniteForbidden : .indefinitePrimitive,
                    element: start, at: base + UInt64(head.lengthAt))
            }
            guard end - at >= head.size, length <= UInt64(end - at - head.size) else {
                throw BERError(
                    .lengthOverrunsParent, element: start, at: base + UInt64(head.lengthAt))
            }
            return BERElement(
                tag: head.tag, isConstructed: head.isConstructed, length: length, offset: start,
                headSize: head.size, depth: 0)
        case .fault(let code, let at):
            throw BERError(code, element: start, at: base + UInt64(at))
        case .incomplete:
            throw BERError(.lengthOverrunsParent, element: start, at: start)
        }
    }

    /// The value of an INTEGER of up to 64 bits whose content lies at `at`.
    /// - Throws: ``BERError`` with code `value` if it is none, or padded.
    public func signedInteger(_ window: RawSpan, at: Int) throws(BERError) -> Int64 {
        let octets = Int(clamping: length ?? 0)
        guard !isConstructed, (1...8).contains(octets) else { throw notInteger() }
        let first = window.octet(at: at)
        if octets > 1 {
            let sign = window.octet(at: at + 1) & 0x80
            guard !(first == 0 && sign == 0), !(first == 0xff && sign != 0) else {
                throw notInteger()
            }
        }
        var value = Int64(Int8(bitPattern: first))
        for index in at + 1..<at + octets { value = value << 8 | Int64(window.octet(at: index)) }
        return value
    }

    private func notInteger() -> BERError {
        BERError(
            .value, element: offset, at: contentOffset,
            "an INTEGER of 1 to 8 octets, none more than needed")
    }
}
