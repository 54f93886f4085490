import ByteIO
import Migration
import MigrationBER
import TestSupport
import Testing

/// Values inside each other take stack: files by anybody may have no more than `StreamLimit.valueDepth` levels.
@Suite("BER files: values inside each other")
struct ValueDepthTests {
    /// A device whose values of this kind stand inside each other, the innermost with nothing in it.
    private func state(_ kind: DeviceState.Kind, depth: Int) -> DeviceState {
        var state = DeviceState()
        var names: [String: Int32] = [:]
        var open: [Int] = []
        for level in 0..<depth {
            // Elements have no names.
            let isElement = level > 0 && (kind == .array || kind == .list)
            let name = isElement ? -1 : state.intern("a", &names)
            open.append(state.beginContainer(kind, name: name, version: 1))
        }
        for index in open.reversed() { state.endContainer(index) }
        state.finish()
        return state
    }

    private func file(_ state: DeviceState) throws -> [UInt8] {
        var writer = Version4Writer(.inMemory(), producer: "t", checkpointsAndIndex: false)
        try writer.begin(StreamHeader())
        let header = SectionHeader(
            kind: .full, sectionID: 0, name: "dev", instanceID: 0, versionID: 1)
        try writer.beginSection(header, contents: .device, at: 0)
        try writer.device(state)
        try writer.endSection(footer: true)
        try writer.endOfStream()
        try writer.end()
        var sink = writer.takeSink()
        return try sink.takeOctets()
    }

    private static let kinds: [DeviceState.Kind] = [.structure, .array, .list, .subsection]

    @Test("So many come back as they were", arguments: kinds)
    func most(kind: DeviceState.Kind) throws {
        let state = state(kind, depth: 256)
        var direct = Recorder()
        direct.device(state)
        var read = Recorder()
        try MigrationFileReader(ByteSource(octets: try file(state))).read(into: &read)
        #expect(read.lines.filter(direct.lines.contains).count == 1)
    }

    @Test("One more is refused, with its place and the limit", arguments: kinds, [257, 330])
    func oneMore(kind: DeviceState.Kind, depth: Int) throws {
        let octets = try file(state(kind, depth: depth))
        let error = #expect(throws: MigrationError.self) {
            var read = Recorder()
            try MigrationFileReader(ByteSource(octets: octets)).read(into: &read)
        }
        #expect(error?.code == .limit)
        #expect(error?.expected == "at most 256 values inside each other")
        #expect(error.map { $0.offset ?? 0 > 256 } == true)
    }
}
