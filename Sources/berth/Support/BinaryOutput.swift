import ArgumentParser
import ByteIO
import Glibc
import Migration
import SystemPackage

/// Where binary output goes: a file that appears when it is complete, or standard output.
struct OutputOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The output file. It appears under its name only when it is complete.",
            valueName: "file"),
        completion: .file())
    var output: String?

    /// Octets of the file that was written, if it is one.
    var writtenSize: UInt64? {
        guard let output, output != "-", let source = try? ByteSource(path: output) else {
            return nil
        }
        return source.size
    }

    /// Runs `body` with the place to write to, and completes the output if it succeeds.
    func withSink(
        _ body: (consuming ByteSink) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        guard let output, output != "-" else {
            guard isatty(STDOUT_FILENO) == 0 else {
                throw CommandFailure(
                    status: CommandFailure.usage, "binary output is not written to a terminal",
                    hint: "name a file with -o, or pipe it on")
            }
            return try body(ByteSink(descriptor: .standardOutput, path: "standard output"))
        }
        let file: OutputFile
        do { file = try OutputFile(path: output) } catch {
            throw CommandFailure(error, file: output)
        }
        try body(ByteSink(descriptor: file.descriptor, path: output))
        do { try file.commit() } catch { throw CommandFailure(error, file: output) }
    }
}
