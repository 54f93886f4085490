import ByteIO
import Migration
import TestSupport
import Testing

/// FULL sections that no vmdesc describes: their footers prove where they end, or nothing does.
@Suite("Binary stream: devices without a vmdesc")
struct ChainTests {
    private func stream(_ devices: [(UInt32, String, [UInt8])]) -> [UInt8] {
        var stream = StreamBuilder()
        stream.configuration("m")
        for (id, name, payload) in devices { stream.full(id, name, payload) }
        stream.end()
        return stream.octets
    }

    @Test("Sections with footers are bounded, payloads with footers of other sections too")
    func proved() throws {
        let warnings = Warnings()
        let stream = stream([
            (0, "timer", [UInt8](0..<24)), (9, "empty", []),
            (3, "cpu", [0x7e, 0, 0, 0, 9, 4, 0x7e, 0, 0, 0, 3, 0xff]),
        ])
        let lines = try events(stream, warnings: warnings)
        #expect(
            lines.filter { $0.hasPrefix("full") } == [
                "full 0 timer 0 v1: opaque 24 @14", "full 9 empty 0 v1: opaque 0 @62",
                "full 3 cpu 0 v1: opaque 12 @86",
            ])
        #expect(warnings.all.map(\.code) == [.noDescription])
        #expect(try rewrite(ByteSource(octets: stream)) == stream)
    }

    @Test("A fake section in a payload that leads nowhere deceives nobody")
    func fakeWithoutEnd() throws {
        let fake =
            [0x7e, 0, 0, 0, 0, 4, 0, 0, 0, 99] + StreamBuilder.counted("fake")
            + [UInt8](repeating: 0, count: 12)
        let stream = stream([(0, "a", fake), (1, "b", [1])])
        let lines = try events(stream)
        #expect(lines.contains("full 0 a 0 v1: opaque \(fake.count) @14"))
        #expect(lines.filter { $0.hasPrefix("full") }.count == 2)
    }

    @Test("Where two ways lead to the end, all is carried raw with a warning")
    func ambiguous() throws {
        // The payload of `a` holds the footer of `a` and the header of a section with `b`'s id.
        let fake =
            [0x7e, 0, 0, 0, 0, 4, 0, 0, 0, 1] + StreamBuilder.counted("c")
            + [UInt8](repeating: 0, count: 8)
        let stream = stream([(0, "a", fake), (1, "b", [1])])
        let warnings = Warnings()
        let lines = try events(stream, warnings: warnings)
        #expect(
            lines == ["begin 3", "configuration m {}", "raw " + hex(stream[14...]), "end"]
                || lines[2].hasSuffix(" octets"))
        #expect(lines.count == 4)
        #expect(warnings.all.map(\.code) == [.carriedRaw])
        #expect(warnings.all.first?.path == "a" && warnings.all.first?.offset == 14)
        #expect(try rewrite(ByteSource(octets: stream)) == stream)
    }

    @Test("Cut among its devices, a stream is truncated")
    func cut() {
        let whole = stream([(0, "a", [1, 2, 3]), (1, "b", [4, 5])])
        for count in 15..<whole.count {
            do {
                let lines = try events(Array(whole.prefix(count)))
                Issue.record("cut to \(count): \(lines)")
            } catch {
                #expect(error.code == .truncated, "cut to \(count): \(error)")
            }
        }
    }

    @Test("Without footers or configuration nothing proves an end: raw, with a warning")
    func noFooters() throws {
        var builder = StreamBuilder(footers: false)
        builder.full(0, "dev", [1, 2, 3])
        builder.end()
        let warnings = Warnings()
        let lines = try events(builder.octets, warnings: warnings)
        #expect(lines == ["begin 3", "raw " + hex(builder.octets[8...]), "end"])
        #expect(warnings.all.map(\.code) == [.carriedRaw])
    }

    @Test("Devices that come before RAM are proved on a pipe and typed from a file (8.0+)")
    func early() throws {
        let json =
            #"{"page_size": 4096, "devices": [{"name": "virtio-mem-device-early", "instance_id": 0, "#
            + #""vmsd_name": "v", "version": 1, "fields": [{"name": "n", "type": "uint16", "size": 2}]}, "#
            + #"{"name": "dev", "instance_id": 0, "vmsd_name": "dev", "version": 1, "#
            + #""fields": [{"name": "x", "type": "uint8", "size": 1}]}]}"#
        var builder = StreamBuilder()
        builder.configuration("m")
        builder.full(4, "virtio-mem-device-early", [1, 2])
        builder.startRAM(2, RAM.blocks([("r", 0x1000)]) + RAM.endOfSection)
        builder.goOn(3, 2, RAM.fill(0, "r") + RAM.endOfSection)
        builder.full(5, "dev", [3])
        builder.end(json)
        let piped = try events(builder.octets)
        #expect(piped.contains("full 4 virtio-mem-device-early 0 v1: opaque 2 @14"))
        #expect(piped.contains("{x: uint8 3}"))
        let folder = try TemporaryFolder()
        var recorder = Recorder()
        try read(
            ByteSource(path: folder.store(builder.octets, as: "early.mig")), into: &recorder)
        #expect(recorder.lines.filter { $0.hasPrefix("{") } == ["{n: uint16 258}", "{x: uint8 3}"])
        #expect(try rewrite(ByteSource(octets: builder.octets)) == builder.octets)
    }

    @Test("Devices larger than may wait are blobs, and come back")
    func waitLimit() throws {
        let body = [UInt8](repeating: 5, count: 5000)
        let stream = Device.stream(
            body, #"{"name": "b", "type": "buffer", "size": 5000}"#)
        #expect(try events(stream, waitLimit: 100_000)[5].hasPrefix("{b: buffer"))
        let lines = try events(stream, waitLimit: 2000)
        #expect(!lines.contains { $0.hasPrefix("{b") })
        var writer = Recorder()
        try read(ByteSource(octets: stream), into: &writer, waitLimit: 2000)
        #expect(writer.lines.last == "end")
    }

    @Test("Sections of unknown iterators end at their footer; others carry the rest raw")
    func unknownIterator() throws {
        var builder = StreamBuilder()
        builder.configuration("m")
        builder.section(1, 6, "new-thing", [1, 2, 0x7e, 0, 0, 0, 6, 0xee])
        builder.goOn(3, 6, [9])
        builder.end()
        let lines = try events(builder.octets)
        #expect(lines.contains("opaque 01027e00000006ee") && lines.contains("opaque 09"))
        #expect(try rewrite(ByteSource(octets: builder.octets)) == builder.octets)
        for payload in [10, 299, 300, 301, 5000] {
            var endless = StreamBuilder(footers: false)
            endless.configuration("m")
            endless.section(1, 6, "new-thing", [UInt8](repeating: 9, count: payload))
            let warnings = Warnings()
            #expect(
                try rewrite(ByteSource(octets: endless.octets), warnings: warnings)
                    == endless.octets)
            #expect(warnings.all.map(\.code) == [.carriedRaw])
        }
    }
}
