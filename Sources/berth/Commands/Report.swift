import ArgumentParser
import ByteIO
import Containers
import Inspection
import Migration
import QEMUStream

struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write one HTML page that shows what a file holds.",
        discussion: """
            The page needs nothing else: no network, no other file. It has a summary, a map of each \
            RAM block's pages, the sections in stream order and the devices with their fields. It \
            shows what became of each page of RAM, but nothing of its content. Of a file that is \
            damaged or cut off the page shows what could be read, and the exit status is 2.
            """)

    @OptionGroup var input: InputOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var reading: ReadingOptions
    @OptionGroup var channels: ChannelOptions

    @Option(
        help: ArgumentHelp(
            "Of a disk image: the snapshot to take, by ID or name.", valueName: "id|name"))
    var snapshot: String?

    /// What the page reads.
    private struct Page: Encodable {
        var file: String
        var summary: StreamSummary
        var contents: ReportContents
    }

    func run() throws {
        let layouts = try reading.layouts()
        let warnings = WarningList()
        var layers: [ContainerLayer] = []
        let inputName = input.name
        let opened = try input.openInside(
            snapshot: snapshot, keeping: .nothing, layers: &layers
        ) { warnings.add($0, of: inputName) }
        let origin = opened.origin
        var source = opened.takeSource()
        let kind = try channels.kind(of: &source, input)
        let size = source.size
        let options = { (name: String) in
            reading.options(layouts: layouts) { warnings.add($0, of: name) }
        }
        var visitor = ProgressVisitor(
            PairVisitor(SummaryVisitor(), ReportVisitor()),
            Progress(total: size, quiet: input.quiet))
        var failure: CommandFailure?
        var version: Int?
        var position: UInt64 = 0
        do throws(CommandFailure) {
            try channels.read(
                source, kind, named: input.name(in: layers), origin: origin, options: options,
                into: &visitor, schemaVersion: &version, position: &position)
        } catch {
            failure = error
        }
        let octets = size ?? position
        var (summary, contents) = visitor.finish().split {
            ($0.finished(), $1.finish(size: octets))
        }
        summary.complete(kind, version, layers, octets, failure, warnings)
        let page = ReportPage.text(
            with: try TextOutput.json(
                Page(file: input.name, summary: summary, contents: contents), isPretty: false))
        try output.withSink { (sink) throws(CommandFailure) in
            var sink = sink
            do throws(ByteIOError) {
                try sink.append(Array(page.utf8))
                try sink.flush()
            } catch { throw CommandFailure(error, file: output.output ?? "standard output") }
        }
        if let failure { throw failure }
    }
}
