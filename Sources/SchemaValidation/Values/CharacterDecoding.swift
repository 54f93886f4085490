/// Content octets of character strings as code points.
enum CharacterDecoding {
    static func codes(_ octets: [UInt8], _ characters: Node.Characters) -> [UInt32] {
        switch characters {
        case .utf8, .iri, .relativeIRI:
            return String(decoding: octets, as: UTF8.self).unicodeScalars.map(\.value)
        case .two: return wide(octets, 2)
        case .four: return wide(octets, 4)
        default: return octets.map { UInt32($0) }
        }
    }

    private static func wide(_ octets: [UInt8], _ width: Int) -> [UInt32] {
        stride(from: 0, to: octets.count - octets.count % width, by: width).map { start in
            octets[start..<start + width].reduce(0) { $0 << 8 | UInt32($1) }
        }
    }
}
