import ByteIO
import Inspection
import Migration
import QEMUStream

/// The binary stream: what is read comes back, directly and through both BER versions.
enum StreamProperties {
    @Sendable static func check(_ input: [UInt8]) throws -> String {
        let main = try check(input, StreamOptions())
        // A pipe is read without knowing its end; if it is read, then to the octet.
        if case .success(let again) = try outcome(
            of: input, { () throws(MigrationError) in try rewrite(.pipe(input)) })
        {
            try expect(again == input, "from a pipe other octets come back")
            let first = try encode(.pipe(input, turn: 1), .version4)
            let second = try encode(.pipe(input, turn: 2), .version4)
            try expect(first == second, "pieces of other sizes give another file")
            try expect(try decode(.file(first)) == [input], "other octets from a pipe's file")
        }
        return main
    }

    /// A file.
    static func check(_ input: [UInt8], _ options: StreamOptions) throws -> String {
        let again = try outcome(of: input) { () throws(MigrationError) in
            try rewrite(.file(input), options)
        }
        var summary = SummaryVisitor()
        var reader = StreamReader(.file(input), options: options)
        switch again {
        case .failure(let error):
            // Whoever only looks must see the same fault.
            do throws(MigrationError) {
                try reader.read(into: &summary)
            } catch { return text(error) }
            throw Breach("a summary reads what a writer refuses: \(error)")
        case .success(let octets):
            try expect(octets == input, "other octets come back")
            try reader.read(into: &summary)
        }
        for format in Format.allCases {
            let file = try encode(.file(input), format, options)
            try expectValid(file, format, "a \(format) file")
            try expect(
                try decode(.file(file)) == [input], "other octets come back from \(format)")
            try expect(
                try recode(.pipe(file), to: format) == file, "\(format) again is another file")
            let other = try recode(.file(file), to: format.other)
            try expect(
                try decode(.pipe(other)) == [input],
                "other octets come back from \(format) made \(format.other)")
        }
        return "read"
    }
}
