import ByteIO
import Containers
import Inspection
import Migration
import QEMUStream

/// What encode and decode have in common: any input, driven into a writer.
struct Conversion {
    var input: InputOptions
    var reading: ReadingOptions
    /// Channels that are read behind the input.
    var channels = ChannelOptions.none
    /// Which snapshot to take out of a disk image.
    var snapshot: String?
    /// What is kept of the containers around the input.
    var keeping = ContainerOptions.Keeping.nothing

    /// Tells what was read and written.
    private func report(_ output: OutputOptions, _ size: UInt64) {
        let written = output.writtenSize.map { ", wrote \($0) octets" } ?? ""
        StandardError.line("berth: read \(size) octets of \(input.name)\(written)")
    }

    /// How the file of this name is to be read.
    private func options(_ name: String, _ layouts: DeviceLayouts) -> StreamOptions {
        let quiet = input.quiet
        return reading.options(layouts: layouts) { warning in
            if !quiet { StandardError.line("berth: warning: \(name): \(warning)") }
        }
    }

    /// Reads the input into what `makeWriter` makes of the output.
    func run<Writer: MigrationVisitor & ~Copyable>(
        to output: OutputOptions, _ makeWriter: (consuming ByteSink) -> Writer
    ) throws(CommandFailure) {
        let layouts = try reading.layouts()
        let quiet = input.quiet
        let inputName = input.name
        var layers: [ContainerLayer] = []
        let opened = try input.openInside(
            snapshot: snapshot, keeping: keeping, layers: &layers
        ) { warning in
            if !quiet { StandardError.line("berth: warning: \(inputName): \(warning)") }
        }
        let origin = opened.origin
        var source = opened.takeSource()
        let kind = try channels.kind(of: &source, input)
        let size = source.size
        let name = input.name(in: layers)
        var position: UInt64 = 0
        // Taken once: the source goes into the reader.
        var waiting: ByteSource? = source
        try output.withSink { (sink) throws(CommandFailure) in
            guard let source = waiting.take() else { return }
            var visitor = ProgressVisitor(makeWriter(sink), Progress(total: size, quiet: quiet))
            do throws(CommandFailure) {
                var version: Int?
                try channels.read(
                    source, kind, named: name, origin: origin, options: { options($0, layouts) },
                    into: &visitor,
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
