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
    /// Told of each warning, besides standard error.
    var warned: @Sendable (MigrationWarning) -> Void = { _ in }
    /// What the input is, once it is open.
    private(set) var kind = FileKind.unknown
    private var name = ""

    init(
        input: InputOptions, reading: ReadingOptions, channels: ChannelOptions = .none,
        snapshot: String? = nil
    ) {
        self.input = input
        self.reading = reading
        self.channels = channels
        self.snapshot = snapshot
    }

    /// Opens the input and what it is in.
    mutating func open() throws(CommandFailure) -> ByteSource {
        let quiet = input.quiet
        let inputName = input.name
        var layers: [ContainerLayer] = []
        let opened = try input.openInside(
            snapshot: snapshot, keeping: .nothing, layers: &layers
        ) { warning in
            if !quiet { StandardError.line("berth: warning: \(inputName): \(warning)") }
        }
        var source = opened.takeSource()
        kind = try channels.kind(of: &source, input)
        name = input.name(in: layers)
        return source
    }

    /// Opens the input and reads it into the visitor that `make` gives.
    /// - Parameters:
    ///   - make: told whether the input is a binary stream, so that offsets lead to values.
    ///   - finish: gets the visitor back, also if an error ended the input, which is thrown then.
    mutating func read<V: MigrationVisitor & ~Copyable>(
        _ make: (_ isBinary: Bool) throws(CommandFailure) -> V,
        finish: (consuming V) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        let source = try open()
        try read(source, try make(kind != .migrationBER), finish: finish)
    }

    /// Reads what was opened.
    func read<V: MigrationVisitor & ~Copyable>(
        _ source: consuming ByteSource, _ visitor: consuming V,
        finish: (consuming V) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        let layouts = try reading.layouts()
        let quiet = input.quiet
        let kind = kind
        let warned = warned
        let size = source.size
        var visitor = ProgressVisitor(visitor, Progress(total: size, quiet: quiet))
        var version: Int?
        var position: UInt64 = 0
        do throws(CommandFailure) {
            try channels.read(
                source, kind, named: name, origin: nil,
                options: { name in
                    reading.options(layouts: layouts) { warning in
                        warned(warning)
                        if !quiet { StandardError.line("berth: warning: \(name): \(warning)") }
                    }
                },
                into: &visitor, schemaVersion: &version, position: &position)
        } catch {
            try finish(visitor.finish())
            throw error
        }
        try finish(visitor.finish())
    }
}
