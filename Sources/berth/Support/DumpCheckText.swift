import Inspection

/// What a comparison of two dumps found, as text.
struct DumpCheckText {
    /// A dump, in which places are told by line.
    struct File {
        var name: String
        /// Where lines begin.
        private var starts: [Int] = [0]

        init(name: String, json: [UInt8]) {
            self.name = name
            for (index, octet) in json.enumerated() where octet == UInt8(ascii: "\n") {
                starts.append(index + 1)
            }
        }

        /// The line, from 1, that an octet is in.
        func line(of offset: Int) -> Int {
            var low = 0
            var high = starts.count
            while high - low > 1 {
                let middle = (low + high) / 2
                if starts[middle] <= offset { low = middle } else { high = middle }
            }
            return low + 1
        }
    }

    var old: File
    var new: File
    /// Whether both directions were checked.
    var isBoth: Bool

    /// The file that a finding is in, and the line.
    private func place(_ finding: CompatibilityFinding) -> (file: String, line: Int) {
        let isForward = finding.direction != .backward
        switch finding.place {
        case .sender(let offset):
            let file = isForward ? old : new
            return (file.name, file.line(of: offset))
        case .receiver(let offset):
            let file = isForward ? new : old
            return (file.name, file.line(of: offset))
        default: return (new.name, 1)
        }
    }

    // MARK: For people

    func human(_ finding: CompatibilityFinding) -> String {
        let (file, line) = place(finding)
        var text = "\(file):\(line): \(finding.severity.rawValue)[\(finding.code.rawValue)]: "
        if !finding.path.isEmpty { text += "\(finding.path): " }
        text += finding.message
        if finding.found != nil || finding.expected != nil {
            text += " ("
            if let found = finding.found { text += "\(found) sent" }
            if finding.found != nil, finding.expected != nil { text += ", " }
            if let expected = finding.expected { text += "\(expected) read" }
            text += ")"
        }
        if isBoth, finding.direction == .backward { text += " [on the way back]" }
        return TextOutput.visible(text + "\n")
    }

    func verdict(_ findings: [CompatibilityFinding]) -> String {
        func line(_ direction: CompatibilityFinding.Direction, _ from: File, _ to: File) -> String {
            let mine = findings.filter { $0.direction == direction }
            let counts = CheckText.counts(mine)
            return "\(from.name) to \(to.name): \(counts.isEmpty ? "nothing found" : counts)\n"
        }
        var text = line(.forward, old, new)
        if isBoth { text += line(.backward, new, old) }
        return TextOutput.visible(text)
    }

    // MARK: For programs

    struct Report: Encodable {
        var old: String
        var new: String
        var findings: [FindingReport]
    }

    func report(_ findings: [CompatibilityFinding]) -> Report {
        Report(
            old: old.name, new: new.name,
            findings: findings.map {
                var report = FindingReport($0)
                (report.file, report.line) = place($0)
                return report
            })
    }

    // MARK: For CI

    func github(_ findings: [CompatibilityFinding]) -> String {
        findings.map {
            let (file, line) = place($0)
            return WorkflowCommand.text($0, file: file, line: line)
        }
        .joined()
    }

    func gitlab(_ findings: [CompatibilityFinding]) -> [QualityIssue] {
        findings.map {
            let (file, line) = place($0)
            return QualityIssue($0, file: file, line: line)
        }
    }
}
