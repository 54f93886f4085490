internal import ByteIO

/// Values of the simple types, for decoders written by hand.
extension BERReader {
    /// The INTEGER that the current primitive element holds (X.690 8.3), if it fits 64 bits.
    /// - Parameter element: for error places.
    /// - Throws: ``BERError`` with code `value` if it is empty, padded or too large.
    public mutating func signedInteger(_ element: BERElement) throws(BERError) -> Int64 {
        let octets = try integerOctets(element, limit: 8)
        var value: Int64 = 0
        for index in 0..<octets {
            let octet = content.octet(at: index)
            value = index == 0 ? Int64(Int8(bitPattern: octet)) : value << 8 | Int64(octet)
        }
        consumeContent(octets)
        return value
    }

    /// The INTEGER that the current primitive element holds, from 0 to 2^64 - 1.
    public mutating func unsignedInteger(_ element: BERElement) throws(BERError) -> UInt64 {
        let octets = try integerOctets(element, limit: 9)
        let first = content.octet(at: 0)
        guard first & 0x80 == 0, octets < 9 || first == 0 else {
            throw BERError(
                .value, element: element.offset, at: element.contentOffset,
                "an INTEGER from 0 to 2^64 - 1 is needed here")
        }
        var value: UInt64 = 0
        for index in 0..<octets { value = value << 8 | UInt64(content.octet(at: index)) }
        consumeContent(octets)
        return value
    }

    private mutating func integerOctets(
        _ element: BERElement, limit: Int
    ) throws(BERError) -> Int {
        guard !element.isConstructed else { throw notPrimitive(element) }
        guard contentLeft >= 1, contentLeft <= UInt64(limit) else {
            throw BERError(
                .value, element: element.offset, at: element.contentOffset,
                contentLeft == 0
                    ? "an INTEGER has at least one octet" : "the INTEGER is too large")
        }
        let octets = try loadContent(limit)
        if octets > 1 {
            let first = content.octet(at: 0)
            let sign = content.octet(at: 1) & 0x80
            guard !(first == 0 && sign == 0), !(first == 0xff && sign != 0) else {
                throw BERError(
                    .value, element: element.offset, at: element.contentOffset,
                    "the INTEGER has an octet more than needed (X.690 8.3.2)")
            }
        }
        return octets
    }

    /// The BOOLEAN that the current primitive element holds (X.690 8.2).
    public mutating func boolean(_ element: BERElement) throws(BERError) -> Bool {
        guard !element.isConstructed else { throw notPrimitive(element) }
        guard contentLeft == 1 else {
            throw BERError(
                .value, element: element.offset, at: element.contentOffset,
                "a BOOLEAN has one octet")
        }
        try loadContent(1)
        let value = content.octet(at: 0) != 0
        consumeContent(1)
        return value
    }

    /// The octets of a string, primitive or in segments (X.690 8.7, 8.23.6), all at once.
    /// - Parameter limit: octets above which it is refused.
    public mutating func string(
        _ element: BERElement, limit: Int
    ) throws(BERError) -> [UInt8] {
        var result: [UInt8] = []
        try segments(element) { (reader, left) throws(BERError) in
            guard left <= UInt64(limit - result.count) else {
                throw BERError(
                    .value, element: element.offset, at: element.contentOffset,
                    "the string has more than \(limit) octets")
            }
            let count = try reader.loadContent(limit)
            // Copied once: the window moves on. The first piece is mostly all there is.
            let octets = reader.content.extracting(first: count).octets
            if result.isEmpty { result = octets } else { result.append(contentsOf: octets) }
            reader.consumeContent(count)
        }
        return result
    }

    /// Goes over the primitive segments of a string. The body finds each one's content unread.
    public mutating func segments(
        _ element: BERElement,
        _ body: (inout BERReader, _ length: UInt64) throws(BERError) -> Void
    ) throws(BERError) {
        guard element.isConstructed else { return try body(&self, contentLeft) }
        let outer = depth - 1
        while depth > outer {
            switch try next() {
            case .element(let segment):
                guard segment.tag == .octetString else {
                    throw BERError(
                        .unexpectedElement, element: segment.offset, at: segment.offset,
                        "a string's segments are OCTET STRINGs, this is \(segment.tag)")
                }
                if !segment.isConstructed { try body(&self, contentLeft) }
            case .end: break
            case .endOfInput:
                throw BERError(.truncated, element: element.offset, at: position)
            }
        }
    }

    private func notPrimitive(_ element: BERElement) -> BERError {
        BERError(
            .value, element: element.offset, at: element.offset, "the value must be primitive")
    }
}
