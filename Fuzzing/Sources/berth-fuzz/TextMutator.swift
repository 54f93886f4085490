/// Changes a text word by word.
enum TextMutator {
    private static let words: [String] = [
        "::=", "SEQUENCE", "SET", "CHOICE", "OF", "{", "}", "(", ")", "[", "]", "[[", "]]", "...",
        ",", "|", "^", "..", "<", "OPTIONAL", "DEFAULT", "INTEGER", "BOOLEAN", "NULL", "REAL",
        "ENUMERATED", "OCTET STRING", "BIT STRING", "UTF8String", "SIZE", "FROM", "PATTERN",
        "WITH COMPONENTS", "WITH COMPONENT", "CONTAINING", "ENCODED BY", "CONSTRAINED BY",
        "SETTINGS", "EXCEPT", "ALL", "INCLUDES", "MIN", "MAX", "UNION", "INTERSECTION", "EXPLICIT",
        "IMPLICIT", "APPLICATION", "PRIVATE", "UNIVERSAL", "AUTOMATIC TAGS", "COMPONENTS OF",
        "CLASS", "UNIQUE", "WITH SYNTAX", "TYPE-IDENTIFIER", "INSTANCE OF", "EXTERNAL",
        "EMBEDDED PDV", "CHARACTER STRING", "OBJECT IDENTIFIER", "RELATIVE-OID", "OID-IRI", "TIME",
        "DURATION", "GeneralizedTime", "IMPORTS", "EXPORTS", "FROM", ";", "BEGIN", "END",
        "DEFINITIONS", "MACRO", "ANY DEFINED BY", "@", "&", "&Type", "&id", "!", "*/", "/*", "--",
        "'0101'B", "'AF'H", "\"", "-1", "0", "99999999999999999999", "1e400", "TRUE",
        "MINUS-INFINITY",
    ]

    static func mutate(_ octets: [UInt8], _ random: inout MutationRandom) -> [UInt8]? {
        var tokens = split(octets)
        guard !tokens.isEmpty else { return nil }
        for _ in 0...random.below(4) {
            guard !tokens.isEmpty else { break }
            let index = random.below(tokens.count)
            let other = random.below(tokens.count)
            switch random.below(7) {
            case 0: tokens.remove(at: index)
            case 1: tokens.insert(tokens[other], at: index)
            case 2: tokens.swapAt(index, other)
            case 3: tokens[index] = tokens[other]
            case 4:
                tokens.insert(
                    Array((" " + words[random.below(words.count)] + " ").utf8), at: index)
            case 5: tokens[index] = Array(words[random.below(words.count)].utf8)
            default:
                let count = min(random.below(30), tokens.count - other)
                tokens.insert(contentsOf: tokens[other..<other + count], at: index)
            }
        }
        return tokens.flatMap { $0 }
    }

    /// Words, and all else octet by octet.
    private static func split(_ octets: [UInt8]) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var isWord = false
        for octet in octets {
            let isPart =
                (0x30...0x39).contains(octet) || (0x41...0x5a).contains(octet)
                || (0x61...0x7a).contains(octet) || octet == 0x2d || octet == 0x26
            if isPart, isWord {
                result[result.count - 1].append(octet)
            } else {
                result.append([octet])
            }
            isWord = isPart
        }
        return result
    }
}
