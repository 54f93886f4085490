import ByteIO
import Migration
import TestSupport
import Testing

/// START and PART of iterators that nobody knows: bounded by their footer, or carried raw.
@Suite("Binary stream: unknown iterators")
struct UnknownIteratorTests {
    @Test("A section whose payload is larger than a window ends at its footer")
    func large() throws {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.section(1, 7, "vendor", [UInt8](repeating: 0x55, count: 6 << 20))
        stream.goOn(3, 7, [1, 2, 3])
        stream.end()
        let lines = try events(stream.octets)
        #expect(lines.contains { $0.hasPrefix("start 7 vendor 0 v1: opaque \(6 << 20)") })
        #expect(try rewrite(ByteSource(octets: stream.octets)) == stream.octets)
    }

    // Found by fuzzing: the search for the footer went on for ever where the window ended just
    // 300 octets behind the place that it had come to.
    @Test("A search for a footer ends where there is none", arguments: [1, 299, 300, 301, 70_000])
    func noFooter(_ count: Int) throws {
        var stream = StreamBuilder(footers: false)
        stream.configuration("m")
        stream.section(1, 7, "vendor", [UInt8](repeating: 0x55, count: count))
        let warnings = Warnings()
        let source = ByteSource.packets(stream.octets, sizes: [300])
        #expect(try rewrite(source, warnings: warnings) == stream.octets)
        #expect(warnings.all.map(\.code) == [.carriedRaw])
    }
}
