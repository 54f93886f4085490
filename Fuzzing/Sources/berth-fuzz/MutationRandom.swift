import CLibFuzzer

/// SplitMix64: libFuzzer's seed decides all.
struct MutationRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// From 0 to below `bound`.
    mutating func below(_ bound: Int) -> Int {
        bound <= 1 ? 0 : Int(next() % UInt64(bound))
    }

    /// Octets as libFuzzer changes them: it knows what the code has compared with.
    func changed(_ octets: [UInt8], growth: Int = 16) -> [UInt8] {
        var room = octets + [UInt8](repeating: 0, count: growth)
        let count = unsafe room.withUnsafeMutableBufferPointer { buffer -> Int in
            guard let base = buffer.baseAddress else { return 0 }
            // The buffer has room for so many octets.
            return unsafe LLVMFuzzerMutate(base, octets.count, buffer.count)
        }
        return Array(room.prefix(count))
    }

    /// A number of so many octets, often one at some edge.
    mutating func number(octets: Int) -> [UInt8] {
        let values: [UInt64] = [
            0, 1, 2, 4, 7, 8, 16, 255, 256, 4095, 4096, 4097, 65535, 65536, 1 << 20, 1 << 24,
            1 << 31, (1 << 31) - 1, (1 << 32) - 1, 1 << 32, 1 << 40, 1 << 62, (1 << 63) - 1,
            1 << 63, .max, .max - 7,
        ]
        let value = values[below(values.count)] &+ UInt64(below(3)) &- 1
        return (0..<octets).map {
            UInt8(truncatingIfNeeded: value >> UInt64(8 * (octets - 1 - $0)))
        }
    }
}

/// Which mutations know which input's structure.
enum Mutators {
    /// - Returns: `nil` where libFuzzer's own mutations are to be taken.
    static func mutate(
        _ octets: [UInt8], for target: String, _ random: inout MutationRandom
    ) -> [UInt8]? {
        if octets.isEmpty || random.below(3) == 0 { return nil }
        switch target {
        case "binary-stream", "mapped-ram":
            return StreamMutator.mutate(octets, &random)
        case "ber-raw": return BERMutator.mutate(octets, &random)
        case "ber-v3", "ber-v4":
            let mutated = BERMutator.mutate(octets, &random)
            // Else nothing behind the first checkpoint would ever be reached.
            return random.below(8) == 0 ? mutated : mutated.map(Checksums.mended)
        case "schema-ber":
            let rest = Array(octets.dropFirst())
            return BERMutator.mutate(rest, &random).map { [octets[0]] + $0 }
        case "vmdesc", "vmstate-dump": return JSONMutator.mutate(octets, &random)
        case "schema-text": return TextMutator.mutate(octets, &random)
        default: return nil
        }
    }
}
