import ByteIO
import Migration
import TestSupport
import Testing

/// What QEMU sent of disks and bitmaps whose content is known from how they were made.
@Suite("Binary stream: iterators of real streams")
struct RealIteratorTests {
    private func record(_ name: String) throws -> (lines: [String], data: [[UInt8]]) {
        var recorder = Recorder()
        try read(ByteSource(octets: Fixture.octets(name)), into: &recorder)
        return (recorder.lines, recorder.recordData)
    }

    /// The disk `part` has 300 KiB, of which each 16 octets say where they stand; `sparse` has
    /// 2 MiB with a text 512 octets behind the first.
    @Test("Block migration has the disks' content")
    func disks() throws {
        let (lines, data) = try record("x86-isapc-block-7.2")
        let chunks = lines.filter { $0.hasPrefix("chunk ") || $0.hasPrefix("zero ") }
        #expect(
            Set(chunks) == [
                "chunk sector=0 device=part data=[1048576]", "zero sector=0 device=sparse",
                "chunk sector=2048 device=sparse data=[1048576]",
            ])
        #expect(chunks.count == 3)
        var part: [UInt8] = []
        for place in stride(from: 0, to: 300 << 10, by: 16) {
            let digits = String(place, radix: 16)
            part += Array("octets ".utf8) + [UInt8](repeating: 0x30, count: 8 - digits.utf8.count)
            part += Array(digits.utf8) + [0x0a]
        }
        let first = try #require(data.first { $0.starts(with: Array("octets".utf8)) })
        #expect(first.prefix(300 << 10).elementsEqual(part))
        let second = try #require(data.first { !$0.starts(with: Array("octets".utf8)) })
        var sparse = [UInt8](repeating: 0, count: 1 << 20)
        sparse.replaceSubrange(512..<524, with: Array("second chunk".utf8))
        #expect(second == sparse)
    }

    /// Written were 64 KiB at 128 KiB of the first node, 12 KiB at 512 MiB and 4 KiB at 0 of the
    /// second one, where a bitmap of 1 MiB to a bit was disabled.
    @Test("Dirty bitmaps have the bits of what was written")
    func bitmaps() throws {
        let (lines, data) = try record("x86-isapc-dirty-bitmaps-11.1")
        #expect(lines.contains("start node=first bitmap=zero granularity=65536 flags=3"))
        #expect(lines.contains { $0.hasSuffix("bitmap=one granularity=4096 flags=1") })
        #expect(lines.contains { $0.hasSuffix("bitmap=off granularity=1048576 flags=0") })
        #expect(lines.contains("bits node=first bitmap=zero sector=0 count=131072 data=[128]"))
        #expect(data.count == 3)
        #expect(data.first.map { $0[0] } == 0x04)
        // 512 MiB are 1048576 sectors; a chunk has 8192 bits, which are 32 MiB.
        #expect(lines.contains { $0.contains(" sector=1048576 count=65536 data=[1024]") })
        #expect(Set(data.dropFirst().map { $0[0] }) == [0x01, 0x07])
        for bits in data { #expect(bits.dropFirst().allSatisfy { $0 == 0 }) }
        #expect(lines.filter { $0.hasPrefix("complete ") }.count == 3)
    }
}
