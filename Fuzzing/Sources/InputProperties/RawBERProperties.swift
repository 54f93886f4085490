import BER
import ByteIO
import Inspection
import SystemPackage

/// BER of any kind, element by element.
enum RawBERProperties {
    struct Head: Equatable {
        var offset: Int
        var firstOctet: UInt8
        var isConstructed: Bool
        /// `nil`: indefinite.
        var length: Int?
    }

    @Sendable static func check(_ input: [UInt8]) throws -> String {
        let whole = heads(.file(input))
        let pieces = heads(.pipe(input))
        try expect(whole.heads == pieces.heads, "pieces give other elements")
        try expect(whole.error == pieces.error, "pieces give another error")
        if let error = whole.error {
            try expect(error.at <= UInt64(input.count), "an error behind the input: \(error)")
        }
        let expected = BEROracle.heads(input)
        if let expected {
            try expect(whole.error == nil, "well-formed, but: \(whole.error.map { "\($0)" } ?? "")")
            let found = whole.heads.map {
                Head(
                    offset: Int($0.offset), firstOctet: input[Int($0.offset)],
                    isConstructed: $0.isConstructed, length: $0.length.map { Int($0) })
            }
            try expect(found == expected, "other elements than an independent reader finds")
        } else {
            try expect(whole.error != nil, "not well-formed, but no error")
        }
        guard let null = NullFile.descriptor else { return "no /dev/null" }
        for asJSON in [false, true] {
            var dumper = RawDumper(
                .pipe(input, turn: 3), to: ByteSink(descriptor: null), asJSON: asJSON)
            var isFaulty = false
            do throws(RawDumpError) { try dumper.run() } catch { isFaulty = true }
            try expect(isFaulty == (whole.error != nil), "a listing and a reader disagree")
        }
        return whole.error.map { "\($0.code.rawValue) at \($0.at)" } ?? "read"
    }

    private static func heads(
        _ source: consuming ByteSource
    ) -> (heads: [BERElement], error: BERError?) {
        var reader = BERReader(source, depthLimit: RawDumper.depthLimit)
        var heads: [BERElement] = []
        do throws(BERError) {
            while true {
                switch try reader.next() {
                case .element(let element): heads.append(element)
                case .end: break
                case .endOfInput: return (heads, nil)
                }
            }
        } catch { return (heads, error) }
    }
}

/// Output that nobody reads.
enum NullFile {
    static let descriptor = try? FileDescriptor.open(FilePath("/dev/null"), .writeOnly)
}

/// BER's framing (X.690 8.1) read once more, the simplest way: all octets at hand, one loop.
enum BEROracle {
    /// - Returns: the heads of all elements, or `nil` if these octets are no BER.
    static func heads(_ input: [UInt8]) -> [RawBERProperties.Head]? {
        var heads: [RawBERProperties.Head] = []
        // Ends of open elements; `nil` for those that end-of-contents octets end.
        var open: [Int?] = []
        var limits = [input.count]
        var at = 0
        while true {
            while let end = open.last, let end, end == at {
                open.removeLast()
                limits.removeLast()
            }
            if at == input.count { return open.isEmpty ? heads : nil }
            let limit = limits.last ?? input.count
            let start = at
            guard let (first, number) = tag(input, &at),
                let (length, isDefinite) = length(
                    input, &at)
            else { return nil }
            let isConstructed = first & 0x20 != 0
            if first & 0xc0 == 0, number == 0 {
                guard !isConstructed, isDefinite, length == 0, at == start + 2,
                    case .some(.none) = open.last, at <= limit
                else { return nil }
                open.removeLast()
                limits.removeLast()
                continue
            }
            guard isDefinite || isConstructed, at <= limit, length <= limit - at
            else { return nil }
            heads.append(
                RawBERProperties.Head(
                    offset: start, firstOctet: first, isConstructed: isConstructed,
                    length: isDefinite ? length : nil))
            if isConstructed {
                open.append(isDefinite ? at + length : nil)
                limits.append(isDefinite ? at + length : limit)
            } else {
                at += length
            }
        }
    }

    private static func tag(_ input: [UInt8], _ at: inout Int) -> (first: UInt8, number: UInt64)? {
        guard at < input.count else { return nil }
        let first = input[at]
        at += 1
        guard first & 0x1f == 0x1f else { return (first, UInt64(first & 0x1f)) }
        var number: UInt64 = 0
        var digits = 0
        while true {
            guard at < input.count else { return nil }
            let octet = input[at]
            at += 1
            digits += 1
            if digits == 1, octet == 0x80 { return nil }
            // 126 digits are what the project reads; numbers that large are all alike here.
            if digits > 126 { return nil }
            number = number >> 57 != 0 ? .max : number << 7 | UInt64(octet & 0x7f)
            if octet & 0x80 == 0 { break }
        }
        return number < 31 ? nil : (first, number)
    }

    private static func length(_ input: [UInt8], _ at: inout Int) -> (Int, isDefinite: Bool)? {
        guard at < input.count else { return nil }
        let first = input[at]
        at += 1
        if first < 0x80 { return (Int(first), true) }
        if first == 0x80 { return (0, false) }
        if first == 0xff { return nil }
        var value: UInt64 = 0
        for _ in 0..<first & 0x7f {
            guard at < input.count else { return nil }
            if value >> 55 != 0 { return nil }
            value = value << 8 | UInt64(input[at])
            at += 1
        }
        return (Int(value), true)
    }
}
