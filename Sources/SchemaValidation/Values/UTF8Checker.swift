internal import ByteIO

/// UTF-8 in pieces: well-formedness (no overlong forms, no surrogates, nothing above 10ffff) and the
/// number of characters, with the state between pieces kept (X.680 41.16, ISO 10646 annex D).
struct UTF8Checker: BitwiseCopyable {
    /// Characters so far that are whole.
    var characters: UInt64 = 0
    /// Continuation octets that the current character still wants.
    var wanted: UInt8 = 0
    /// What the next one may be.
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xbf
    private var code: UInt32 = 0
    /// Offset of the current character.
    var characterStart: UInt64 = 0

    /// Takes octets.
    /// - Returns: the offset of the character at fault, or `nil`.
    @inline(__always)
    mutating func take(_ window: RawSpan, at: Int, count: Int, offset: UInt64) -> UInt64? {
        var index = 0
        while index < count {
            // Eight characters of ASCII at once.
            if wanted == 0, count - index >= 8 {
                let word: UInt64 = window.bigEndian(at: at + index)
                if word & 0x8080_8080_8080_8080 == 0 {
                    characters &+= 8
                    index += 8
                    continue
                }
            }
            let octet = window.octet(at: at + index)
            if wanted == 0, octet < 0x80 {
                characters &+= 1
            } else if !step(octet, offset &+ UInt64(index)) {
                return characterStart
            }
            index += 1
        }
        return nil
    }

    /// Takes one octet, and hands out the character that it ends.
    mutating func next(_ octet: UInt8, offset: UInt64) -> (isGood: Bool, character: UInt32?) {
        if wanted == 0, octet < 0x80 {
            characters &+= 1
            return (true, UInt32(octet))
        }
        let isGood = step(octet, offset)
        return (isGood, isGood && wanted == 0 ? code : nil)
    }

    private mutating func step(_ octet: UInt8, _ offset: UInt64) -> Bool {
        if wanted > 0 {
            guard octet >= lower, octet <= upper else { return false }
            code = code << 6 | UInt32(octet & 0x3f)
            lower = 0x80
            upper = 0xbf
            wanted -= 1
            if wanted == 0 { characters &+= 1 }
            return true
        }
        characterStart = offset
        lower = 0x80
        upper = 0xbf
        switch octet {
        case 0xc2...0xdf:
            wanted = 1
            code = UInt32(octet & 0x1f)
        case 0xe0...0xef:
            wanted = 2
            code = UInt32(octet & 0x0f)
            if octet == 0xe0 { lower = 0xa0 }
            if octet == 0xed { upper = 0x9f }
        case 0xf0...0xf4:
            wanted = 3
            code = UInt32(octet & 0x07)
            if octet == 0xf0 { lower = 0x90 }
            if octet == 0xf4 { upper = 0x8f }
        default: return false
        }
        return true
    }
}
