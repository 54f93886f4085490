/// Changes JSON value by value, and the octets behind it as sections of a stream.
enum JSONMutator {
    private static let words: [String] = [
        "\"array_len\":", "\"size\":", "\"type\":", "\"name\":", "\"struct\":", "\"subsections\":",
        "\"vmsd_name\":", "\"version\":", "\"fields\":", "\"index\":", "\"instance_id\":",
        "\"Fields\":", "\"Subsections\":", "\"Description\":", "\"field\":", "\"version_id\":",
        "\"field_exists\":", "\"num\":", "\"VMSDescription\":", "\"uint8\"", "\"uint32\"",
        "\"int64\"", "\"bool\"", "\"struct\"", "\"buffer\"", "\"unused_buffer\"", "\"qtailq\"",
        "\"gtree\"", "\"bitmap\"", "\"nullptr\"", "\"timer\"", "\"virtio\"", "\"pci config\"",
        "\"tmp\"", "\"capability\"", "\"str\"", "[", "]", "{", "}", ",", ":", "null", "true",
    ]

    static func mutate(_ octets: [UInt8], _ random: inout MutationRandom) -> [UInt8]? {
        let end = octets.firstIndex(of: 0) ?? octets.count
        let rest = Array(octets[end...])
        if random.below(4) == 0, rest.count > 1 {
            let stream = StreamMutator.mutate(
                [0x51, 0x45, 0x56, 0x4d, 0, 0, 0, 3] + rest.dropFirst(), &random)
            return stream.map { Array(octets[..<end]) + [0] + $0.dropFirst(8) }
        }
        var tokens = split(octets[..<end])
        guard !tokens.isEmpty else { return nil }
        for _ in 0...random.below(4) {
            guard !tokens.isEmpty else { break }
            let index = random.below(tokens.count)
            let other = random.below(tokens.count)
            switch random.below(8) {
            case 0: tokens.remove(at: index)
            case 1: tokens.insert(tokens[other], at: index)
            case 2: tokens.swapAt(index, other)
            case 3: tokens[index] = tokens[other]
            case 4: tokens.insert(Array(words[random.below(words.count)].utf8), at: index)
            case 5: tokens[index] = Array(words[random.below(words.count)].utf8)
            case 6:
                let value = random.number(octets: 8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                tokens[index] = Array("\(Int64(bitPattern: value))".utf8)
            default:
                let count = min(random.below(30), tokens.count - other)
                tokens.insert(contentsOf: tokens[other..<other + count], at: index)
            }
        }
        return tokens.flatMap { $0 } + rest
    }

    /// Strings, words, and all else octet by octet.
    private static func split(_ octets: ArraySlice<UInt8>) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var isString = false
        var isWord = false
        for octet in octets {
            if isString {
                result[result.count - 1].append(octet)
                if octet == 0x22 { isString = false }
                continue
            }
            isString = octet == 0x22
            let isPart =
                (0x30...0x39).contains(octet) || (0x61...0x7a).contains(octet) || octet == 0x2d
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
