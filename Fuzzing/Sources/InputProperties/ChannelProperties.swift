import ByteIO
import Inspection
import Migration
import MigrationBER
import QEMUStream

/// Channels beside the main one, each alone, as if nothing were known of its migration.
enum ChannelProperties {
    @Sendable static func checkMultifd(_ input: [UInt8]) throws -> String {
        try check(input, .multifd)
    }

    @Sendable static func checkReturnPath(_ input: [UInt8]) throws -> String {
        try check(input, .returnPath)
    }

    /// The first octet chooses the kind.
    @Sendable static func checkOthers(_ input: [UInt8]) throws -> String {
        guard let choice = input.first else { return "empty" }
        let kinds: [ChannelKind] = [.preempt, .continued, .cprState]
        return try check(Array(input.dropFirst()), kinds[Int(choice) % kinds.count])
    }

    private static func check(_ input: [UInt8], _ kind: ChannelKind) throws -> String {
        let whole = try outcome(of: input) { () throws(MigrationError) in
            try encode(.file(input), kind)
        }
        let pieces = try outcome(of: input) { () throws(MigrationError) in
            try encode(.pipe(input), kind)
        }
        try expect(whole == pieces, "pieces give something else: \(whole) \(pieces)")
        switch whole {
        case .failure(let error): return text(error)
        case .success(let file):
            try expectValid(file, .version4, "a channel's file")
            let count = ChannelCount(hasMain: false, channels: 1)
            try expect(try decode(.file(file), count) == [input], "other octets come back")
            try expect(
                try recode(.pipe(file), to: .version4) == file, "the file again is another one")
            var summary = SummaryVisitor()
            try MigrationFileReader(.file(file)).read(into: &summary)
            return "read"
        }
    }

    private static func encode(
        _ source: consuming ByteSource, _ kind: ChannelKind
    ) throws(MigrationError) -> [UInt8] {
        var writer = Version4Writer(.inMemory(), producer: "test")
        try writer.begin(StreamHeader(fileVersion: 0, channels: 1))
        var reader = StreamReader(source, context: StreamContext())
        try reader.readChannel(kind, into: &writer)
        try writer.end()
        var sink = writer.takeSink()
        do { return try sink.takeOctets() } catch {
            throw MigrationError(.io, expected: "", found: "\(error)")
        }
    }
}
