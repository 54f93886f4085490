import ByteIO
import Migration
import TestSupport
import Testing

/// Streams with one device.
enum Device {
    /// A stream with one device `dev`, whose vmdesc has these fields (and what else is given).
    static func stream(_ body: [UInt8], _ fields: String, _ more: String = "") -> [UInt8] {
        var stream = StreamBuilder()
        stream.configuration("m")
        stream.startRAM(2, RAM.endOfSection)
        stream.full(0, "dev", body)
        stream.end(
            #"{"page_size": 4096, "devices": [{"name": "dev", "instance_id": 0, "#
                + #""vmsd_name": "dev", "version": 1, "fields": [\#(fields)]\#(more)}]}"#)
        return stream.octets
    }

    /// Where `stream`'s body begins: header, configuration, RAM, the section's header.
    static let bodyOffset: UInt64 = 8 + 6 + (17 + 8 + 5) + 17

    static func line(
        _ hexBody: String, _ fields: String, _ more: String = "", warnings: Warnings = Warnings(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let stream = stream(octets(hexBody), fields, more)
        let lines = try events(stream, warnings: warnings)
        #expect(
            try rewrite(ByteSource(octets: stream)) == stream, sourceLocation: sourceLocation)
        return lines[5]
    }

    static func field(_ name: String, _ type: String, _ size: Int, _ more: String = "") -> String {
        #"{"name": "\#(name)", "type": "\#(type)"\#(more), "size": \#(size)}"#
    }

    static func element(_ name: String, _ inner: String) -> String {
        #", "vmsd_name": "\#(name)", "version": 1, "fields": [\#(inner)]"#
    }
}
