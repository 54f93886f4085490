import ByteIO
import Containers
import Inspection
import Migration
import QEMUStream

/// An input of any kind that is read by one visitor: what commands that look have in common.
struct OpenedStream {
    var input: InputOptions
    var reading: ReadingOptions
    var channels = ChannelOptions.none
    /// Which snapshot to take out of a disk image.
    var snapshot: String?

    /// Reads the input into the visitor that `make` gives.
    /// - Parameters:
    ///   - make: told whether the input is a binary stream, so that offsets lead to values.
    ///   - finish: gets the visitor back, also if an error ended the input, which is thrown then.
    func read<V: MigrationVisitor & ~Copyable>(
        _ make: (_ isBinary: Bool) throws(CommandFailure) -> V,
        finish: (consuming V) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        let layouts = try reading.layouts()
        let quiet = input.quiet
        let inputName = input.name
        var layers: [ContainerLayer] = []
        let opened = try input.openInside(
            snapshot: snapshot, keeping: .nothing, layers: &layers
        ) { warning in
            if !quiet { StandardError.line("berth: warning: \(inputName): \(warning)") }
        }
        var source = opened.takeSource()
        let kind = try channels.kind(of: &source, input)
        let size = source.size
        let name = input.name(in: layers)
        var visitor = ProgressVisitor(
            try make(kind != .migrationBER), Progress(total: size, quiet: quiet))
        var version: Int?
        var position: UInt64 = 0
        do throws(CommandFailure) {
            try channels.read(
                source, kind, named: name, origin: nil,
                options: { name in
                    var options = reading.options(layouts: layouts) { warning in
                        if !quiet { StandardError.line("berth: warning: \(name): \(warning)") }
                    }
                    options.passesMappedPages = kind == .binaryStream && size != nil
                    return options
                },
                into: &visitor, schemaVersion: &version, position: &position)
        } catch {
            try finish(visitor.finish())
            throw error
        }
        try finish(visitor.finish())
    }
}
