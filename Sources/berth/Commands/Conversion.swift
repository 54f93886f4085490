import ByteIO
import Inspection
import Migration
import QEMUStream

/// What encode and decode have in common: any input, driven into a writer.
struct Conversion {
    var input: InputOptions
    var reading: ReadingOptions
    /// Channels that are read behind the input.
    var channels = ChannelOptions.none

    /// Tells what was read and written.
    private func report(_ output: OutputOptions, _ size: UInt64) {
        let written = output.writtenSize.map { ", wrote \($0) octets" } ?? ""
        StandardError.line("berth: read \(size) octets of \(input.name)\(written)")
    }

    /// How the file of this name is to be read.
    private func options(_ name: String) -> StreamOptions {
        let quiet = input.quiet
        return reading.options { warning in
            if !quiet { StandardError.line("berth: warning: \(name): \(warning)") }
        }
    }

    /// Reads the input into what `makeWriter` makes of the output.
    func run<Writer: MigrationVisitor & ~Copyable>(
        to output: OutputOptions, _ makeWriter: (consuming ByteSink) -> Writer
    ) throws(CommandFailure) {
        var source = try input.open()
        let kind = try channels.kind(of: &source, input)
        let size = source.size
        var position: UInt64 = 0
        // Taken once: the source goes into the reader.
        var opened: ByteSource? = source
        try output.withSink { (sink) throws(CommandFailure) in
            guard let source = opened.take() else { return }
            var visitor = ProgressVisitor(
                makeWriter(sink), Progress(total: size, quiet: input.quiet))
            do throws(CommandFailure) {
                var version: Int?
                try channels.read(
                    source, kind, of: input, options: options, into: &visitor,
                    schemaVersion: &version, position: &position)
            } catch {
                _ = visitor.finish()
                throw error
            }
            _ = visitor.finish()
        }
        if input.verbose { report(output, size ?? position) }
    }
}
