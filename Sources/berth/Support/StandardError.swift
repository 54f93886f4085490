import SystemPackage

/// Lines for people, beside the output.
enum StandardError {
    static func line(_ text: String) {
        var visible = ""
        for scalar in text.unicodeScalars {
            // Names come from the input: a terminal must not obey them.
            let isControl = scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
            visible.unicodeScalars.append(isControl ? "\u{fffd}" : scalar)
        }
        _ = try? FileDescriptor.standardError.writeAll((visible + "\n").utf8)
    }
}
