import Migration
import QEMUStream

/// JSON that describes devices: a stream's vmdesc, and what `-dump-vmstate` writes. The input is the
/// JSON, an octet of 0, and sections of a stream that it is tried on.
enum DescriptionProperties {
    @Sendable static func checkDescription(_ input: [UInt8]) throws -> String {
        let (json, sections) = split(input)
        var verdict = "description read"
        do throws(VMDescription.Fault) { _ = try VMDescription(json: json) } catch {
            try expect(error.offset <= json.count, "a fault behind the text: \(error)")
            verdict = "no description at \(error.offset)"
        }
        var stream: [UInt8] = [0x51, 0x45, 0x56, 0x4d, 0, 0, 0, 3] + sections + [0, 6]
        let count = UInt32(truncatingIfNeeded: json.count)
        stream += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + json
        return try verdict + ", stream " + StreamProperties.check(stream)
    }

    @Sendable static func checkDump(_ input: [UInt8]) throws -> String {
        let (json, sections) = split(input)
        var layouts = DeviceLayouts()
        do throws(VMDescription.Fault) { try layouts.add(dump: json) } catch {
            try expect(error.offset <= json.count, "a fault behind the text: \(error)")
            return "no dump at \(error.offset)"
        }
        var options = StreamOptions()
        options.layouts = layouts
        let stream = [0x51, 0x45, 0x56, 0x4d, 0, 0, 0, 3] + sections + [0]
        return try "dump read, stream " + StreamProperties.check(stream, options)
    }

    private static func split(_ input: [UInt8]) -> (json: [UInt8], sections: [UInt8]) {
        let end = input.firstIndex(of: 0) ?? input.count
        return (Array(input[..<end]), Array(input[min(end + 1, input.count)...]))
    }
}
