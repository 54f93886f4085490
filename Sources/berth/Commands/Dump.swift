import ArgumentParser
import BER
import ByteIO
import Glibc
import Inspection
import SystemPackage

struct Dump: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the elements of any BER file.",
        discussion: """
            Without a schema: offset, octets of head and content, tag and the beginning of each \
            value, for files of any size and depth.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case raw
    }

    @OptionGroup var input: InputOptions

    @Option(help: "How to list: raw, which needs no schema.")
    var format = Format.raw

    @Flag(help: "Print JSON, an object a line for each element.")
    var json = false

    @Option(
        help: ArgumentHelp("How many elements may stand inside each other.", valueName: "levels"))
    var maxDepth: Int = RawDumper.depthLimit

    func validate() throws {
        guard maxDepth > 0 else { throw ValidationError("--max-depth wants at least 1.") }
    }

    private static func hint(_ code: BERError.Code) -> String? {
        switch code {
        case .truncated: "the file was cut off, or it is no BER"
        case .depth: "--max-depth raises the limit"
        default: nil
        }
    }

    func run() throws {
        let source = try input.open()
        let sink = ByteSink(descriptor: .standardOutput, path: "standard output")
        var dumper = RawDumper(source, to: sink, asJSON: json, depthLimit: maxDepth)
        do throws(RawDumpError) {
            try dumper.run()
        } catch {
            switch error {
            case .output(let failure):
                // A reader that has seen enough (`| head`) is no error.
                if failure.errno == .brokenPipe { return }
                throw CommandFailure(failure, file: "standard output")
            case .input(let failure):
                if let io = failure.io { throw CommandFailure(io, file: input.name) }
                throw CommandFailure(
                    status: CommandFailure.unusable,
                    "\(input.name): offset 0x\(String(failure.at, radix: 16)): "
                        + "expected BER, found \(failure.code.rawValue) "
                        + "in the element at 0x\(String(failure.element, radix: 16))"
                        + (failure.detail.isEmpty ? "" : ": \(failure.detail)"),
                    hint: Self.hint(failure.code))
            }
        }
    }
}
