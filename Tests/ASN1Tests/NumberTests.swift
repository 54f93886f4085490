import ASN1
import Testing

/// Big integers and sets of them, against machine integers.
struct NumberTests {
    private static let samples: [Int] = [
        0, 1, -1, 9, 10, -10, 4_294_967_295, 4_294_967_296, -4_294_967_296, 999_999_999,
        1_000_000_000,
        Int.max, Int.min, Int.max - 1, Int.min + 1,
    ]

    @Test("Text, order and steps agree with machine integers")
    func agreement() throws {
        for a in Self.samples {
            let big = BigInteger(a)
            #expect(big.description == String(a))
            #expect(try #require(BigInteger(decimal: String(a))) == big)
            #expect(big.asInt == a)
            if a < Int.max { #expect(big.successor == BigInteger(a + 1)) }
            if a > Int.min { #expect(big.predecessor == BigInteger(a - 1)) }
            for b in Self.samples { #expect((big < BigInteger(b)) == (a < b)) }
        }
    }

    @Test("Numbers beyond 64 bits keep every digit")
    func large() throws {
        let text = "-123456789012345678901234567890123456789000000000000000001"
        let number = try #require(BigInteger(decimal: text))
        #expect(number.description == text)
        #expect(number.asInt == nil)
        #expect(number < BigInteger(Int.min))
        #expect(BigInteger(decimal: "12x") == nil)
        #expect(BigInteger(decimal: "-") == nil)
    }

    @Test("Set arithmetic agrees with sets of integers")
    func sets() {
        var seed: UInt64 = 7
        func next(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(truncatingIfNeeded: seed >> 33) % bound
        }
        func random() -> (IntegerRanges, Set<Int>) {
            var ranges: [IntegerRanges.Range] = []
            var members: Set<Int> = []
            for _ in 0..<next(5) {
                let lower = next(40)
                let upper = lower + next(8)
                ranges.append(
                    IntegerRanges.Range(lower: BigInteger(lower), upper: BigInteger(upper)))
                members.formUnion(lower...upper)
            }
            return (IntegerRanges(ranges), members)
        }
        for _ in 0..<500 {
            let (a, x) = random()
            let (b, y) = random()
            for value in -2...52 {
                let big = BigInteger(value)
                #expect(a.union(b).contains(big) == (x.contains(value) || y.contains(value)))
                #expect(a.intersection(b).contains(big) == (x.contains(value) && y.contains(value)))
                #expect(a.subtracting(b).contains(big) == (x.contains(value) && !y.contains(value)))
                #expect(a.complement.contains(big) == !x.contains(value))
            }
            #expect(a.isSubset(of: b) == x.isSubset(of: y))
        }
    }
}
