public import ASN1

/// Findings as text, for people and for programs.
public struct FindingText: Sendable {
    /// The input's name.
    public var file: String
    private let schemas: [SourceFile]

    /// - Parameter schemas: the module texts, whose lines are shown.
    public init(file: String, schemas: [SourceFile]) {
        self.file = file
        self.schemas = schemas
    }

    /// Content octets that are shown: enough to know the place again, too few to leak a secret.
    static let shownContent = 4

    // MARK: One line

    public func line(_ finding: Finding) -> String {
        var text =
            "\(file):\(Hex.offset(finding.offset)): \(finding.severity.rawValue)"
            + "[\(finding.code.rawValue)]: \(finding.pathText): \(finding.message)"
        if !finding.keys.isEmpty { text += " [\(FindingText.keys(finding))]" }
        if let rule = finding.rule { text += " (\(rule.file):\(rule.line):\(rule.column))" }
        return text
    }

    /// `name = "timer", version = 2`
    private static func keys(_ finding: Finding) -> String {
        finding.keys.map { "\($0.name) = \($0.value)" }.joined(separator: ", ")
    }

    // MARK: For people

    public func human(_ finding: Finding) -> String {
        var text = "\(file): \(finding.severity.rawValue)[\(finding.code.rawValue)]: "
        text += finding.message + "\n"
        text += "  at     \(Hex.offset(finding.offset))"
        if finding.at != finding.offset { text += ", octet \(Hex.offset(finding.at))" }
        if let content = finding.contentOffset, let length = finding.length {
            let (end, overflow) = content.addingReportingOverflow(length)
            text += ", content \(Hex.offset(content))..<\(overflow ? "?" : Hex.offset(end))"
        }
        text += "\n  path   \(finding.pathText)\n"
        if !finding.keys.isEmpty { text += "  where  \(FindingText.keys(finding))\n" }
        text += octets(finding)
        if let found = finding.found { text += "  found  \(found)\n" }
        if !finding.allowed.isEmpty {
            text += "  wanted \(finding.allowed.joined(separator: "\n         "))\n"
        }
        if let rule = finding.rule { text += "  rule   " + place(rule) }
        if let use = finding.use { text += "  used   " + place(use) }
        text +=
            finding.isRecovered
            ? "  note   reading goes on after it\n" : "  note   reading ends here\n"
        return text
    }

    private func place(_ place: Finding.SchemaPlace) -> String {
        var text = "\(place.file):\(place.line):\(place.column)"
        if let source = schemas.first(where: { $0.name == place.file }) {
            text += "   " + FindingText.trimmed(source.line(place.line))
        }
        return text + "\n"
    }

    /// A line of module text without indentation, comment and comma.
    static func trimmed(_ line: String) -> String {
        var scalars = Array(line.unicodeScalars)
        var index = 0
        while index + 1 < scalars.count {
            if scalars[index] == "-", scalars[index + 1] == "-" {
                scalars.removeSubrange(index...)
                break
            }
            index += 1
        }
        while let last = scalars.last, last == " " || last == "\t" || last == "," || last == "\r" {
            scalars.removeLast()
        }
        var result = String.UnicodeScalarView()
        for scalar in scalars.drop(while: { $0 == " " || $0 == "\t" }) {
            result.append(scalar.value < 0x20 ? "\u{fffd}" : scalar)
        }
        return String(result)
    }

    private func octets(_ finding: Finding) -> String {
        guard !finding.octets.isEmpty, finding.headSize > 0 else { return "" }
        let shown = Array(finding.octets.prefix(finding.headSize + FindingText.shownContent))
        var text = "  octets"
        var marks = "        "
        var note = ""
        let marked: Range<Int>
        let index = finding.at >= finding.offset ? Int(clamping: finding.at - finding.offset) : 0
        switch finding.code {
        case .size, .booleanLength, .integerLength, .nullLength, .lengthOverrunsParent,
            .objectIdentifierLength, .lengthNotMinimal, .indefinitePrimitive, .lengthReserved,
            .indefiniteForbidden, .definiteForbidden:
            marked = finding.tagSize..<finding.headSize
            if let length = finding.length { note = " length \(length)" }
        case _ where index < finding.tagSize: marked = 0..<finding.tagSize
        default: marked = index..<index + 1
        }
        for (position, octet) in shown.enumerated() {
            if position == finding.headSize {
                text += " |"
                marks += "  "
            }
            text += " " + Hex.octet(octet)
            if marked.contains(position) {
                marks += position > marked.lowerBound ? "^^^" : " ^^"
            } else {
                marks += "   "
            }
        }
        if let length = finding.length,
            Int(clamping: length) > FindingText.shownContent
                || finding.octets.count > shown.count
        {
            text += " …"
        }
        while marks.last == " " { marks.removeLast() }
        return text + "\n" + (marks.isEmpty ? "" : marks + note + "\n")
    }

    // MARK: JSON

    /// One object in one line.
    public func json(_ finding: Finding) -> String {
        var members = [
            ("severity", JSONText.string(finding.severity.rawValue)),
            ("code", JSONText.string(finding.code.rawValue)),
            ("message", JSONText.string(finding.message)),
            ("file", JSONText.string(file)),
            ("offset", "\(finding.offset)"), ("at", "\(finding.at)"),
            ("contentOffset", finding.contentOffset.map { "\($0)" } ?? "null"),
            ("length", finding.length.map { "\($0)" } ?? "null"),
        ]
        let path = finding.path.map { step in
            switch step {
            case .name(let name): JSONText.string(name)
            case .index(let index): "\(index)"
            }
        }
        members += [
            ("path", "[\(path.joined(separator: ","))]"),
            ("type", JSONText.string(finding.type)),
            ("found", finding.found.map { JSONText.string($0) } ?? "null"),
            ("allowed", "[\(finding.allowed.map { JSONText.string($0) }.joined(separator: ","))]"),
            ("rule", json(finding.rule)), ("use", json(finding.use)),
            ("recovered", finding.isRecovered ? "true" : "false"),
        ]
        if !finding.keys.isEmpty {
            // Structures in each other may have keys of one name.
            let keys = finding.keys.map {
                JSONText.object([
                    ("name", JSONText.string($0.name)), ("value", JSONText.string($0.value)),
                ])
            }
            members.append(("keys", "[\(keys.joined(separator: ","))]"))
        }
        return JSONText.object(members)
    }

    private func json(_ place: Finding.SchemaPlace?) -> String {
        guard let place else { return "null" }
        return JSONText.object([
            ("file", JSONText.string(place.file)), ("line", "\(place.line)"),
            ("column", "\(place.column)"),
        ])
    }

    /// What stands behind all findings.
    public func summary(_ outcome: SchemaValidator.Outcome, _ program: ValidationProgram) -> String
    {
        let errors = outcome.findings.count { $0.severity == .error }
        return JSONText.object([
            (
                "summary",
                JSONText.object([
                    ("file", JSONText.string(file)),
                    ("type", JSONText.string(program.typeName)),
                    ("rules", JSONText.string(program.rules.rawValue)),
                    ("valid", outcome.isValid ? "true" : "false"), ("errors", "\(errors)"),
                    ("warnings", "\(outcome.findings.count - errors)"),
                    ("values", "\(outcome.values)"), ("elements", "\(outcome.elements)"),
                    ("octets", "\(outcome.octets)"),
                    ("complete", outcome.isCutShort ? "false" : "true"),
                ])
            )
        ])
    }
}
