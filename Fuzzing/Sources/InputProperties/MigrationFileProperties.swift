import ByteIO
import Inspection
import Migration
import MigrationBER
import QEMUStream
import SchemaValidation

/// BER files of either version, made by anyone.
enum MigrationFileProperties {
    @Sendable static func check(_ input: [UInt8]) throws -> String {
        var summary = SummaryVisitor()
        let looked = try outcome(of: input) { () throws(MigrationError) in
            try MigrationFileReader(.file(input)).read(into: &summary)
        }
        if case .failure(let error) = looked {
            // What can't be read at all can't be decoded either.
            if case .success = try outcome(
                of: input, { () throws(MigrationError) in try decode(.file(input)) })
            {
                throw Breach("a writer takes what a summary refuses: \(error)")
            }
            return text(error)
        }
        // A number of four octets stands for any count of them, which would be held here.
        guard summary.summary.leadingZeros <= 1 << 20 else { return "read, not decoded" }
        let channels = summary.summary.channels.count
        let count = ChannelCount(
            hasMain: summary.summary.streamVersion != 0, channels: channels)
        let decoded = try outcome(of: input) { () throws(MigrationError) in
            try decode(.file(input), count)
        }
        let octets: [[UInt8]]
        switch decoded {
        // Numbers that only a writer of the binary stream looks at.
        case .failure(let error): return "decode: " + text(error)
        case .success(let result): octets = result
        }
        try expect(try decode(.pipe(input), count) == octets, "pieces give other octets")
        for format in Format.allCases {
            let again = try outcome(of: input) { () throws(MigrationError) in
                try recode(.file(input), to: format)
            }
            guard case .success(let file) = again else {
                // Version 3 has no place for channels, nor for what it can't name.
                if format == .version3, case .failure(let error) = again,
                    error.code == .unsupported
                {
                    continue
                }
                throw Breach("\(format) refuses what can be decoded: \(again)")
            }
            try expectValid(file, format, "a \(format) file")
            try expect(
                try decode(.file(file), count) == octets, "other octets from it as \(format)")
            try expect(
                try recode(.pipe(file), to: format) == file, "\(format) again is another file")
        }
        return "read"
    }
}
