/// Character strings as content octets (X.690 8.23).
enum CharacterEncoding {
    static func octets(_ text: [UInt32], _ characters: Node.Characters) -> [UInt8] {
        switch characters {
        case .utf8:
            var string = ""
            for code in text {
                if let scalar = Unicode.Scalar(code) { string.unicodeScalars.append(scalar) }
            }
            return Array(string.utf8)
        case .two:
            return text.flatMap {
                [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)]
            }
        case .four:
            return text.flatMap { code in
                [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: code >> UInt32($0)) }
            }
        case .date, .timeOfDay, .dateTime:
            return text.filter { $0 != 0x2d && $0 != 0x3a && $0 != 0x54 }
                .map { UInt8(truncatingIfNeeded: $0) }
        case .duration:
            return text.drop { $0 == 0x50 }.map { UInt8(truncatingIfNeeded: $0) }
        default: return text.map { UInt8(truncatingIfNeeded: $0) }
        }
    }
}
