import ByteIO
import CChecksum
import TestSupport
import Testing

@Suite("CRC-32C")
struct CRC32CTests {
    /// RFC 3720, B.4 (the RFC prints the octets as they go over the wire, least significant first),
    /// and the check value of the catalogues, for the octets of `123456789`.
    static let known: [([UInt8], UInt32)] = [
        ([], 0),
        ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
        ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
        ([UInt8](0...31), 0x46dd_794e),
        ([UInt8]((0...31).reversed()), 0x113f_db5c),
        (Array("123456789".utf8), 0xe306_9283),
    ]

    @Test("Known octets have their published checksums", arguments: known)
    func published(_ octets: [UInt8], _ expected: UInt32) {
        var crc = CRC32C()
        crc.update(unsafe octets.span.bytes)
        #expect(crc.value == expected)
        #expect(unsafe berth_crc32c_portable(0, octets, octets.count) == expected)
    }

    @Test("The fast way and the tables agree at every length around a stretch's borders")
    func agreementAtBorders() {
        var random = SeededGenerator(seed: 1)
        let octets = random.octets(3 * 1360 * 2 + 32)
        // One fast way works 256 octets from 1024 on, another three stretches of 1360 octets at once; then
        // come 8 octets, then one.
        let lengths =
            Array(0...40) + Array(1020...1030) + Array(1270...1370) + Array(4070...4100)
            + Array(8150...8190)
        for length in lengths {
            let fast = unsafe berth_crc32c(7, octets, length)
            let slow = unsafe berth_crc32c_portable(7, octets, length)
            #expect(fast == slow, "length \(length)")
            #expect((unsafe berth_crc32c_unfolded(7, octets, length)) == slow, "length \(length)")
        }
    }

    @Test("The fast way and the tables agree on random lengths, starts and alignments")
    func agreementAtRandom() {
        let seed: UInt64 = 20_261_122
        var random = SeededGenerator(seed: seed)
        let octets = random.octets(20_000)
        for _ in 0..<300 {
            let start = Int.random(in: 0..<64, using: &random)
            let length = Int.random(in: 0...(octets.count - start), using: &random)
            let before = UInt32.random(in: 0 ... .max, using: &random)
            let (fast, unfolded, slow) = unsafe octets.withUnsafeBytes { bytes in
                let base = unsafe bytes.baseAddress.map { unsafe $0 + start }
                return unsafe (
                    berth_crc32c(before, base, length),
                    berth_crc32c_unfolded(before, base, length),
                    berth_crc32c_portable(before, base, length)
                )
            }
            #expect(unfolded == slow, "seed \(seed), start \(start), length \(length)")
            #expect(fast == slow, "seed \(seed), start \(start), length \(length)")
        }
    }

    @Test("Copying gives the same checksum, the octets, and nothing behind them")
    func copies() {
        let seed: UInt64 = 20_261_123
        var random = SeededGenerator(seed: seed)
        let octets = random.octets(30_000)
        let lengths =
            Array(0...20) + Array(1020...1030) + [8191, 8192, 8193, 20_000]
            + (0..<200).map { _ in Int.random(in: 0...20_000, using: &random) }
        for length in lengths {
            let start = Int.random(in: 0..<64, using: &random)
            let place = Int.random(in: 0..<64, using: &random)
            let before = UInt32.random(in: 0 ... .max, using: &random)
            var copy = [UInt8](repeating: 0xa5, count: 20_200)
            let (fused, slow) = unsafe octets.withUnsafeBytes { bytes in
                let from = unsafe bytes.baseAddress.map { unsafe $0 + start }
                return unsafe copy.withUnsafeMutableBytes { target in
                    let to = unsafe target.baseAddress.map { unsafe $0 + place }
                    return unsafe (
                        berth_crc32c_copy(before, to, from, length),
                        berth_crc32c_portable(before, from, length)
                    )
                }
            }
            #expect(fused == slow, "seed \(seed), start \(start), length \(length)")
            var expected = [UInt8](repeating: 0xa5, count: 20_200)
            expected.replaceSubrange(place..<place + length, with: octets[start..<start + length])
            #expect(copy == expected, "seed \(seed), place \(place), length \(length)")
        }
    }

    @Test("A checksum in pieces is that of the whole")
    func pieces() {
        var random = SeededGenerator(seed: 3)
        let octets = random.octets(10_000)
        var crc = CRC32C()
        var at = 0
        while at < octets.count {
            let count = min(Int.random(in: 1...3000, using: &random), octets.count - at)
            crc.update(unsafe octets.span.bytes.extracting(at..<at + count))
            at += count
        }
        #expect(crc.value == (unsafe berth_crc32c_portable(0, octets, octets.count)))
    }
}
