import ByteIO
import Migration
import QEMUStream
import TestSupport
import Testing

/// Streams that are cut, flipped or invented: an error at a place, or the same octets again.
@Suite("Binary stream: damage")
struct DamageTests {
    /// The stream as the writer gives it back, or the error.
    private func outcome(_ octets: [UInt8]) -> Result<[UInt8], MigrationError> {
        do {
            return .success(try rewrite(ByteSource(octets: octets)))
        } catch let error as MigrationError {
            return .failure(error)
        } catch {
            Issue.record("\(error)")
            return .success([])
        }
    }

    private func checkCut(_ whole: [UInt8], to count: Int, allowed: Set<Int>) {
        switch outcome(Array(whole.prefix(count))) {
        case .success(let octets):
            #expect(allowed.contains(count), "cut to \(count): no error")
            #expect(octets.elementsEqual(whole.prefix(count)), "cut to \(count): other octets")
        case .failure(let error):
            #expect(!allowed.contains(count), "cut to \(count): \(error)")
            #expect(error.code == .truncated, "cut to \(count): \(error)")
            #expect((error.offset ?? .max) <= UInt64(count), "cut to \(count): \(error)")
        }
    }

    @Test("Cut anywhere, the sample stream is truncated, but where its end mark was the last")
    func truncation() {
        let whole = Samples.small
        // Whole: behind the end mark, behind the vmdesc, and in what follows it.
        var allowed: Set<Int> = [Samples.smallEnd + 1]
        for count in whole.count - 4...whole.count { allowed.insert(count) }
        for count in 0...whole.count { checkCut(whole, to: count, allowed: allowed) }
    }

    @Test("Cut anywhere, a real stream is truncated")
    func realTruncation() throws {
        let whole = try Fixture.octets("avr-uno-7.2")
        // 00 06 be32(J) {: section 1.9 of the reference.
        let mark = try #require(
            (0..<whole.count - 7).last {
                whole[$0] == 0 && whole[$0 + 1] == 6 && whole[$0 + 6] == UInt8(ascii: "{")
            })
        for count in stride(from: 0, to: whole.count, by: 7) where count != mark + 1 {
            checkCut(whole, to: count, allowed: [])
        }
        checkCut(whole, to: mark + 1, allowed: [mark + 1])
        for count in mark - 40...mark { checkCut(whole, to: count, allowed: []) }
    }

    @Test("Every flipped bit of the sample stream gives an error or the same octets again")
    func flips() {
        var octets = Samples.small
        var errors = 0
        // Page content is what it is: those octets are left out.
        for at in Array(0..<400) + Array((Samples.smallEnd - 100)..<octets.count) {
            for bit in 0..<8 {
                octets[at] ^= 1 << bit
                switch outcome(octets) {
                case .success(let again): #expect(again == octets, "octet \(at), bit \(bit)")
                case .failure: errors += 1
                }
                octets[at] ^= 1 << bit
            }
        }
        #expect(errors > 500)
    }

    @Test(
        "Every flipped bit in the first 300 octets of a real stream, too",
        arguments: ["avr-uno-7.2", "tricore-testboard-11.1"])
    func realFlips(_ name: String) throws {
        var octets = try Fixture.octets(name)
        for at in 0..<300 {
            let bit = at % 8
            octets[at] ^= 1 << bit
            if case .success(let again) = outcome(octets) {
                #expect(again == octets, "octet \(at), bit \(bit)")
            }
            octets[at] ^= 1 << bit
        }
    }

    @Test(
        "Random octets behind a header give an error or come back", arguments: [51, 52] as [UInt64])
    func random(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var octets: [UInt8] = [0x51, 0x45, 0x56, 0x4d, 0, 0, 0, 3]
            // Octets that items like to begin with come often.
            for _ in 0..<Int.random(in: 1...120, using: &random) {
                let likely: [UInt8] = [0, 1, 2, 3, 4, 5, 7, 8, 0x10, 0x20, 0x7e]
                octets.append(
                    Bool.random(using: &random)
                        ? likely.randomElement(using: &random) ?? 0
                        : UInt8.random(in: 0 ... .max, using: &random))
            }
            if case .success(let again) = outcome(octets) {
                #expect(again == octets, "seed \(seed): \(hex(octets))")
            }
        }
    }

    @Test(
        "Stretches copied, left out or exchanged give an error or come back",
        arguments: [61, 62, 63] as [UInt64])
    func splices(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let whole = try seed == 61 ? Fixture.octets("avr-uno-7.2") : Samples.small
        for _ in 0..<200 {
            var octets = whole
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let at = Int.random(in: 0..<octets.count, using: &random)
                let count = Int.random(in: 0...min(60, octets.count - at), using: &random)
                let from = Int.random(in: 0...octets.count - count, using: &random)
                let piece = Array(octets[from..<from + count])
                switch Int.random(in: 0..<3, using: &random) {
                case 0: octets.insert(contentsOf: piece, at: at)
                case 1: octets.removeSubrange(at..<at + count)
                default: octets.replaceSubrange(at..<at + count, with: piece)
                }
            }
            if case .success(let again) = outcome(octets) {
                #expect(again == octets, "seed \(seed)")
            }
        }
    }

    @Test("A disk that is full is an error of writing")
    func fullDisk() throws {
        let output = try OutputFile(path: "/dev/full")
        var writer = StreamWriter(ByteSink(descriptor: output.descriptor, path: "/dev/full"))
        do {
            try read(ByteSource(octets: Samples.small), into: &writer)
            Issue.record("no error")
        } catch { #expect(error.code == .io) }
    }
}
