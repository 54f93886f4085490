import ArgumentParser
import ByteIO
import QEMUStream
import SystemPackage

/// Where the channels beside the main one go: files that appear when all are complete.
struct ChannelOutputs: ParsableArguments {
    @Option(
        name: .customLong("channel"), parsing: .singleValue,
        help: ArgumentHelp(
            "The output file for a channel beside the main one: one for each that the input has, in "
                + "their order.",
            valueName: "file"),
        completion: .file())
    var channels: [String] = []

    func validate() throws {
        guard !channels.contains("-") else {
            throw ValidationError("--channel wants a file, not standard output.")
        }
        // By what they name: links and `./` lead to the same file.
        let places = channels.compactMap(FilePlace.init(of:))
        guard Set(places).count == places.count else {
            throw ValidationError("--channel wants another file each time.")
        }
    }

    /// Whether a channel would go where the main output goes.
    /// - Parameter output: the path of `-o`; none for standard output.
    func hasPlace(of output: String?) -> Bool {
        guard let output, output != "-" else {
            return channels.contains { FilePlace.isFile(at: $0, of: .standardOutput) }
        }
        guard let place = FilePlace(of: output) else { return false }
        return channels.contains { FilePlace(of: $0) == place }
    }

    /// Runs `body` with the places to write to, and completes them if it succeeds.
    func withTargets(
        _ body: ([ChannelTarget]) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        try open(channels[...], [], body)
    }

    /// A file that can't be copied belongs to each level.
    private func open(
        _ paths: ArraySlice<String>, _ targets: [ChannelTarget],
        _ body: ([ChannelTarget]) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        guard let path = paths.first else { return try body(targets) }
        let file: OutputFile
        do { file = try OutputFile(path: path) } catch { throw CommandFailure(error, file: path) }
        let target = ChannelTarget(descriptor: file.descriptor, path: path)
        try open(paths.dropFirst(), targets + [target], body)
        do { try file.commit() } catch { throw CommandFailure(error, file: path) }
    }
}
