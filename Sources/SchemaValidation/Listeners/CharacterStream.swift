internal import ByteIO

/// Character strings' octets, in pieces, as code points.
struct CharacterStream {
    private let characters: Node.Characters
    private var checker = UTF8Checker()
    private var partial: UInt32 = 0
    private var partialCount = 0

    init(_ characters: Node.Characters) { self.characters = characters }

    /// Hands each character of a piece to `body`. What is none becomes the replacement character.
    mutating func take(
        _ window: RawSpan, _ body: (UInt32) throws(ByteIOError) -> Void
    ) throws(ByteIOError) {
        for index in 0..<window.byteCount {
            let octet = window.octet(at: index)
            switch characters {
            case .utf8, .iri, .relativeIRI:
                if checker.wanted == 0, octet < 0x80 {
                    try body(UInt32(octet))
                    continue
                }
                let (isGood, character) = checker.next(octet, offset: 0)
                if !isGood {
                    checker = UTF8Checker()
                    try body(0xfffd)
                } else if let character {
                    try body(character)
                }
            case .two, .four:
                partial = partial << 8 | UInt32(octet)
                partialCount += 1
                if partialCount == (characters == .two ? 2 : 4) {
                    try body(partial)
                    partial = 0
                    partialCount = 0
                }
            default: try body(UInt32(octet))
            }
        }
    }
}
