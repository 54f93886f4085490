import ArgumentParser
import ByteIO
import Inspection
import Migration
import QEMUStream
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
        var source = try input.open()
        let kind = try input.kind(of: &source)
        let size = source.size
        let warnings = WarningList()
        var options = reading.options { warnings.add($0) }
        // In a file, a bitmap tells enough of its pages.
        options.passesMappedPages = kind == .binaryStream && size != nil && input.input != "-"
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
        summary.kind = kind.rawValue
        summary.schemaVersion = version
        summary.size = size ?? position
        if options.passesMappedPages, summary.blocks.contains(where: { $0.mapped != nil }) {
            let file = try input.open()
            do { try MappedFile.look(into: file, &summary) } catch {
                throw CommandFailure(error, file: input.name)
            }
        }
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
            try TextOutput.write("kind             \(kind.rawValue)\n")
        }
        if !input.quiet, !json {
            for warning in warnings.all {
                StandardError.line("berth: warning: \(input.name): \(warning)")
            }
        }
        if let failure { throw CommandFailure(failure, file: input.name) }
    }
}

/// Warnings, kept until the table that they belong to has been printed.
private final class WarningList: Sendable {
    private let list = Mutex<[MigrationWarning]>([])

    var all: [MigrationWarning] { list.withLock { $0 } }

    func add(_ warning: MigrationWarning) { list.withLock { $0.append(warning) } }
}
