import ArgumentParser
import ByteIO
import Containers
import Inspection
import Migration
import Synchronization

struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what a file is and what it holds.",
        discussion: """
            Of a file that is damaged or cut off it tells what could be read, then the error, \
            and exits with 2.
            """)

    @OptionGroup var input: InputOptions
    @OptionGroup var reading: ReadingOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let warnings = WarningList()
        var layers: [ContainerLayer] = []
        var source: ByteSource
        do {
            source = try input.openInside(keeping: .nothing, layers: &layers) { warnings.add($0) }
                .takeSource()
        } catch {
            try tellContainers(layers, error, warnings)
            throw error
        }
        let name = input.name(in: layers)
        let kind = try input.kind(of: &source)
        let size = source.size
        let options = reading.options { warnings.add($0) }
        var visitor = ProgressVisitor(
            SummaryVisitor(), Progress(total: size, quiet: input.quiet))
        var failure: MigrationError?
        var version: Int?
        var position: UInt64 = 0
        do throws(MigrationError) {
            try InputReader.read(
                source, kind: kind, options: options, into: &visitor, schemaVersion: &version,
                position: &position)
        } catch {
            failure = error
        }
        let summaryVisitor = visitor.finish()
        var summary = summaryVisitor.summary
        summary.containers = layers
        summary.kind = kind.rawValue
        summary.schemaVersion = version
        summary.size = size ?? position
        summary.error = failure.map { "\($0)" }
        summary.warnings = warnings.all.map {
            StreamSummary.Warning(
                code: $0.code.rawValue, offset: $0.offset, path: $0.path, message: $0.message)
        }
        if json {
            try TextOutput.write(try TextOutput.json(summary))
        } else if kind == .binaryStream || kind == .migrationBER {
            try TextOutput.write(summary.text)
        } else {
            let containers = summary.containerText
            try TextOutput.write(
                (containers.isEmpty ? "" : containers + "\n")
                    + "kind             \(kind.rawValue)\n")
        }
        if !input.quiet, !json {
            for warning in warnings.all {
                StandardError.line("berth: warning: \(name): \(warning)")
            }
        }
        if let failure { throw CommandFailure(failure, file: name) }
    }

    /// Tells what was found before a container could not be opened.
    private func tellContainers(
        _ layers: [ContainerLayer], _ failure: CommandFailure, _ warnings: WarningList
    ) throws {
        guard !layers.isEmpty else { return }
        var summary = StreamSummary()
        summary.containers = layers
        summary.kind = FileKind.unknown.rawValue
        summary.error = failure.message
        if json {
            try TextOutput.write(try TextOutput.json(summary))
        } else {
            try TextOutput.write(summary.containerText + "\n")
        }
    }
}

/// Warnings, kept until the table that they belong to has been printed.
private final class WarningList: Sendable {
    private let list = Mutex<[MigrationWarning]>([])

    var all: [MigrationWarning] { list.withLock { $0 } }

    func add(_ warning: MigrationWarning) { list.withLock { $0.append(warning) } }
}
