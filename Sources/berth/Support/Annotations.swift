import Inspection

/// A workflow command of GitHub Actions, which makes an annotation.
enum WorkflowCommand {
    static func text(_ finding: CompatibilityFinding, file: String, line: Int?) -> String {
        let command =
            switch finding.severity {
            case .error: "error"
            case .warning: "warning"
            case .note: "notice"
            }
        var properties = "file=\(property(file))"
        if let line { properties += ",line=\(line)" }
        properties += ",title=\(property("berth check: " + finding.code.rawValue))"
        return "::\(command) \(properties)::\(data(AnnotationText.message(finding)))\n"
    }

    /// Escapes as GitHub's toolkit does for what follows the colons.
    private static func data(_ text: String) -> String {
        escape(text, ["%": "%25", "\r": "%0D", "\n": "%0A"])
    }

    /// Escapes for a property's value.
    private static func property(_ text: String) -> String {
        escape(text, ["%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"])
    }

    private static func escape(
        _ text: String, _ escapes: [Unicode.Scalar: String]
    ) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if let escape = escapes[scalar] {
                result += escape
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return TextOutput.visible(result)
    }
}

/// An element of a GitLab code quality report.
struct QualityIssue: Encodable {
    struct Location: Encodable {
        struct Lines: Encodable {
            var begin: Int
        }

        var path: String
        var lines: Lines
    }

    var description: String
    var checkName: String
    var fingerprint: String
    var severity: String
    var location: Location

    private enum CodingKeys: String, CodingKey {
        case description
        case checkName = "check_name"
        case fingerprint, severity, location
    }

    init(_ finding: CompatibilityFinding, file: String, line: Int) {
        description = AnnotationText.message(finding)
        checkName = finding.code.rawValue
        severity =
            switch finding.severity {
            case .error: "major"
            case .warning: "minor"
            case .note: "info"
            }
        location = Location(path: file, lines: .init(begin: line))
        // The same finding has the same one in every run, wherever the line went.
        fingerprint = AnnotationText.hash(
            [finding.code.rawValue, finding.direction?.rawValue ?? "", finding.path, description])
    }
}

enum AnnotationText {
    static func message(_ finding: CompatibilityFinding) -> String {
        var text = finding.path.isEmpty ? "" : finding.path + ": "
        text += finding.message
        if let found = finding.found { text += "; found \(found)" }
        if let expected = finding.expected { text += "; wanted \(expected)" }
        if let message = finding.loaderMessages.first { text += ". QEMU: \(message)" }
        return text
    }

    /// FNV-1a, 64 bits, in hexadecimal: no secret, just a name.
    static func hash(_ parts: [String]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for octet in parts.joined(separator: "\u{1f}").utf8 {
            hash = (hash ^ UInt64(octet)) &* 0x100_0000_01b3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
