import Inspection

/// What a check of a stream found, as text.
struct CheckText {
    /// The stream's name.
    var file: String
    /// The files that told of the target.
    var targets: [String]
    var machine: String?

    // MARK: For people

    func human(_ finding: CompatibilityFinding) -> String {
        var text =
            "\(file): \(finding.severity.rawValue)[\(finding.code.rawValue)]: \(finding.message)\n"
        if case .stream(let offset)? = finding.place { text += "  at     \(Self.offset(offset))\n" }
        text += "  path   \(finding.path)\n"
        if let found = finding.found { text += "  found  \(found)\n" }
        if let expected = finding.expected { text += "  wanted \(expected)\n" }
        text += "  rule   \(finding.code.rule)\n"
        for (index, message) in finding.loaderMessages.enumerated() {
            text += (index == 0 ? "  QEMU   " : "      or ") + message + "\n"
        }
        return TextOutput.visible(text)
    }

    func human(_ verdict: LoadVerdict) -> String {
        var text = ""
        for need in verdict.needs { text += "needed: \(need)\n" }
        for gap in verdict.gaps {
            text += "not told: \(gap.text)"
            if !gap.names.isEmpty { text += ": " + Self.list(gap.names) }
            text += "\n"
        }
        text += "\(file): "
        let counts = Self.counts(verdict.findings)
        text +=
            verdict.isRefused
            ? "\(targetText) would refuse it: \(counts)\n"
            : "nothing found that keeps \(targetText) from loading it"
                + (counts.isEmpty ? "\n" : "; \(counts)\n")
        return TextOutput.visible(text)
    }

    private var targetText: String {
        let names = targets.joined(separator: ", ")
        guard let machine else { return names }
        return names.isEmpty ? machine : "\(machine) (\(names))"
    }

    /// Some names, and how many more there are.
    static func list(_ names: [String]) -> String {
        let shown = 12
        let text = names.prefix(shown).joined(separator: ", ")
        return names.count > shown ? text + " and \(names.count - shown) more" : text
    }

    /// `2 errors, 1 warning`
    static func counts(_ findings: [CompatibilityFinding]) -> String {
        CompatibilityFinding.Severity.allCases.compactMap { severity in
            let count = findings.count { $0.severity == severity }
            return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
        }
        .joined(separator: ", ")
    }

    private static func offset(_ offset: UInt64) -> String {
        let digits = String(offset, radix: 16)
        return "0x" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    // MARK: For programs

    struct Report: Encodable {
        struct Gap: Encodable {
            var code: String
            var text: String
            var names: [String]
        }

        struct Target: Encodable {
            var files: [String]
            var machine: String?
        }

        var file: String
        var target: Target
        /// `refused`, or `not refused` by what is known.
        var verdict: String
        var findings: [FindingReport]
        var gaps: [Gap]
        var needs: [String]
    }

    func report(_ verdict: LoadVerdict) -> Report {
        Report(
            file: file, target: .init(files: targets, machine: machine),
            verdict: verdict.isRefused ? "refused" : "not refused",
            findings: verdict.findings.map { FindingReport($0) },
            gaps: verdict.gaps.map {
                .init(code: $0.code.rawValue, text: $0.text, names: $0.names)
            }, needs: verdict.needs)
    }

    // MARK: For CI

    func github(_ findings: [CompatibilityFinding]) -> String {
        findings.map { WorkflowCommand.text($0, file: file, line: nil) }.joined()
    }

    func gitlab(_ findings: [CompatibilityFinding]) -> [QualityIssue] {
        findings.map { QualityIssue($0, file: file, line: 1) }
    }
}

/// A finding as JSON.
struct FindingReport: Encodable {
    var code: String
    var severity: String
    var path: String
    var message: String
    var rule: String
    var expected: String?
    var found: String?
    var loaderMessages: [String]
    /// Octets from the start of the stream.
    var offset: UInt64?
    // Of dumps alone.
    var direction: String?
    var section: String?
    var description: String?
    var field: String?
    var file: String?
    var line: Int?
    /// Whether QEMU's own script finds it.
    var staticChecker: Bool?

    init(_ finding: CompatibilityFinding) {
        code = finding.code.rawValue
        severity = finding.severity.rawValue
        path = finding.path
        message = finding.message
        rule = finding.code.rule
        expected = finding.expected
        found = finding.found
        loaderMessages = finding.loaderMessages
        if case .stream(let place)? = finding.place { offset = place }
        direction = finding.direction?.rawValue
        section = finding.section
        description = finding.description
        field = finding.field
        if finding.direction != nil { staticChecker = finding.code.isStaticCheckersRule }
    }
}
