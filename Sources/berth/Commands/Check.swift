import ArgumentParser
import ByteIO
import FoundationEssentials
import Inspection
import Migration
import QEMUStream

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tell whether a stream would load in another QEMU, or whether one can load "
            + "another's.",
        usage: """
            berth check [IN] --against FILE... [--machine NAME] [--ram NAME=LENGTH]...
            berth check OLD.json NEW.json [--both] [--renames FILE]...
            """,
        discussion: """
            With a stream: each section, field, subsection and RAM block that the target's QEMU \
            would refuse or misread, with its place in the stream and what QEMU would say. The \
            target is told by --against: what its -dump-vmstate wrote (qemu-system-… -M MACHINE \
            -dump-vmstate FILE) tells its devices' fields, a stream that it saved its devices and RAM \
            blocks. Of a migration over several connections (multifd, post-copy's preempt channel) \
            the main channel is enough: sections and blocks stand there, the others carry pages.

            With two -dump-vmstate files: whether streams of the first program load in the second, as \
            QEMU's scripts/vmstate-static-checker.py tells, and what it misses.

            Exit status: 0 nothing found that stops it; 1 something; 2 a file can't be read.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, github, gitlab
    }

    enum Threshold: String, ExpressibleByArgument, CaseIterable {
        case error, warning
    }

    @Argument(
        help: "A stream in any form, or two -dump-vmstate files; - is standard input.",
        completion: .file())
    var inputs: [String] = ["-"]

    @OptionGroup var target: CheckTargetOptions

    @Flag(help: "Of two dumps: check the way back, too. What is found there is a warning.")
    var both = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "JSON with names that changed without changing the wire, in addition to those known.",
            valueName: "file"),
        completion: .file())
    var renames: [String] = []

    @Flag(help: "Print the names that are known to have changed, as --renames takes them.")
    var listRenames = false

    @Flag(
        help: "Of two dumps: only what QEMU's vmstate-static-checker.py looks for.")
    var staticChecker = false

    @Option(help: "What makes the exit status 1: error, or warning too.")
    var failOn = Threshold.error

    @Option(
        help: ArgumentHelp(
            "How findings are told: text, json, github (workflow commands), or gitlab (a code "
                + "quality report)."))
    var format = Format.text

    @Flag(help: "Print JSON: the same as --format json.")
    var json = false

    @Flag(name: .shortAndLong, help: "Errors alone: no warnings, notes, verdict or progress.")
    var quiet = false

    @OptionGroup var reading: ReadingOptions

    func validate() throws {
        guard (1...2).contains(inputs.count) else {
            throw ValidationError("One stream, or two -dump-vmstate files.")
        }
    }

    func run() throws {
        let table = try renameTable()
        if listRenames { return try TextOutput.write(try TextOutput.json(table)) }
        if inputs.count == 2 { return try compareDumps(table) }
        try checkStream(table)
    }

    private func renameTable() throws(CommandFailure) -> RenameTable {
        var table = RenameTable.known
        for file in renames {
            let input = InputOptions.of(file, quiet: true)
            var source = try input.openInside()
            let text = try DumpFile.content(of: &source, file)
            do {
                table.add(try JSONDecoder().decode(RenameTable.self, from: Data(text)))
            } catch {
                throw CommandFailure(
                    status: CommandFailure.unusable,
                    "\(file): not a table of renames: \(Self.reason(error))",
                    hint: "berth check --list-renames shows what it looks like")
            }
        }
        return table
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .keyNotFound(_, let context), .dataCorrupted(let context):
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? "no JSON object" : "\(path) is of another type"
        @unknown default: return "no JSON object"
        }
    }

    // MARK: A stream

    private func checkStream(_ table: RenameTable) throws {
        let input = InputOptions.of(inputs[0], quiet: quiet)
        guard !target.files.isEmpty || target.machine != nil || !target.blocks.isEmpty else {
            throw CommandFailure(
                status: CommandFailure.usage, "there is nothing to check against",
                hint: "--against FILE takes what the target's QEMU wrote by -dump-vmstate, or a "
                    + "stream that it saved; or name two dumps")
        }
        var layouts = try reading.layouts()
        let machine = try target.target(layouts: &layouts)
        var source = try input.openInside()
        let kind = try input.kind(of: &source)
        guard kind != .vmstateDump else {
            throw CommandFailure(
                status: CommandFailure.usage, "\(input.name) is a -dump-vmstate file",
                hint: "two dumps are compared without --against: berth check OLD.json NEW.json")
        }
        let options = reading.options(layouts: layouts) { _ in }
        let stream = try InventoryReader.inventory(
            source, kind, input, options: options, quiet: quiet)
        let verdict = StreamCheck.verdict(of: stream, in: machine, renames: table)
        let text = CheckText(
            file: input.name, targets: target.files, machine: machine.machine)
        let shown = shown(verdict.findings)
        switch json ? .json : format {
        case .json: try TextOutput.write(try TextOutput.json(text.report(verdict)))
        case .github: try TextOutput.write(text.github(shown))
        case .gitlab: try TextOutput.write(try TextOutput.json(text.gitlab(shown)))
        case .text:
            try TextOutput.write(shown.map { text.human($0) }.joined())
            if !quiet { try TextOutput.write(text.human(verdict)) }
        }
        try fail(verdict.findings)
    }

    private func shown(_ findings: [CompatibilityFinding]) -> [CompatibilityFinding] {
        quiet ? findings.filter { $0.severity == .error } : findings
    }

    private func fail(_ findings: [CompatibilityFinding]) throws(CommandFailure) {
        let fails = findings.contains {
            $0.severity == .error || failOn == .warning && $0.severity == .warning
        }
        if fails { throw CommandFailure(status: 1, "") }
    }

    // MARK: Two dumps

    private func compareDumps(_ table: RenameTable) throws {
        guard target.files.isEmpty, target.machine == nil, target.blocks.isEmpty else {
            throw CommandFailure(
                status: CommandFailure.usage, "--against, --machine and --ram go with one stream")
        }
        let old = try dump(inputs[0])
        let new = try dump(inputs[1])
        var findings = DumpComparison.findings(
            from: old.dump, to: new.dump, renames: table, direction: .forward)
        if both {
            findings += DumpComparison.findings(
                from: new.dump, to: old.dump, renames: table, direction: .backward)
        }
        if staticChecker { findings.removeAll { !$0.code.isStaticCheckersRule } }
        let text = DumpCheckText(
            old: .init(name: old.name, json: old.json),
            new: .init(name: new.name, json: new.json), isBoth: both)
        let shown = shown(findings)
        switch json ? .json : format {
        case .json: try TextOutput.write(try TextOutput.json(text.report(findings)))
        case .github: try TextOutput.write(text.github(shown))
        case .gitlab: try TextOutput.write(try TextOutput.json(text.gitlab(shown)))
        case .text:
            try TextOutput.write(shown.map { text.human($0) }.joined())
            if !quiet { try TextOutput.write(text.verdict(findings)) }
        }
        try fail(findings)
    }

    private func dump(
        _ file: String
    ) throws(CommandFailure) -> (name: String, dump: DumpDescription, json: [UInt8]) {
        let input = InputOptions.of(file, quiet: quiet)
        var source = try input.openInside()
        let json = try DumpFile.content(of: &source, input.name)
        return (input.name, try DumpFile.description(json, input.name), json)
    }
}
