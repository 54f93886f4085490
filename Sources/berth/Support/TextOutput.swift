import FoundationEssentials
import Glibc
import Migration
import SystemPackage

/// Text for people or programs on standard output.
enum TextOutput {
    /// Writes text. A reader that has seen enough (`| head`) is no error.
    static func write(_ text: String) throws(CommandFailure) {
        do {
            try FileDescriptor.standardOutput.writeAll(text.utf8)
        } catch {
            if error as? Errno == .brokenPipe { Glibc.exit(0) }
            throw CommandFailure(
                status: CommandFailure.unusable, "standard output: cannot write: \(error)")
        }
    }

    /// Text with names from the input in it, which a terminal must not obey.
    static func visible(_ text: String) -> String {
        var visible = ""
        for scalar in text.unicodeScalars {
            let isControl =
                scalar.value < 0x20 && scalar != "\n" || (0x7f..<0xa0).contains(scalar.value)
            visible.unicodeScalars.append(isControl ? "\u{fffd}" : scalar)
        }
        return visible
    }

    /// As ``write(_:)``, for what a reader calls.
    static func writeOrFault(_ text: String) throws(MigrationError) {
        do throws(CommandFailure) { try write(text) } catch {
            throw MigrationError(.io, expected: "", found: error.message)
        }
    }

    /// A value as JSON, with sorted keys.
    static func json(
        _ value: some Encodable, isPretty: Bool = true
    ) throws(CommandFailure) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        do {
            let text = String(decoding: try encoder.encode(value), as: UTF8.self)
            var escaped = ""
            for scalar in text.unicodeScalars {
                // JSON lets these stand as they are, but terminals obey them. All are in strings.
                if (0x7f..<0xa0).contains(scalar.value) {
                    escaped += "\\u00" + String(scalar.value, radix: 16)
                } else {
                    escaped.unicodeScalars.append(scalar)
                }
            }
            return escaped + "\n"
        } catch {
            throw CommandFailure(
                status: CommandFailure.unusable, "the result can't be written as JSON: \(error)")
        }
    }
}
