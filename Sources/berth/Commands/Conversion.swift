import ByteIO
import Containers
import Inspection
import Migration
import QEMUStream

/// What encode and decode have in common: any input, driven into a writer.
struct Conversion {
    var input: InputOptions
    var reading: ReadingOptions
    var keeping = ContainerOptions.Keeping.nothing

    /// Tells what was read and written.
    private func report(_ output: OutputOptions, _ size: UInt64) {
        let written = output.writtenSize.map { ", wrote \($0) octets" } ?? ""
        StandardError.line("berth: read \(size) octets of \(input.name)\(written)")
    }

    /// Reads the input into what `makeWriter` makes of the output.
    func run<Writer: MigrationVisitor & ~Copyable>(
        to output: OutputOptions, _ makeWriter: (consuming ByteSink) -> Writer
    ) throws(CommandFailure) {
        let quiet = input.quiet
        var layers: [ContainerLayer] = []
        let outerName = input.name
        let opened = try input.openInside(keeping: keeping, layers: &layers) { warning in
            if !quiet { StandardError.line("berth: warning: \(outerName): \(warning)") }
        }
        let origin = opened.origin
        var source = opened.takeSource()
        let kind = try input.kind(of: &source)
        let size = source.size
        let name = input.name(in: layers)
        let options = reading.options { warning in
            if !quiet { StandardError.line("berth: warning: \(name): \(warning)") }
        }
        var position: UInt64 = 0
        // Taken once: the source goes into the reader.
        var waiting: ByteSource? = source
        try output.withSink { (sink) throws(CommandFailure) in
            guard let source = waiting.take() else { return }
            var visitor = ProgressVisitor(makeWriter(sink), Progress(total: size, quiet: quiet))
            do throws(MigrationError) {
                var version: Int?
                try InputReader.read(
                    source, kind: kind, options: options, origin: origin, into: &visitor,
                    schemaVersion: &version, position: &position)
            } catch {
                _ = visitor.finish()
                throw CommandFailure(error, file: name)
            }
            _ = visitor.finish()
        }
        if input.verbose { report(output, size ?? position) }
    }
}
