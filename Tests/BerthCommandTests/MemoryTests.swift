import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A stream of 1 GiB of RAM through `berth encode | berth decode`, made and compared on the fly.
@Suite("Memory")
struct MemoryTests {
    /// The stream in pieces of a MiB of RAM: in every 16th all 256 pages are random octets, in the
    /// others they are zero.
    struct Stream {
        static let count = 1024
        private var generator = SeededGenerator(seed: 1)
        private var next = -1
        private let noise: [UInt8]

        init() { noise = generator.octets(4096) }

        mutating func piece() -> [UInt8]? {
            defer { next += 1 }
            if next < 0 {
                var builder = StreamBuilder()
                builder.configuration("synthetic")
                builder.startRAM(
                    2, RAM.blocks([("ram", UInt64(Stream.count) << 20)]) + RAM.endOfSection)
                return builder.octets
            }
            if next > Stream.count { return nil }
            if next == Stream.count {
                var builder = StreamBuilder(header: false)
                builder.goOn(3, 2, RAM.endOfSection)
                builder.end()
                return builder.octets
            }
            var records: [UInt8] = []
            for page in 0..<256 {
                let offset = UInt64(next) << 20 | UInt64(page) << 12
                let name = page == 0 ? "ram" : nil
                if next % 16 == 0 {
                    // Pages that differ, made from the same noise.
                    var content = noise
                    content.replaceSubrange(0..<8, with: bigEndian(offset))
                    records += RAM.page(offset, name, content)
                } else {
                    records += RAM.fill(offset, name)
                }
            }
            var builder = StreamBuilder(header: false)
            builder.goOn(2, 2, records + RAM.endOfSection)
            return builder.octets
        }
    }

    @Test(
        "1 GiB of RAM goes to BER and back through pipes within 32 MiB of memory",
        arguments: ["3", "4"])
    func pipes(version: String) throws {
        let silent = try FileDescriptor.open(
            FilePath("/dev/null"), .writeOnly, options: .closeOnExec)
        let (first, second, third) = (try Program.pipe(), try Program.pipe(), try Program.pipe())
        let encoder = try Program.start(
            ["encode", "--schema-version", version], input: first.reading,
            output: second.writing, error: silent, program: Program.plainPath)
        let decoder = try Program.start(
            ["decode"], input: second.reading, output: third.writing, error: silent,
            program: Program.plainPath)
        for end in [first.reading, second.writing, second.reading, third.writing, silent] {
            try end.close()
        }
        let writing = first.writing
        Thread.detachNewThread {
            var stream = Stream()
            while let piece = stream.piece() {
                if (try? writing.writeAll(piece)) == nil { break }
            }
            try? writing.close()
        }
        var expected = Stream()
        var total = 0
        // The high-water marks, as long as the programs run; wait4 tells no less than what the
        // tests' own process had when it started them.
        var peaks = (encoder: 0, decoder: 0)
        var measured = (encoder: 0, decoder: 0)
        var pieces = 0
        while let piece = expected.piece() {
            let got = try octets(of: third.reading, limit: piece.count)
            try #require(got == piece, "behind octet \(total)")
            total += piece.count
            pieces += 1
            if let peak = encoder.peakMemory { (peaks.encoder, measured.encoder) = (peak, pieces) }
            if let peak = decoder.peakMemory { (peaks.decoder, measured.decoder) = (peak, pieces) }
        }
        #expect(try octets(of: third.reading).isEmpty)
        try third.reading.close()
        #expect(try encoder.wait() == 0)
        #expect(try decoder.wait() == 0)
        // What a pipe and the windows hold is passed on after the encoder's end.
        #expect(measured.encoder > Stream.count / 2)
        #expect(measured.decoder > Stream.count / 2)
        for peak in [peaks.encoder, peaks.decoder] { #expect((1...32 << 10).contains(peak)) }
    }
}
