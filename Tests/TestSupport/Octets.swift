/// Octets written as hexadecimal digits; white space between them is for the reader, and what
/// follows a `;` up to the line's end is a comment.
public func octets(_ hex: String) -> [UInt8] {
    var digits: [UInt8] = []
    var isComment = false
    for character in hex {
        if character == ";" { isComment = true }
        if character.isNewline { isComment = false }
        if isComment || character.isWhitespace { continue }
        guard let digit = character.hexDigitValue else {
            preconditionFailure("\(character) is no hexadecimal digit")
        }
        digits.append(UInt8(digit))
    }
    precondition(digits.count.isMultiple(of: 2), "half an octet")
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// Hexadecimal digits, as `octets(_:)` takes them.
public func hex(_ octets: some Sequence<UInt8>) -> String {
    octets.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}

/// An integer in network order.
public func bigEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    stride(from: T.bitWidth - 8, through: 0, by: -8).map {
        UInt8(truncatingIfNeeded: value >> T($0))
    }
}

/// SplitMix64: random numbers that a seed repeats. Tests print the seed with what fails.
public struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    public mutating func octets(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0 ... .max, using: &self) }
    }
}
